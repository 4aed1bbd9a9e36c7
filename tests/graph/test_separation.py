"""Separation and separators against the definitions, by enumeration, on small graphs."""

import pickle
from itertools import chain, combinations, pairwise

import networkx as nx
import numpy as np
import pytest

from causalrec.errors import GraphError
from causalrec.graph import CausalGraph


def random_graph(seed):
    """Graph of 3 to 7 nodes, sparse or dense, with bidirected edges and latent nodes."""
    rng = np.random.default_rng(seed)
    names = list("abcdefg"[: rng.integers(3, 8)])
    order = list(rng.permutation(names))
    density, hidden = rng.uniform(0.15, 0.7), rng.uniform(0, 0.3)
    pairs = list(combinations(order, 2))
    directed = [pair for pair in pairs if rng.random() < density]
    bidirected = [pair for pair in pairs if rng.random() < hidden]
    return CausalGraph(
        directed, bidirected=bidirected, nodes=names, latent=[name for name in names if rng.random() < 0.2]
    )


def subsets(names):
    return chain.from_iterable(combinations(sorted(names), size) for size in range(len(names) + 1))


def edges_at(graph, node):
    """(neighbour, mark at `node`, mark at the neighbour), where a mark is ">" for an arrowhead."""
    yield from ((child, "-", ">") for child in graph.children(node))
    yield from ((parent, ">", "-") for parent in graph.parents(node))
    yield from ((spouse, ">", ">") for spouse in graph.spouses(node))


def paths(graph, x, y):
    """All simple paths as lists of (node, mark at which the path comes, mark at which it leaves)."""

    def extend(path, node, mark):
        if node == y:
            yield [*path, (node, mark, "")]
            return
        seen = {step[0] for step in path} | {node}
        for neighbour, here, there in edges_at(graph, node):
            if neighbour not in seen:
                yield from extend([*path, (node, mark, here)], neighbour, there)

    yield from extend([], x, "")


def is_open(graph, path, given):
    """The definition: colliders are ancestors of `given`, the others are outside it."""
    above = graph.ancestors(*given)
    return all(node in above if comes == leaves == ">" else node not in given for node, comes, leaves in path[1:-1])


def separated(graph, x, y, given):
    return not any(is_open(graph, path, given) for path in paths(graph, x, y))


def canonical(graph):
    """The same in networkx, with a latent node for each bidirected edge."""
    twins = ((f"{a}{b}", end) for a, b in graph.bidirected for end in (a, b))
    result = nx.DiGraph([*graph.edges, *twins])
    result.add_nodes_from(graph.nodes)
    return result


@pytest.mark.parametrize("first", range(0, 300, 50))
def test_separation_equals_its_definition(first):
    answers = set()
    for seed in range(first, first + 50):
        graph = random_graph(seed)
        dag = canonical(graph)
        x, y = np.random.default_rng(seed).permutation(graph.nodes)[:2].tolist()
        for given in subsets(set(graph.nodes) - {x, y}):
            answer = graph.is_separated(x, y, given)
            answers.add(answer)
            assert answer == separated(graph, x, y, given), (seed, x, y, given)
            assert answer == nx.is_d_separator(dag, {x}, {y}, set(given)), (seed, x, y, given)
    assert answers == {True, False}


@pytest.mark.parametrize("first", range(0, 200, 50))
def test_separation_of_sets_equals_networkx(first):
    for seed in range(first, first + 50):
        graph = random_graph(seed)
        names = np.random.default_rng(seed).permutation(graph.nodes).tolist()
        x, y, given = names[:2], names[2:3], names[3:5]
        assert graph.is_separated(x, y, given) == nx.is_d_separator(canonical(graph), set(x), set(y), set(given))


@pytest.mark.parametrize("first", range(0, 200, 50))
def test_the_witness_is_an_open_path(first):
    n_witnesses = 0
    for seed in range(first, first + 50):
        graph = random_graph(seed)
        names = np.random.default_rng(seed).permutation(graph.nodes).tolist()
        x, y = names[:1], names[1:2]
        for given in subsets(names[2:]):
            path = graph.open_path(x, y, given)
            if not path:
                continue
            n_witnesses += 1
            assert path[0] in x
            assert path[-1] in y
            assert len(set(path)) == len(path)
            marks = {"->": ("-", ">"), "<-": (">", "-"), "<->": (">", ">")}
            for (node, following), arrow in zip(pairwise(path), path.arrows, strict=True):
                assert (following, *marks[arrow]) in set(edges_at(graph, node)), (seed, path, path.arrows)
            comes = ["", *(marks[arrow][1] for arrow in path.arrows)]
            leaves = [*(marks[arrow][0] for arrow in path.arrows), ""]
            assert is_open(graph, list(zip(path, comes, leaves, strict=True)), given), (seed, path, given)
    assert n_witnesses > 50


