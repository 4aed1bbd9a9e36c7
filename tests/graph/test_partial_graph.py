"""Partial graphs: what they refuse, and on small random ones all that they say against their class, enumerated."""

import pickle
from itertools import combinations, permutations

import networkx as nx
import numpy as np
import pytest

from causalrec.errors import CycleError, GraphError, UnknownNodeError
from causalrec.graph.partial_graph import PartialGraph

N_RANDOM = 600
NODES = tuple("abcdef")


def test_a_pair_has_one_edge():
    with pytest.raises(GraphError, match="'a' and 'b'"):
        PartialGraph([("a", "b")], undirected=[("b", "a")])
    with pytest.raises(GraphError, match="Two different edges"):
        PartialGraph([("a", "b"), ("b", "a")])
    assert PartialGraph([("a", "b")] * 2, undirected=[("b", "c"), ("c", "b")]).undirected == (("b", "c"),)


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        ({"edges": [("a", "b"), ("b", "c"), ("c", "a")]}, CycleError, "a -> b -> c -> a"),
        ({"edges": [("a", "a")]}, GraphError, "edge to itself"),
        ({"edges": [], "undirected": [("a", "a")]}, GraphError, "`undirected`"),
        ({"edges": [("a", "b")], "latent": ["prise", "b"]}, UnknownNodeError, "'prise'"),
        ({"edges": [("a", "b")], "roles": {"c": "outcome"}}, UnknownNodeError, "'c'"),
        ({"edges": "a -> b"}, GraphError, "is a text"),
    ],
)
def test_what_is_no_partial_graph_is_refused(arguments, error, message):
    with pytest.raises(error, match=message):
        PartialGraph(**arguments)


def test_compared_by_value_and_pickled():
    one = PartialGraph([("a", "b")], undirected=[("b", "c"), ("c", "d")], latent=["d"], roles={"a": "treatment"})
    same = PartialGraph([("a", "b")], undirected=[("d", "c"), ("c", "b")], latent=["d"], roles={"a": "treatment"})
    assert one == same
    assert hash(one) == hash(same)
    assert pickle.loads(pickle.dumps(one)) == one
    assert one != PartialGraph([("a", "b"), ("b", "c")], undirected=[("c", "d")], latent=["d"])
    with pytest.raises(AttributeError, match="does not change"):
        one.latent = frozenset()
    assert repr(one) == "<PartialGraph: 4 nodes; 1 edges; 2 undirected; treatment a; latent d>"


def test_queries():
    graph = PartialGraph([("a", "b"), ("c", "b")], undirected=[("a", "d")], nodes=["z"])
    assert graph.nodes == ("z", "a", "b", "c", "d")
    assert graph.edges == (("a", "b"), ("c", "b"))
    assert (graph.parents("b"), graph.children("a"), graph.neighbours("a")) == ({"a", "c"}, {"b"}, {"d"})
    assert (graph.ancestors("b"), graph.descendants("d")) == ({"a", "b", "c"}, {"d"})
    assert (graph.possible_ancestors("b"), graph.possible_descendants("d")) == ({"a", "b", "c", "d"}, {"a", "b", "d"})
    assert "a" in graph
    assert len(graph) == 5
    with pytest.raises(UnknownNodeError, match="'x'"):
        graph.possible_ancestors("x", "a")


def test_a_chord_directed_against_the_path_leaves_no_possible_effect():
    # Perkovic, Kalisch, Maathuis 2017, section 3: a - b - c with c -> a is no possibly causal path.
    graph = PartialGraph([("c", "a")], undirected=[("a", "b"), ("b", "c")])
    assert graph.is_maximally_oriented
    assert graph.possible_descendants("a") == {"a", "b"}
    assert graph.possible_ancestors("a") == {"a", "b", "c"}


def test_knowledge_that_contradicts_is_refused_with_its_pair():
    graph = PartialGraph([("a", "b")], undirected=[("b", "c"), ("c", "d"), ("x", "y")])
    assert not graph.is_maximally_oriented
    with pytest.raises(GraphError, match=r"b -> a contradicts the graph, which has the edge a -> b"):
        graph.with_orientations([("b", "a")])
    with pytest.raises(GraphError, match=r"d -> c contradicts the graph: c -> d follows"):
        graph.with_orientations([("x", "y"), ("d", "c")])
    with pytest.raises(GraphError, match=r"y -> x contradicts the pairs before it: x -> y follows from x -> y"):
        graph.with_orientations([("x", "y"), ("y", "x")])
    with pytest.raises(GraphError, match=r"no edge between 'a' and 'd'"):
        graph.with_orientations([("a", "d")])
    with pytest.raises(UnknownNodeError, match="'q'"):
        graph.with_orientations([("a", "q")])


