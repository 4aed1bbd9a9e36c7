"""Markov classes: the CPDAG against the class enumerated, and equivalence against all separations."""

from itertools import chain, combinations, product

import networkx as nx
import numpy as np
import pytest

from causalrec.errors import GraphError
from causalrec.graph import CausalGraph
from causalrec.graph.markov_class import cpdag, equivalent

N_CLASSES, N_PAIRS, N_LATENT_PAIRS = 100, 1000, 2000
NODES = tuple("abcdef")


def test_the_cpdag_of_a_known_graph():
    # Asia (Lauritzen, Spiegelhalter 1988): smoking's edges and the one from asia stay undirected.
    asia = [("asia", "tub"), ("smoke", "lung"), ("smoke", "bronc"), ("tub", "either"), ("lung", "either")]
    asia += [("either", "xray"), ("either", "dysp"), ("bronc", "dysp")]
    found = cpdag(CausalGraph(asia))
    assert found.undirected == (("asia", "tub"), ("smoke", "lung"), ("smoke", "bronc"))
    assert set(found.edges) == set(asia[3:])


def test_hidden_nodes_have_no_cpdag():
    with pytest.raises(GraphError, match="'taste' and a <-> b are not"):
        cpdag(CausalGraph([("taste", "a"), ("taste", "b")], bidirected=[("a", "b")], latent=["taste"]))


def test_equivalent_knows_what_data_cannot_tell():
    assert equivalent(CausalGraph([("a", "b"), ("b", "c")]), CausalGraph([("b", "a"), ("b", "c")]))
    assert not equivalent(CausalGraph([("a", "b"), ("b", "c")]), CausalGraph([("a", "b"), ("c", "b")]))
    assert not equivalent(CausalGraph([("a", "b")]), CausalGraph([("a", "c")]))
    # A hidden common cause of two nodes looks like an edge between them.
    assert equivalent(CausalGraph([("a", "b")]), CausalGraph([("u", "a"), ("u", "b")], latent=["u"]))
    assert equivalent(CausalGraph([("a", "b")]), CausalGraph([], bidirected=[("a", "b")]))


def test_a_discriminating_path_decides():
    # Richardson, Spirtes 2002: same adjacencies and unshielded colliders, but c is a collider in one alone.
    edges = [("a", "b"), ("b", "d")]
    one = CausalGraph([*edges, ("c", "d")], bidirected=[("b", "c")])
    other = CausalGraph(edges, bidirected=[("b", "c"), ("c", "d")])
    assert not equivalent(one, other)
    assert not same_separations(one, other)


def test_random_cpdags_against_their_class():
    random = np.random.default_rng(0)
    for _ in range(N_CLASSES):
        dag = draw(random, int(random.integers(2, 6)), 0, 0)
        members = [member for member in orientations(dag) if same_separations(member, dag)]
        shared = set.intersection(*(set(member.edges) for member in members))
        found = cpdag(dag)
        assert set(found.edges) == shared
        assert len(found.edges) + len(found.undirected) == len(dag.edges)
        assert found.is_maximally_oriented
        assert all(equivalent(dag, member) for member in members)


def test_random_graphs_are_equivalent_just_when_all_separations_agree():
    random = np.random.default_rng(1)
    n_same = 0
    for _ in range(N_PAIRS):
        n_nodes = int(random.integers(3, 6))
        one = draw(random, n_nodes, 0, 0)
        other = turned(random, one)
        same = same_separations(one, other)
        assert equivalent(one, other) == same
        n_same += same
    assert N_PAIRS / 10 < n_same < N_PAIRS * 0.9


def test_random_hidden_graphs_are_equivalent_just_when_all_separations_agree():
    random = np.random.default_rng(2)
    n_same = 0
    for number in range(N_LATENT_PAIRS):
        n_nodes = (3, 4, 4, 5, 5, 4, 5, 6)[number % 8]
        one = draw(random, n_nodes, int(random.integers(0, 4)), random.uniform(0, 0.5))
        other = turned(random, one) if random.random() < 0.8 else draw(random, n_nodes, 2, 0.3)
        same = same_separations(one, other)
        assert equivalent(one, other) == same, (one.edges, one.bidirected, other.edges, other.bidirected)
        n_same += same
    assert N_LATENT_PAIRS / 10 < n_same < N_LATENT_PAIRS * 0.9


