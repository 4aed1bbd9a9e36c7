import pytest

from causalrec.errors import CycleError, GraphSyntaxError
from causalrec.graph import CausalGraph
from causalrec.graph.formats import read_document, read_gml

NAMED = {  # name: (text, edges, bidirected)
    "labels": (
        'graph [ directed 1 node [ id 7 label "a" ] node [ id 3 label "b" ] edge [ source 7 target 3 ] ]',
        "ab",
        "",
    ),
    "ids as names": ("graph [ directed 1 node [ id 1 ] node [ id 2 ] edge [ source 1 target 2 ] ]", "12", ""),
    "texts as ids": (
        'graph[directed 1node[id "a" label "a"]node[id "b" label "b"]edge[source "a" target "b"]]',
        "ab",
        "",
    ),
    "edges first": ("graph [ edge [ source 1 target 2 ] node [ id 1 ] node [ id 2 ] directed 1 ]", "12", ""),
    "edges first, with more": (
        "graph [ edge [ source 1 target 2 w 1.5e-3 ] node [ id 1 ] node [ id 2 ] directed 1 ]",
        "12",
        "",
    ),
    "bidirected": (
        'graph [ directed 1 node [ id 1 ] node [ id 2 ] edge [ source 1 target 2 type "bidirected" ] ]',
        "",
        "12",
    ),
    "lists that are not known": (
        "a [ b [ c 1 ] ] graph [ directed 1 x [ node [ id 9 ] ] node [ id 1 y [ id 2 ] ] node [ id 2 ]"
        " edge [ target 2 source 1 ] ] z 1",
        "12",
        "",
    ),
    "comments": (
        'Creator "x"\n# graph [\ngraph [ # y\n directed 1 node [ id 1 ] node [ id 2 ] edge [ source 1 target 2 ] ]',
        "12",
        "",
    ),
}


@pytest.mark.parametrize(("text", "edges", "bidirected"), NAMED.values(), ids=NAMED)
def test_named_text(text, edges, bidirected):
    edges, bidirected = ([tuple(pair) for pair in pairs.split()] for pairs in (edges, bidirected))
    assert read_gml(text) == CausalGraph(edges, bidirected=bidirected)


def test_attributes_and_codes_are_read():
    document = read_document(
        'graph [ directed 1 node [ id 1 label "&quot;&#233;&amp;&unknown;" observed "no" roles "block treatment" ]'
        ' node [ id 2 latent 1 roles "_networkx_list_start" roles "outcome" graphics [ x 1 y -2.5 Line [ x 9 ] ] ] ]'
    )
    assert document.graph.latent == {'"é&&unknown;', "2"}
    assert document.graph.roles == {'"é&&unknown;': {"block", "treatment"}, "2": {"outcome"}}
    assert document.positions == {"2": (1.0, -2.5)}


BAD = {  # name: (text, line, column, found, expected)
    "nothing": ("", 1, 1, "the end of the text", "graph ["),
    "another format": ("digraph { a -> b }", 1, 9, "'{'", "a key"),
    "undirected": ("graph [ node [ id 1 ] ]", 1, 1, "without direction", "directed 1"),
    "undirected, and said": ("graph [ directed 0 node [ id 1 ] ]", 1, 1, "without direction", "directed 1"),
    "not closed": ("graph [ directed 1\n node [ id 1", 2, 13, "the end of the text", "closes it"),
    "node without an id": ('graph [ directed 1 node [ label "a" ] ]', 1, 20, "without it", "an id"),
    "one id twice": ("graph [ directed 1\nnode [ id 1 ]\nnode [ id 1 ] ]", 3, 11, "'1'", "no node before has"),
    "one label twice": (
        'graph [ directed 1 node [ id 1 label "a" ]\nnode [ id 2 label "a" ] ]',
        2,
        19,
        "'a'",
        "no node before has",
    ),
    "no label": ('graph [ directed 1 node [ id 1 label "" ] ]', 1, 38, "''", "not empty"),
    "edge of no node": (
        "graph [ directed 1 node [ id 1 ]\nedge [ source 1 target 2 ] ]",
        2,
        24,
        "'2'",
        "the id of a node",
    ),
    "edge without an end": (
        "graph [ directed 1 node [ id 1 ]\nedge [ source 1 ] ]",
        2,
        1,
        "an edge without it",
        "target",
    ),
    "unknown kind": (
        'graph [ directed 1 node [ id 1 ] node [ id 2 ] edge [ source 1 target 2 type "o-o" ] ]',
        1,
        78,
        "'o-o'",
        "bidirected",
    ),
    "quote not closed": ('graph [ directed 1 node [ id 1 label "a ] ]', 1, 38, '"a', "closed by another"),
    "value missing": ("graph [ directed 1 node [ id ] ]", 1, 30, "']'", "a value"),
}


@pytest.mark.parametrize(("text", "line", "column", "found", "expected"), BAD.values(), ids=BAD)
def test_malformed_text_is_refused_where_it_is_wrong(text, line, column, found, expected):
    with pytest.raises(GraphSyntaxError) as caught:
        read_gml(text)
    assert (caught.value.line, caught.value.column) == (line, column)
    assert found in str(caught.value)
    assert expected in str(caught.value)


def test_a_cycle_is_named():
    with pytest.raises(CycleError, match="1 -> 2 -> 1"):
        read_gml(
            "graph [ directed 1 node [ id 1 ] node [ id 2 ] edge [ source 1 target 2 ] edge [ source 2 target 1 ] ]"
        )