@pytest.mark.parametrize("first", range(0, 300, 50))
def test_separators_are_minimal_and_found_when_there_is_one(first):
    answers = set()
    for seed in range(first, first + 50):
        graph = random_graph(seed)
        rng = np.random.default_rng(seed)
        names = rng.permutation(graph.nodes).tolist()
        x, y, rest = names[0], names[1], set(names[2:])
        within = {name for name in rest if rng.random() < 0.8}
        include = {name for name in rest - graph.latent if rng.random() < 0.2}
        allowed = (within - graph.latent) | include
        valid = [set(z) for z in subsets(allowed) if include <= set(z) and separated(graph, x, y, z)]
        found = graph.minimal_separator(x, y, include=include, within=within)
        answers.add(found is None)
        if found is None:
            assert not valid, (seed, x, y, valid)
        else:
            assert found in valid, (seed, x, y, found)
            assert not any(smaller < found for smaller in valid), (seed, x, y, found)
    assert answers == {True, False}


def test_the_separator_is_the_one_nearest_to_x():
    graph = CausalGraph([("x", "a"), ("a", "b"), ("b", "y")])
    assert graph.minimal_separator("x", "y") == {"a"}
    assert graph.minimal_separator("y", "x") == {"b"}
    assert graph.minimal_separator("x", "y", within=["b"]) == {"b"}
    assert graph.minimal_separator("x", "y", include="b") == {"b"}
    assert graph.minimal_separator("x", "y", within=[]) is None


def test_separators_of_sets():
    graph = CausalGraph([("a", "x"), ("a", "y"), ("b", "w"), ("b", "y"), ("c", "y")])
    assert graph.minimal_separator(["x", "w"], "y") == {"a", "b"}


def test_latent_nodes_never_separate():
    graph = CausalGraph([("taste", "x"), ("taste", "y")], latent=["taste"])
    assert graph.minimal_separator("x", "y", within=["taste"]) is None
    with pytest.raises(GraphError, match=r"taste.*latent"):
        graph.minimal_separator("x", "y", include="taste")


def test_paths_print_with_their_arrows():
    graph = CausalGraph([("x", "c"), ("t", "c"), ("c", "d")], bidirected=[("t", "y")])
    path = graph.open_path("x", "y", ["d"])
    assert str(path) == "x -> c <- t <-> y"
    assert path == ("x", "c", "t", "y")
    assert path.colliders() == ("c",)
    assert str(pickle.loads(pickle.dumps(path))) == str(path)
    assert graph.open_path("x", "y") == ()
    assert str(graph.open_path("x", "y")) == ""


def test_a_directed_and_a_bidirected_edge_between_two_nodes_are_told_apart():
    graph = CausalGraph([("a", "b"), ("b", "y")], bidirected=[("a", "b"), ("x", "a")])
    assert str(graph.open_path("x", "y")) == "x <-> a -> b -> y"
    assert str(graph.open_path("x", "y", ["a"])) == "x <-> a <-> b -> y"


def test_sets_that_overlap_are_refused():
    graph = CausalGraph([("a", "b"), ("b", "c")])
    for arguments in (("a", "a"), ("a", "b", ["a"]), (["a", "b"], ["c"], ["b"])):
        with pytest.raises(GraphError, match="disjoint"):
            graph.is_separated(*arguments)


def test_large_graphs_finish():
    rng = np.random.default_rng(0)
    causes = rng.integers(0, np.repeat(np.arange(1, 20_000), 4))
    edges = [
        (str(cause), str(effect + 1)) for effect, cause in zip(np.repeat(np.arange(19_999), 4), causes, strict=True)
    ]
    graph = CausalGraph(edges)
    parents = graph.parents("19999")
    x = next(name for name in reversed(graph.nodes[:10_000]) if name not in parents)
    separator = graph.minimal_separator(x, "19999")
    assert separator is not None
    assert graph.is_separated(x, "19999", separator)
    assert all(graph.open_path(x, "19999", separator - {node}) for node in separator)
