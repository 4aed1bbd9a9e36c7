from itertools import combinations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from causalrec.errors import CycleError, GraphError, GraphSyntaxError
from causalrec.graph import CausalGraph, read_dagitty, write_dagitty
from causalrec.graph.validation import ROLES

thorough = settings(derandomize=True, database=None, deadline=None, max_examples=200)

AS_EXPORTED = """dag {
bb="-0.5,-0.5,0.5,0.5"
"unit price" [exposure,pos="-0.3,0.1"]
U [latent, pos="0,0"]
bought [outcome]
"unit price" -> bought [beta=0.5, pos="1,2"]
U -> "unit price"
U -> bought
}
"""

NAMED = {  # name: (text, edges, bidirected)
    "one edge": ("dag { a -> b }", "ab", ""),
    "turned": ("dag{a<-b}", "ba", ""),
    "chain": ("dag { a -> b -> c <- d <-> e }", "ab bc dc", "de"),
    "group after": ("dag { a -> {b c} }", "ab ac", ""),
    "groups on both sides": ("dag { {a, b} -> {c; d} }", "ac ad bc bd", ""),
    "chain through a group": ("dag { a -> {b c} -> d }", "ab ac bd cd", ""),
    "group turned": ("dag { a <- {b c} }", "ba ca", ""),
    "group of pairs": ("dag { a <-> {b c} }", "", "ab ac"),
    "statements": ("dag { a -> b; b -> c\n c -> d e -> f }", "ab bc cd ef", ""),
    "over lines": ("dag {\na\n->\nb\n}", "ab", ""),
    "comments": ("# first\n// second\ndag { # third\n a -> b // fourth }\n }\n# last", "ab", ""),
    "quotes": ('dag { "a" -> "b" }', "ab", ""),
    "name of the graph": ("dag promotion { a -> b }", "ab", ""),
    "keyword as a node": ("dag { dag -> b }", [("dag", "b")], ""),
    "numbers": ("dag { 1 -> 2.5 }", [("1", "2.5")], ""),
    "digits first": ("dag { 1a -> 2.5.b -> 3e4f }", [("1a", "2.5.b"), ("2.5.b", "3e4f")], ""),
    "comment marks in quotes": ('dag { "a#b" -> "//" }', [("a#b", "//")], ""),
    "escapes": (r'dag { "say \"hi\"" -> "a\\b\n" }', [('say "hi"', "a\\b\n")], ""),
    "byte order mark": ("\ufeffdag { a -> b }", "ab", ""),
    "twice the same": ("dag { a -> b; a -> b; a <-> b; b <-> a }", "ab", "ab"),
    "not only ascii": ("dag { größe -> 価格 }", [("größe", "価格")], ""),
}


@pytest.mark.parametrize(("text", "edges", "bidirected"), NAMED.values(), ids=NAMED)
def test_named_text(text, edges, bidirected):
    edges, bidirected = (
        [tuple(pair) for pair in (pairs.split() if isinstance(pairs, str) else pairs)] for pairs in (edges, bidirected)
    )
    assert read_dagitty(text) == CausalGraph(edges, bidirected=bidirected)


def test_what_dagitty_exports_is_read():
    assert read_dagitty(AS_EXPORTED) == CausalGraph(
        [("unit price", "bought"), ("U", "unit price"), ("U", "bought")],
        latent=["U"],
        roles={"unit price": "treatment", "bought": "outcome"},
    )


def test_all_roles_are_read():
    text = "dag { a [exposure] b [outcome] c [latent] d [selected, absorbed] e [adjusted;block] {f g} [block] h }"
    graph = read_dagitty(text)
    assert graph.latent == {"c"}
    assert graph.nodes == tuple("abcdefgh")
    assert {node: sorted(roles) for node, roles in graph.roles.items()} == {
        "a": ["treatment"],
        "b": ["outcome"],
        "d": ["absorbed", "selected"],
        "e": ["adjusted", "block"],
        "f": ["block"],
        "g": ["block"],
    }


def test_an_empty_graph_is_a_graph():
    assert read_dagitty("dag {}") == CausalGraph([])
    assert read_dagitty(write_dagitty(CausalGraph([]))) == CausalGraph([])


