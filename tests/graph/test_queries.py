"""Districts, blankets, moral graphs, projections, implied independences: against separation and networkx."""

from itertools import chain, combinations

import networkx as nx
import numpy as np
import pytest

from causalrec.errors import GraphError, UnknownNodeError
from causalrec.graph import CausalGraph

FRONT_DOOR = CausalGraph([("shown", "seen"), ("seen", "bought")], bidirected=[("shown", "bought")])


def random_graph(seed, n_nodes=7, hidden=0.2):
    rng = np.random.default_rng(seed)
    names = list("abcdefghijkl"[:n_nodes])
    pairs = list(combinations(rng.permutation(names).tolist(), 2))
    density = rng.uniform(0.15, 0.5)
    directed = [pair for pair in pairs if rng.random() < density]
    bidirected = [pair for pair in pairs if rng.random() < hidden / 2]
    latent = [name for name in names if rng.random() < hidden]
    return CausalGraph(directed, bidirected=bidirected, nodes=names, latent=latent)


def subsets(names):
    return chain.from_iterable(combinations(sorted(names), size) for size in range(len(names) + 1))


def separated(graph, x, y, given):
    """By networkx, on the graph with a node for each hidden cause."""
    dag = nx.DiGraph([*graph.edges, *((f"{a}~{b}", end) for a, b in graph.bidirected for end in (a, b))])
    dag.add_nodes_from(graph.nodes)
    return nx.is_d_separator(dag, {x}, {y}, set(given))


def test_districts_of_the_front_door():
    assert FRONT_DOOR.districts() == ({"shown", "bought"}, {"seen"})
    assert CausalGraph([]).districts() == ()


@pytest.mark.parametrize("seed", range(60))
def test_districts_are_components(seed):
    graph = random_graph(seed)
    skeleton = nx.Graph(graph.bidirected)
    skeleton.add_nodes_from(graph.nodes)
    assert set(graph.districts()) == set(map(frozenset, nx.connected_components(skeleton)))


@pytest.mark.parametrize("seed", range(60))
def test_the_blanket_is_the_smallest_set_that_separates(seed):
    graph = random_graph(seed)
    for node in graph.nodes:
        blanket = graph.markov_blanket(node)
        others = set(graph.nodes) - blanket - {node}
        assert all(separated(graph, node, other, blanket) for other in others)
        for left_out in blanket:
            assert not separated(graph, node, left_out, blanket - {left_out})


@pytest.mark.parametrize("seed", range(60))
def test_the_moral_graph_joins_blankets(seed):
    graph = random_graph(seed)
    moral = graph.moral_graph()
    assert {node: set(moral[node]) for node in moral} == {node: graph.markov_blanket(node) for node in graph.nodes}
    if not graph.bidirected:
        dag = nx.DiGraph(graph.edges)
        dag.add_nodes_from(graph.nodes)
        assert nx.utils.graphs_equal(nx.moral_graph(dag).to_undirected(), nx.Graph(moral))


def test_a_moral_graph_does_not_change():
    with pytest.raises(nx.NetworkXError, match="Frozen"):
        FRONT_DOOR.moral_graph().add_edge("shown", "price")


@pytest.mark.parametrize("seed", range(80))
def test_the_projection_says_the_same_of_what_is_measured(seed):
    graph = random_graph(seed, n_nodes=6, hidden=0.35)
    projected = graph.latent_projection()
    assert not projected.latent
    assert set(projected.nodes) == set(graph.nodes) - graph.latent
    for x, y in combinations(projected.nodes, 2):
        assert (x in projected.ancestors(y)) == (x in graph.ancestors(y))
        for given in subsets(set(projected.nodes) - {x, y}):
            assert separated(projected, x, y, given) == separated(graph, x, y, given), (x, y, given)


def test_a_projection_of_the_literature():
    # Tian, Pearl 2003, figure 1: hidden causes of hidden causes make one pair.
    graph = CausalGraph(
        [("u", "v"), ("v", "a"), ("v", "b"), ("u", "c"), ("a", "h"), ("h", "d")], latent=["u", "v", "h"]
    )
    projected = graph.latent_projection()
    assert projected.edges == (("a", "d"),)
    assert {frozenset(pair) for pair in projected.bidirected} == {frozenset("ab"), frozenset("ac"), frozenset("bc")}


@pytest.mark.parametrize("seed", range(60))
def test_the_basis_has_each_separable_pair(seed):
    """Each statement holds, and each pair that some set separates has one."""
    graph = random_graph(seed, n_nodes=6, hidden=0.25 if seed % 2 else 0)
    statements = list(graph.implied_independences())
    for statement in statements:
        for x in statement.x:
            assert all(separated(graph, x, y, statement.given) for y in statement.y), str(statement)
    told = {frozenset((x, y)) for statement in statements for x in statement.x for y in statement.y}
    measured = [node for node in graph.nodes if node not in graph.latent]
    separable = {
        frozenset((x, y))
        for x, y in combinations(measured, 2)
        if any(separated(graph, x, y, given) for given in subsets(set(measured) - {x, y}))
    }
    assert told == separable


def test_a_basis_is_one_statement_a_node():
    graph = CausalGraph([(f"n{i}", f"n{i + 1}") for i in range(2_000)])
    statements = graph.implied_independences()
    assert str(next(statements)) == "n2 ⊥ n0 | n1"


def test_induced_and_ancestral_graphs():
    graph = CausalGraph(
        [("a", "b"), ("b", "c"), ("c", "d")], bidirected=[("a", "c")], latent=["b"], roles={"c": "outcome"}
    )
    assert graph.induced(["a", "c"]) == CausalGraph([], bidirected=[("a", "c")], roles={"c": "outcome"})
    assert graph.ancestral("c").nodes == ("a", "b", "c")
    with pytest.raises(UnknownNodeError, match="'z'"):
        graph.induced(["a", "z"])


@pytest.mark.parametrize("seed", range(60))
def test_minimal_and_minimum_separators_equal_brute_force(seed):
    graph = random_graph(seed)
    rng = np.random.default_rng(seed)
    x, y = rng.permutation(sorted(set(graph.nodes) - graph.latent)).tolist()[:2]
    pool = set(graph.nodes) - graph.latent - {x, y}
    costs = {name: float(rng.integers(0, 5)) for name in sorted(pool)}
    every = [frozenset(given) for given in subsets(pool) if separated(graph, x, y, given)]
    minimal = {given for given in every if not any(other < given for other in every)}
    assert set(graph.minimal_separators(x, y)) == minimal
    found = graph.minimum_separator(x, y, costs=costs)
    if not every:
        assert found is None
        assert graph.minimal_separator(x, y) is None
    else:
        assert found in every
        assert sum(map(costs.get, found)) == min(sum(map(costs.get, given)) for given in every)
        assert graph.minimal_separator(x, y) in minimal


def test_costs_are_finite():
    with pytest.raises(GraphError, match="must be 0 or more"):
        FRONT_DOOR.minimum_separator("shown", "bought", costs={"seen": -1})
