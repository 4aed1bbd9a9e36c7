"""Possible causes: witnesses that Meek's rules confirm; the sets are held against enumeration in test_partial_graph."""

from itertools import combinations, pairwise

import numpy as np
import pytest

from causalrec.errors import GraphError
from causalrec.graph import CausalGraph
from causalrec.graph.markov_class import cpdag
from causalrec.graph.partial_graph import PartialGraph
from causalrec.graph.possible import possible_ancestor_mask, possible_descendant_mask, possible_route, without_nodes

N_RANDOM = 300


def test_a_chord_against_the_walk():
    # c -> a, a - b - c: from a to b, but not on to c.
    adjacency = PartialGraph([("c", "a")], undirected=[("a", "b"), ("b", "c")], nodes=["a", "b", "c"]).adjacency
    assert list(possible_descendant_mask(adjacency, [0])) == [1, 1, 0]
    assert list(possible_ancestor_mask(adjacency, [2])) == [0, 1, 1]
    assert possible_route(adjacency, 0, [2]) == []
    assert possible_route(adjacency, 1, [2]) == [1, 2]
    assert possible_route(adjacency, 1, [0, 1]) == [1]


def test_without_nodes_keeps_the_numbers():
    adjacency = PartialGraph([("a", "b")], undirected=[("b", "c"), ("c", "d")]).adjacency
    left = without_nodes(adjacency, frozenset([0]))
    assert left.parents == left.children == [[], [], [], []]
    assert list(map(set, left.spouses)) == [set(), {2}, {1, 3}, {2}]


def test_a_route_can_be_directed_and_there_is_one_just_where_the_sets_say():
    random = np.random.default_rng(0)
    n_loose = 0
    for _ in range(N_RANDOM):
        names = [f"v{number}" for number in random.permutation(int(random.integers(3, 9)))]
        edges = [pair for pair in combinations(names, 2) if random.random() < 0.6]
        graph = cpdag(CausalGraph(edges, nodes=names))
        graph = graph.with_orientations(pair for pair in edges if random.random() < 0.2)
        source, target = random.choice(names, 2, replace=False)
        route = possible_route(graph.adjacency, *graph.numbers(str(source)), graph.numbers(str(target)))
        assert (
            bool(route)
            == (target in graph.possible_descendants(source))
            == (source in graph.possible_ancestors(target))
        )
        steps = list(pairwise(graph.nodes[node] for node in route))
        assert set(steps) <= set(graph.with_orientations(steps).edges)
        n_loose += not set(steps) <= set(graph.edges)
        if route:
            assert (graph.nodes[route[0]], graph.nodes[route[-1]]) == (source, target)
            with pytest.raises(GraphError):
                graph.with_orientations([*steps, *(pair[::-1] for pair in steps)])
    assert n_loose > 30