BAD = {  # name: (text, line, column, found, expected)
    "nothing": ("", 1, 1, "the end of the text", "dag {"),
    "another format": ("digraph { a -> b }", 1, 1, "'digraph'", "dag {"),
    "not opened": ("dag a -> b", 1, 7, "'->'", "'{' that opens"),
    "not closed": ("dag {\na -> b\n", 3, 1, "the end of the text", "'}' that closes the graph"),
    "text behind": ("dag { a } b", 1, 11, "'b'", "nothing after"),
    "arrow to nothing": ("dag {\n  a ->\n}", 3, 1, "'}'", "name or '{' after ->"),
    "arrow from nothing": ("dag {\n -> b }", 2, 2, "'->'", "a name"),
    "undirected": ("dag { a -- b }", 1, 9, "'--'", "-> <- <->"),
    "undetermined end": ("dag { a @-> b }", 1, 9, "'@->'", "-> <- <->"),
    "hyphen in a name": ("dag { item-text -> b }", 1, 11, "'-'", "a name, an arrow"),
    "quote not closed": ('dag { "a -> b\n }', 1, 7, "a -> b", "closed by another"),
    "group not closed": ("dag { a -> {b c -> d }", 1, 17, "'->'", "closes the group"),
    "group in a group": ("dag { a -> {b {c}} }", 1, 15, "'{'", "closes the group"),
    "attributes not closed": ("dag { a [exposure }", 1, 19, "'}'", "closes the attributes"),
    "attributes of nothing": ("dag { [exposure] }", 1, 7, "'['", "a name"),
    "value missing": ("dag { a [pos=] }", 1, 14, "']'", "a value"),
    "role of an edge": ("dag { a -> b [latent] }", 1, 15, "'latent'", "node's own statement"),
    "typing error": ("dag { a [laten] }", 1, 10, "'laten'", "did you mean 'latent'"),
    "two brackets": ("dag { a } }", 1, 11, "'}'", "nothing after"),
    "name in the wrong quotes": ("dag { 'a' -> b }", 1, 7, 'found "\'"', "a name"),
    "null byte": ("dag { a \0 }", 1, 9, r"'\x00'", "a name"),
    "name that is empty": ('dag { "" -> b }', 1, 7, '""', "a name"),
}


@pytest.mark.parametrize(("text", "line", "column", "found", "expected"), BAD.values(), ids=BAD)
def test_malformed_text_is_refused_where_it_is_wrong(text, line, column, found, expected):
    with pytest.raises(GraphSyntaxError) as caught:
        read_dagitty(text)
    assert (caught.value.line, caught.value.column) == (line, column)
    assert found in str(caught.value)
    assert expected in str(caught.value)


def test_text_that_is_not_causal_is_refused():
    with pytest.raises(CycleError, match="a -> b -> c -> a"):
        read_dagitty("dag { a -> b -> c -> a }")
    with pytest.raises(GraphError, match="'a' has an edge to itself"):
        read_dagitty("dag { a -> {a b} }")
    with pytest.raises(GraphError, match="text"):
        read_dagitty(b"dag { a -> b }")


def test_text_of_a_million_brackets_ends():
    for text in ("dag " + "{" * 1_000_000, "dag {" + "a -> {" * 200_000, "dag { a " + "[" * 1_000_000, '"\\' * 500_000):
        with pytest.raises(GraphSyntaxError):
            read_dagitty(text)


def test_long_text_is_read():
    chain = " -> ".join(f"n{number}" for number in range(50_000))
    assert len(read_dagitty(f"dag {{ {chain} }}").edges) == 49_999


@st.composite
def graphs(draw):
    names = draw(st.lists(st.text(min_size=1, max_size=6), max_size=6, unique=True))
    pairs = list(combinations(names, 2))
    some = st.lists(st.sampled_from(pairs), unique=True) if pairs else st.just([])
    part = st.lists(st.sampled_from(names), unique=True) if names else st.just([])
    roles = {name: draw(st.sets(st.sampled_from(ROLES))) for name in draw(part)}
    return CausalGraph(draw(some), bidirected=draw(some), latent=draw(part), nodes=names, roles=roles)


@thorough
@given(graphs())
def test_reading_what_was_written_gives_the_same_graph(graph):
    text = write_dagitty(graph)
    again = read_dagitty(text)
    assert again == graph
    assert again.nodes == graph.nodes
    assert write_dagitty(again) == text


@thorough
@given(graphs(), st.data())
def test_mutated_text_is_read_or_refused_with_a_place(graph, data):
    text = write_dagitty(graph) if data.draw(st.booleans()) else AS_EXPORTED
    for _ in range(data.draw(st.integers(1, 4))):
        start = data.draw(st.integers(0, len(text)))
        stop = min(len(text), start + data.draw(st.integers(0, 3)))
        piece = data.draw(
            st.sampled_from(["", "{", "}", "[", "]", '"', "\\", "->", "<-", "<->", "-", "=", "\n", "#", " x "])
        )
        text = text[:start] + piece + text[stop:]
    try:
        graph = read_dagitty(text)
    except GraphSyntaxError as error:
        place = error.line, error.column
    except GraphError:
        return
    else:
        assert read_dagitty(write_dagitty(graph)) == graph
        return
    lines = text.split("\n")
    assert 1 <= place[0] <= len(lines)
    assert 1 <= place[1] <= len(lines[place[0] - 1]) + 1
