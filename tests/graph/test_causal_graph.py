import copy
import pickle

import pytest

from causalrec.errors import CycleError, GraphError, UnknownNodeError
from causalrec.graph import CausalGraph

EDGES = [("a", "b"), ("b", "c"), ("a", "d")]


@pytest.fixture
def graph():
    return CausalGraph(EDGES, bidirected=[("c", "d")], latent=["a"], nodes=["z"], roles={"b": "treatment"})


def test_queries_on_a_graph_drawn_by_hand(graph):
    assert graph.nodes == ("z", "a", "b", "c", "d")
    assert graph.edges == (("a", "b"), ("a", "d"), ("b", "c"))
    assert graph.bidirected == (("c", "d"),)
    assert (graph.parents("b"), graph.children("a"), graph.spouses("d")) == ({"a"}, {"b", "d"}, {"c"})
    assert graph.ancestors("c") == {"a", "b", "c"}
    assert graph.descendants("b", "z") == {"b", "c", "z"}
    assert graph.ancestors() == graph.descendants() == frozenset()
    assert graph.directed_path("a", "c") == ("a", "b", "c")
    assert graph.directed_path("c", "a") == ()
    assert graph.nodes_with("treatment") == ("b",)
    assert "a" in graph
    assert "q" not in graph
    assert len(graph) == 5


def test_order_puts_causes_first(graph):
    place = {node: number for number, node in enumerate(graph.topological_order)}
    assert sorted(place) == sorted(graph.nodes)
    assert all(place[cause] < place[effect] for cause, effect in graph.edges)


def test_graphs_are_compared_by_value(graph):
    roles = {"b": {"treatment"}}
    same = CausalGraph(EDGES[::-1] + EDGES, bidirected=[("d", "c")], latent={"a"}, nodes="z", roles=roles)
    assert same == graph
    assert hash(same) == hash(graph)
    assert len({same, graph}) == 1
    assert graph != CausalGraph(EDGES, bidirected=[("c", "d")], nodes=["z"], roles=roles)
    assert graph != CausalGraph(EDGES, bidirected=[("c", "d")], latent=["a"], nodes=["z"])
    assert graph != CausalGraph(EDGES, latent=["a"], nodes=["z"], roles=roles)
    assert graph != "graph"


def test_graphs_do_not_change(graph):
    with pytest.raises(AttributeError, match="does not change"):
        graph.latent = frozenset()
    with pytest.raises(AttributeError):
        del graph._names
    with pytest.raises(TypeError):
        graph.roles["a"] = frozenset({"treatment"})


def test_copies_and_pickles_are_equal(graph):
    assert copy.deepcopy(graph) == pickle.loads(pickle.dumps(graph)) == graph


def test_repr_names_what_matters(graph):
    assert repr(graph) == "<CausalGraph: 5 nodes; 3 edges; 1 bidirected; treatment b; latent a>"


def test_less_edges(graph):
    assert graph.without_edges([("b", "c")]) == CausalGraph(
        [("a", "b"), ("a", "d")], bidirected=[("c", "d")], latent=["a"], nodes=list("zabcd"), roles={"b": "treatment"}
    )
    assert graph.without_edges([]) == graph
    assert graph.edges == (("a", "b"), ("a", "d"), ("b", "c")), "the graph itself must stay as it was"


def test_an_intervention_removes_all_arrowheads(graph):
    fixed = graph.mutilated("d", "b")
    assert fixed.edges == (("b", "c"),)
    assert fixed.bidirected == ()
    assert fixed.latent == {"a"}
    assert fixed.nodes == graph.nodes


def test_edges_that_are_not_there_are_refused(graph):
    with pytest.raises(GraphError, match=r"no edge c -> b. It has b -> c"):
        graph.without_edges([("c", "b"), ("a", "b")])
    with pytest.raises(UnknownNodeError, match="'q'"):
        graph.without_edges([("a", "q")])


@pytest.mark.parametrize("cycle", [["a", "b"], ["a", "b", "c", "d"]])
def test_a_cycle_is_named(cycle):
    ring = list(zip(cycle, cycle[1:] + cycle[:1], strict=True))
    with pytest.raises(CycleError) as caught:
        CausalGraph([("root", "a"), *ring, ("d", "leaf"), ("leaf", "end")])
    found = caught.value.cycle
    assert sorted(found) == sorted(cycle)
    assert set(zip(found, found[1:] + found[:1], strict=True)) == set(ring)


BAD = {
    "self-loop": (dict(edges=[("a", "a")]), GraphError, "'a' has an edge to itself"),
    "bidirected self-loop": (dict(edges=[], bidirected=[("a", "a")]), GraphError, "'a' has an edge to itself"),
    "latent unknown": (dict(edges=[("a", "b")], latent=["aa", "c"]), UnknownNodeError, "'aa'.*'c'"),
    "role of an unknown node": (dict(edges=[("a", "b")], roles={"c": "treatment"}), UnknownNodeError, "'c'"),
    "unknown role": (dict(edges=[("a", "b")], roles={"a": "treatmnt"}), GraphError, "did you mean 'treatment'"),
    "latent as a role": (dict(edges=[("a", "b")], roles={"a": "latent"}), GraphError, "in `latent`"),
    "text as edges": (dict(edges="a -> b"), GraphError, "read_dagitty"),
    "text as an edge": (dict(edges=["ab"]), GraphError, "pair of names"),
    "three ends": (dict(edges=[("a", "b", "c")]), GraphError, "pair of names"),
    "number as a name": (dict(edges=[("a", 1)]), GraphError, "got 1"),
    "number as an edge": (dict(edges=[1]), GraphError, "got 1"),
    "empty name": (dict(edges=[], nodes=[""]), GraphError, "not empty"),
    "roles as a list": (dict(edges=[("a", "b")], roles=["a"]), GraphError, "maps nodes to roles"),
}


@pytest.mark.parametrize(("arguments", "error", "match"), BAD.values(), ids=BAD)
def test_bad_graphs_are_refused(arguments, error, match):
    with pytest.raises(error, match=match):
        CausalGraph(**arguments)


def test_unknown_names_are_refused_with_the_nearest(graph):
    for query in (graph.parents, graph.ancestors, graph.mutilated, lambda name: graph.is_separated("a", name)):
        with pytest.raises(UnknownNodeError, match="'bb'"):
            query("bb")
    with pytest.raises(UnknownNodeError) as caught:
        graph.is_separated("p", "q", ["r"])
    assert caught.value.unknown == ("p", "q", "r")


def test_a_deep_chain_needs_no_recursion():
    chain = [(str(number), str(number + 1)) for number in range(50_000)]
    graph = CausalGraph(chain)
    assert len(graph.ancestors("50000")) == 50_001
    assert len(graph.directed_path("0", "50000")) == 50_001
    assert graph.minimal_separator("0", "50000") == {"1"}
    with pytest.raises(CycleError):
        CausalGraph([*chain, ("50000", "0")])