def test_a_square_without_a_chord_stands_for_nothing():
    square = PartialGraph([], undirected=[("a", "b"), ("b", "c"), ("c", "d"), ("d", "a")])
    for ask in (square.consistent_extension, lambda: square.with_orientations([])):
        with pytest.raises(GraphError, match="No causal graph agrees"):
            ask()


def test_random_graphs_against_their_class():
    random = np.random.default_rng(0)
    n_free = 0
    for _ in range(N_RANDOM):
        dag, knowledge, graph, members = draw(random)
        closed = graph.with_orientations(knowledge)
        members = [member for member in members if all(member.has_edge(*pair) for pair in knowledge)]
        shared = set.intersection(*(set(member.edges) for member in members))
        assert set(closed.edges) == shared
        assert closed.is_maximally_oriented
        assert graph.is_maximally_oriented == (set(graph.edges) == set(graph.with_orientations([]).edges))
        assert set(closed.consistent_extension().edges) in [set(member.edges) for member in members]
        for node in NODES[: len(dag)]:
            below = set().union(*(nx.descendants(member, node) for member in members))
            above = set().union(*(nx.ancestors(member, node) for member in members))
            assert closed.possible_descendants(node) == below | {node}
            assert closed.possible_ancestors(node) == above | {node}
        n_free += bool(closed.undirected)
    assert n_free > N_RANDOM / 4


def test_random_marks_have_an_extension_just_when_one_is_found_by_enumeration():
    random = np.random.default_rng(1)
    n_none = 0
    for _ in range(N_RANDOM):
        pairs = [pair for pair in combinations(NODES[:5], 2) if random.random() < 0.6]
        kinds = random.integers(0, 3, len(pairs))
        directed = [pair[:: 1 if kind else -1] for pair, kind in zip(pairs, kinds, strict=True) if kind < 2]
        if not nx.is_directed_acyclic_graph(nx.DiGraph(directed)):
            continue
        loose = [pair for pair, kind in zip(pairs, kinds, strict=True) if kind == 2]
        members = [set(member.edges) for member in enumerate_class(directed, loose)]
        graph = PartialGraph(directed, undirected=loose)
        if members:
            assert set(graph.consistent_extension().edges) in members
            assert set(graph.with_orientations([]).edges) == set.intersection(*members)
        else:
            n_none += 1
            with pytest.raises(GraphError, match="No causal graph"):
                graph.consistent_extension()
    assert 50 < n_none < N_RANDOM - 50


def draw(random):
    """A random DAG, some of its edges as knowledge, its unshielded colliders, and its Markov class."""
    n_nodes = int(random.integers(3, 7))
    order = random.permutation(n_nodes)
    density = random.uniform(0.3, 1)
    edges = [(NODES[order[i]], NODES[order[j]]) for i, j in combinations(range(n_nodes), 2)]
    dag = nx.DiGraph()
    dag.add_nodes_from(NODES[:n_nodes])
    dag.add_edges_from(edge for edge in edges if random.random() < density)
    compelled = {(end, node) for one, node, other in colliders(dag) for end in (one, other)}
    loose = [edge for edge in dag.edges if edge not in compelled]
    knowledge = [edge for edge in loose if random.random() < 0.3]
    graph = PartialGraph(sorted(compelled), undirected=loose, nodes=NODES[:n_nodes])
    return dag, knowledge, graph, list(enumerate_class(sorted(compelled), loose))


def enumerate_class(directed, loose):
    """Acyclic graphs of these adjacencies, directed edges and unshielded colliders, each order of the nodes tried."""
    wanted = colliders(nx.DiGraph(directed), loose)
    nodes = sorted({node for pair in (*directed, *loose) for node in pair})
    seen = set()
    for order in permutations(nodes):
        rank = {node: place for place, node in enumerate(order)}
        edges = frozenset(tuple(sorted(pair, key=rank.__getitem__)) for pair in (*directed, *loose))
        if edges not in seen and edges.issuperset(directed):
            seen.add(edges)
            member = nx.DiGraph(edges)
            member.add_nodes_from(NODES)
            if colliders(member) == wanted:
                yield member


def colliders(graph, loose=()):
    """Unshielded colliders (one, node, other) of the directed edges, `loose` counted as adjacencies."""
    adjacent = {frozenset(edge) for edge in (*graph.edges, *loose)}
    return {
        (one, node, other)
        for node in graph
        for one, other in combinations(sorted(graph.predecessors(node)), 2)
        if frozenset((one, other)) not in adjacent
    }
