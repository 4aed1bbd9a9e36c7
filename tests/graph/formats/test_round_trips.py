"""Reading what was written gives the same graph, for all that a format can say; the rest is warned about."""

import warnings
from itertools import combinations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from causalrec.errors import GraphError
from causalrec.graph import CausalGraph
from causalrec.graph.formats import (
    FORMATS,
    FormatWarning,
    GraphDocument,
    detect_format,
    edge_columns,
    from_dowhy,
    from_edge_table,
    from_networkx,
    read_document,
    read_graph,
    read_parquet,
    to_dowhy,
    to_networkx,
    write_graph,
    write_parquet,
)
from causalrec.graph.validation import ROLES

thorough = settings(derandomize=True, database=None, deadline=None, max_examples=200)

NASTY = (
    "a -> b", '"; rm -rf /', "\\", '\\"', "\\\\", "a\\", "\n", "\r\n", "\t", " ", " a ", "\x00", "é ü", "価格",
    "\u2028", "\U0001f600", "#quot;", "#35;", "&quot;", "&#34;", "&", "<", "<b>", "]]>", "]", '"]', "}", "{a b}",
    "a,b", ";", "`a`", "'", "/* a */", "// a", "# a", "%% a", "dag", "graph", "digraph", "strict", "node", "edge",
    "subgraph", "end", "class", "n0", "n1", "1", "1.5", "-1", "1e5", "NA", "TRUE", "null", "latent", "cause",
    "effect", "source", "_networkx_list_start", "__init__", "a:::latent", "a@b", "~", "~~", "x*y", "x:y", "\ufeffa",
)  # fmt: skip
names = st.one_of(st.sampled_from(NASTY), st.text(min_size=1, max_size=6))
places = st.floats(-1e6, 1e6) | st.sampled_from([0.1, 1e-300, 1e300])


@st.composite
def documents(draw):
    nodes = draw(st.lists(names, max_size=6, unique=True))
    pairs = list(combinations(nodes, 2))
    some = st.lists(st.sampled_from(pairs), unique=True) if pairs else st.just([])
    part = st.lists(st.sampled_from(nodes), unique=True) if nodes else st.just([])
    roles = {name: draw(st.sets(st.sampled_from(ROLES))) for name in draw(part)}
    graph = CausalGraph(draw(some), bidirected=draw(some), latent=draw(part), nodes=nodes, roles=roles)
    return GraphDocument(graph, {node: (draw(places), draw(places)) for node in draw(part)})


def sayable(document: GraphDocument, lost: frozenset[str]) -> GraphDocument:
    """`document` less what is lost."""
    graph = document.graph
    kept = CausalGraph(
        graph.edges,
        bidirected=graph.bidirected,
        latent=() if "latent" in lost else graph.latent,
        nodes=graph.nodes,
        roles={} if "roles" in lost else graph.roles,
    )
    return GraphDocument(kept, {} if "positions" in lost else document.positions)


@pytest.mark.parametrize("name", FORMATS)
@thorough
@given(document=documents())
def test_text_reads_back_as_what_the_format_can_say(name, document):
    kept = sayable(document, FORMATS[name].loses)
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        text = write_graph(document, name)
    assert [warning.category for warning in caught] == [FormatWarning] * (kept != document)
    assert read_document(text, name) == kept
    assert write_graph(kept, name) == text


@pytest.mark.parametrize("name", FORMATS)
@thorough
@given(document=documents())
def test_written_text_is_told_apart(name, document):
    kept = sayable(document, FORMATS[name].loses)
    text = write_graph(kept, name)
    if not kept.graph.edges and not kept.graph.bidirected and name in {"lavaan", "csv"}:
        return  # a name or a header alone may be of several formats
    if "\0" in text:
        return  # read when the format is said
    try:
        assert detect_format(text) == name
    except GraphError as error:
        assert "may be" in str(error)  # noqa: PT017
        assert name in str(error)  # noqa: PT017


@thorough
@given(document=documents())
def test_objects_give_the_same_graph(document):
    graph = document.graph
    assert from_networkx(to_networkx(graph)) == graph
    assert from_dowhy(to_dowhy(graph)) == graph
    bare = sayable(document, frozenset({"latent", "roles", "positions"})).graph
    assert from_edge_table(edge_columns(bare)) == bare


@settings(thorough, max_examples=40)
@given(document=documents())
def test_parquet_gives_the_same_graph(document):
    bare = sayable(document, frozenset({"latent", "roles", "positions"})).graph
    assert read_parquet(write_parquet(bare)) == bare


def test_what_is_lost_is_named():
    graph = CausalGraph([("taste", "seen")], latent=["taste"], roles={"seen": "treatment"})
    with pytest.warns(FormatWarning, match=r"edge list .*'taste' cannot be measured; roles \(treatment of 'seen'\)"):
        write_graph(graph, "csv")
    with pytest.warns(FormatWarning, match="lavaan's syntax .*roles"):
        write_graph(graph, "lavaan")
    with pytest.warns(FormatWarning, match="positions of 'seen'"):
        write_graph(GraphDocument(graph, {"seen": (0.0, 1.0)}), "mermaid")


@pytest.mark.parametrize("name", FORMATS)
def test_a_name_of_a_megabyte_goes_through(name):
    graph = CausalGraph([("x" * 1_000_000, "y"), ("z", 'say "hi" & \\' * 80_000)])
    assert read_graph(write_graph(graph, name), name) == graph


def test_unknown_formats_and_other_objects_are_refused():
    with pytest.raises(GraphError, match="did you mean 'mermaid'"):
        write_graph(CausalGraph([]), "mermiad")
    with pytest.raises(GraphError, match="Expected a CausalGraph"):
        write_graph("dag { a -> b }", "dot")
    with pytest.raises(GraphError, match="no such node"):
        GraphDocument(CausalGraph([]), {"a": (0.0, 0.0)})
    with pytest.raises(GraphError, match="got bytes"):
        read_graph(b"dag { a -> b }")