def test_a_large_class_and_a_large_hidden_one():
    random = np.random.default_rng(3)
    edges = {tuple(sorted(map(int, pair))) for pair in random.integers(0, 10_000, (20_000, 2)) if pair[0] != pair[1]}
    graph = CausalGraph([(f"v{one}", f"v{other}") for one, other in edges])
    found = cpdag(graph)
    assert equivalent(graph, found.consistent_extension())
    hidden = CausalGraph([(f"v{one}", f"v{one + 1}") for one in range(150)], bidirected=[("v3", "v9")], latent=["v50"])
    back = CausalGraph([(f"v{one}", f"v{one + 1}") for one in range(150)], bidirected=[("v9", "v3")], latent=["v50"])
    assert equivalent(hidden, back)
    assert not equivalent(hidden, CausalGraph(back.edges, latent=["v50"]))


def draw(random, n_nodes, n_latent, twins):
    """Random graph of `n_nodes` measured nodes, latent causes at random places, and bidirected edges."""
    names = [*NODES[:n_nodes], *(f"u{number}" for number in range(n_latent))]
    names = [names[place] for place in random.permutation(len(names))]
    density = random.uniform(0.2, 0.8)
    pairs = list(combinations(names, 2))
    edges = [pair for pair in pairs if random.random() < density]
    bidirected = [pair for pair in pairs if random.random() < twins]
    return CausalGraph(edges, bidirected=bidirected, nodes=names, latent=[name for name in names if name[0] == "u"])


def turned(random, graph):
    """The graph with a few edges turned, made bidirected, or replaced by a latent cause; acyclic again."""
    edges, twins = list(graph.edges), list(graph.bidirected)
    hidden = 0
    for edge in graph.edges:
        if random.random() < 0.3:
            edges.remove(edge)
            kind = random.integers(0, 3) if graph.latent or twins else 0
            trial = [*edges, edge[::-1]]
            if kind == 0:
                edges = trial if nx.is_directed_acyclic_graph(nx.DiGraph(trial)) else [*edges, edge]
            elif kind == 1:
                twins.append(edge)
            else:
                hidden += 1
                edges += [(f"w{hidden}", edge[0]), (f"w{hidden}", edge[1])]
    latent = [*graph.latent, *(f"w{number + 1}" for number in range(hidden))]
    return CausalGraph(edges, bidirected=twins, nodes=graph.nodes, latent=latent)


def orientations(graph):
    for flips in product([False, True], repeat=len(graph.edges)):
        edges = [edge[::-1] if flip else edge for edge, flip in zip(graph.edges, flips, strict=True)]
        if nx.is_directed_acyclic_graph(nx.DiGraph(edges)):
            yield CausalGraph(edges, nodes=graph.nodes)


def same_separations(one, other):
    """Whether all statements x, y, given among the measured nodes agree, by networkx with all latents drawn."""
    measured = sorted(set(one.nodes) - one.latent)
    first, second = drawn(one), drawn(other)
    return measured == sorted(set(other.nodes) - other.latent) and all(
        nx.is_d_separator(first, {x}, {y}, given) == nx.is_d_separator(second, {x}, {y}, given)
        for x, y in combinations(measured, 2)
        for given in subsets(set(measured) - {x, y})
    )


def drawn(graph):
    dag = nx.DiGraph(graph.edges)
    dag.add_nodes_from(graph.nodes)
    for one, other in graph.bidirected:
        dag.add_edges_from([((one, other), one), ((one, other), other)])
    return dag


def subsets(nodes):
    nodes = sorted(nodes)
    return map(set, chain.from_iterable(combinations(nodes, size) for size in range(len(nodes) + 1)))
