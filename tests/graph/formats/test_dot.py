import pytest

from causalrec.errors import CycleError, GraphError, GraphSyntaxError
from causalrec.graph import CausalGraph
from causalrec.graph.formats import read_document, read_dot, write_dot

NAMED = {  # name: (text, edges, bidirected)
    "chain": ("digraph { a -> b -> c }", "ab bc", ""),
    "no blanks": ("digraph{a->b;c->d}", "ab cd", ""),
    "strict, and a name": ("STRICT DiGraph my_graph { a -> b }", "ab", ""),
    "group": ("digraph { a -> {b c} }", "ab ac", ""),
    "groups on both sides": ("digraph { {a; b} -> {c d} }", "ac ad bc bd", ""),
    "edges in a group": ("digraph { {a -> b} -> c }", "ab ac bc", ""),
    "groups in groups": ("digraph { a -> {b {c; {d}}} }", "ab ac ad", ""),
    "subgraphs": ("digraph { subgraph x { a } -> subgraph { b } -> c }", "ab bc", ""),
    "turned as drawn": ("digraph { a -> b [dir=back] }", "ba", ""),
    "two heads as drawn": ("digraph { a -> b [color=red, dir=both] }", "", "ab"),
    "default of edges": ("digraph { edge [dir=both]; a -> b; edge [dir=forward] b -> c }", "bc", "ab"),
    "default in a subgraph only": ("digraph { { edge [dir=both]; a -> b } b -> c }", "bc", "ab"),
    "several lists": ("digraph { a -> b [color=red] [dir=both]; }", "", "ab"),
    "ports": ("digraph { a:p -> b:q:nw }", "ab", ""),
    "comments": ("# x\n// y\ndigraph { a /* -> c */ -> b // -> d\n# -> e\n}", "ab", ""),
    "settings": ('digraph { rankdir=LR; graph [label=x]; a -> b; label="a -> c" }', "ab", ""),
    "numbers": ("digraph { 1 -> -2.5 }", [("1", "-2.5")], ""),
    "quotes joined": ('digraph { "a" + "b" -> c }', [("ab", "c")], ""),
    "what quotes escape": (r'digraph { "a\"b\n\\" -> c }', [('a"b\\n\\\\', "c")], ""),
    "a line that goes on": ('digraph { "a\\\nb" -> c }', [("ab", "c")], ""),
    "markup as a name": ("digraph { <a &lt; b> -> c }", [("a < b", "c")], ""),
    "markup as a label": ("digraph { a [label=<<b>x; y</b> <i>c</i>>]; a -> b }", "ab", ""),
    "label is no name": ('digraph { a [label="price"]; a -> b }', "ab", ""),
    "twice the same": ("digraph { a -> b; a -> b }", "ab", ""),
    "not only ascii": ("digraph { größe -> 価格 }", [("größe", "価格")], ""),
}


@pytest.mark.parametrize(("text", "edges", "bidirected"), NAMED.values(), ids=NAMED)
def test_named_text(text, edges, bidirected):
    edges, bidirected = (
        [tuple(pair) for pair in (pairs.split() if isinstance(pairs, str) else pairs)] for pairs in (edges, bidirected)
    )
    assert read_dot(text) == CausalGraph(edges, bidirected=bidirected)


def test_attributes_of_nodes_are_read():
    document = read_document(
        'digraph { node [observed="no"]; u; node [observed=yes]; a [roles="treatment, block", pos="1.5,-2!"];'
        " b [latent=true]; u [color=red]; c [role=outcome] u -> a -> c }"
    )
    assert document.graph.latent == {"u", "b"}
    assert document.graph.roles == {"a": {"treatment", "block"}, "c": {"outcome"}}
    assert document.positions == {"a": (1.5, -2.0)}


BAD = {  # name: (text, line, column, found, expected)
    "nothing": ("", 1, 1, "the end of the text", "digraph {"),
    "undirected": ("graph { a -- b }", 1, 1, "'graph'", "do not say what causes what"),
    "undirected edge": ("digraph {\n a -- b }", 2, 4, "'--'", "->"),
    "not closed": ("digraph {\na -> b\n", 3, 1, "the end of the text", "'}' that closes the graph"),
    "text behind": ("digraph { a } b", 1, 15, "'b'", "nothing after"),
    "two graphs": ("digraph { } digraph { }", 1, 13, "'digraph'", "nothing after"),
    "arrow to nothing": ("digraph { a -> }", 1, 16, "'}'", "after ->"),
    "keyword as a node": ("digraph { a -> node }", 1, 16, "'node'", "after ->"),
    "no head": ("digraph { a -> b [dir=none] }", 1, 23, "'none'", "has a direction"),
    "no head either": ("digraph { a -> b [arrowhead=none] }", 1, 29, "'none'", "has a direction"),
    "quote not closed": ('digraph { "a -> b }', 1, 11, '"a', "closed by another"),
    "comment not closed": ("digraph { /* a }", 1, 11, "'/*'", "closed by */"),
    "markup not closed": ("digraph { <a<b> }", 1, 11, "<a<b>", "closed by another >"),
    "markup as a node": ("digraph { <a<b>x</b>> -> c }", 1, 11, "<a<b>", "markup"),
    "empty name": ('digraph { "" -> b }', 1, 11, '""', "a statement"),
    "value missing": ("digraph { a [x=] }", 1, 16, "']'", "a value"),
    "unknown role": ("digraph { a [roles=tretment] }", 1, 20, "'tretment'", "did you mean 'treatment'"),
    "observed or not": ("digraph { a [observed=maybe] }", 1, 23, "'maybe'", "yes or no"),
    "no position": ('digraph { a [pos="here"] }', 1, 18, "'here'", "position"),
    "number in a name": ("digraph { 1a -> b }", 1, 11, "'1'", "a name"),
}


@pytest.mark.parametrize(("text", "line", "column", "found", "expected"), BAD.values(), ids=BAD)
def test_malformed_text_is_refused_where_it_is_wrong(text, line, column, found, expected):
    with pytest.raises(GraphSyntaxError) as caught:
        read_dot(text)
    assert (caught.value.line, caught.value.column) == (line, column)
    assert found in str(caught.value)
    assert expected in str(caught.value)


def test_text_that_is_not_causal_is_refused():
    with pytest.raises(CycleError, match="a -> b -> a"):
        read_dot("digraph { a -> b; b -> a }")
    with pytest.raises(GraphError, match="edge to itself"):
        read_dot("digraph { a -> {a b} }")


def test_a_file_that_is_named_is_not_opened(tmp_path):
    secret = tmp_path / "secret"
    secret.write_text("b")
    text = f'digraph {{ a [image="{secret}", shapefile="{secret}"]; a -> "{secret}" }}'
    assert read_dot(text).nodes == ("a", str(secret))


def test_names_that_quotes_cannot_say_are_written_as_markup():
    graph = CausalGraph([("a\\", 'b\\"<&>'), ("node", "c d")])
    assert '<a\\> -> <b\\"&lt;&amp;&gt;>' in write_dot(graph)
    assert read_dot(write_dot(graph)) == graph
