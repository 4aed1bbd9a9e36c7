"""Front-door sets: Pearl's example, and the definition by enumeration on random graphs."""

import networkx as nx
import numpy as np
import pytest

from causalrec.errors import GraphError, NotIdentifiableError, UndecidedError, UnknownNodeError
from causalrec.graph import CausalGraph
from causalrec.identification import frontdoor_set, frontdoor_sets
from tests.identification.oracles import canonical, measured, parse, random_query, subsets

N_GRAPHS = 800


def is_frontdoor(graph, x, y, z):
    """Conditions of Pearl 1995, path by path."""
    dag = canonical(graph.edges, graph)
    x, y = set(x), set(y)
    directed = nx.DiGraph(graph.edges)
    directed.add_nodes_from(graph.nodes)
    kept = directed.subgraph(set(directed) - z)
    if any(nx.has_path(kept, one, other) for one in x for other in y):
        return False
    if any(is_open(dag, path, set()) for path in backdoor_paths(dag, x, z)):
        return False
    return not any(is_open(dag, path, x) for path in backdoor_paths(dag, z, y))


def backdoor_paths(dag, sources, targets):
    skeleton = dag.to_undirected()
    for source in sources:
        proper = skeleton.subgraph((set(skeleton) - sources) | {source})
        for target in targets - {source}:
            if target in proper:
                yield from (p for p in nx.all_simple_paths(proper, source, target) if dag.has_edge(p[1], p[0]))


def is_open(dag, path, given):
    for before, node, after in zip(path, path[1:], path[2:], strict=False):
        collider = dag.has_edge(before, node) and dag.has_edge(after, node)
        below = {node, *nx.descendants(dag, node)}
        if (collider and not below & given) or (not collider and node in given):
            return False
    return True


def frontdoor_query(seed, n_nodes=(4, 8)):
    """Few hidden pairs that do not touch the mediators: else almost nothing has a front door."""
    rng = np.random.default_rng(seed)
    graph, x, y = random_query(seed, n_nodes)
    if rng.random() < 0.5:
        edges = [pair for pair in graph.edges if pair != (x[0], y[0])]
        graph = CausalGraph(edges, nodes=graph.nodes, latent=graph.latent, bidirected=[(x[0], y[0])])
    return graph, x, y


@pytest.mark.parametrize("first", range(0, N_GRAPHS, 100))
def test_sets_equal_the_definition(first):
    n_found = 0
    for seed in range(first, first + 100):
        graph, x, y = frontdoor_query(seed)
        rng = np.random.default_rng(seed)
        names = sorted(measured(graph, x, y))
        include = {name for name in names if rng.random() < 0.1}
        exclude = {name for name in names if rng.random() < 0.1} - include
        every = [frozenset(z) for z in subsets(measured(graph, x, y) - exclude) if include <= set(z)]
        valid = {z for z in every if is_frontdoor(graph, x, y, set(z))}
        assert set(frontdoor_sets(graph, x, y, include=include, exclude=exclude)) == valid, seed
        if not valid:
            with pytest.raises(NotIdentifiableError):
                frontdoor_set(graph, x, y, include=include, exclude=exclude)
            continue
        n_found += 1
        found = frontdoor_set(graph, x, y, include=include, exclude=exclude)
        assert found in valid, (seed, found)
        assert not any(other < found for other in valid), (seed, found)
    assert n_found > 10


def test_smoking_tar_and_cancer():
    # Pearl 1995, figure 3.
    graph = parse("smoking -> tar -> cancer; smoking <- genotype -> cancer", "genotype")
    assert frontdoor_set(graph, "smoking", "cancer") == {"tar"}


def test_a_mediator_with_a_hidden_cause_is_refused_with_its_path():
    graph = parse("shown -> seen -> bought; shown <-> bought; seen <-> bought")
    with pytest.raises(NotIdentifiableError, match="causal path shown -> seen -> bought") as caught:
        frontdoor_set(graph, "shown", "bought")
    assert caught.value.open_path == ("shown", "seen", "bought")


def test_each_set_is_listed_once():
    graph = parse("x -> a -> b -> c -> y; x <-> y")
    listed = list(frontdoor_sets(graph, "x", "y"))
    assert len(listed) == len(set(listed)) == 7


def test_a_hundred_thousand_nodes():
    n_nodes = 100_000
    edges = [(f"m{i}", f"m{i + 1}") for i in range(n_nodes)]
    graph = CausalGraph([("x", "m0"), *edges, (f"m{n_nodes}", "y")], bidirected=[("x", "y")])
    assert len(frontdoor_set(graph, "x", "y")) == 1


def test_bad_names_are_refused():
    graph = parse("x -> m -> y")
    with pytest.raises(UnknownNodeError, match=r"'mm'.*'m'"):
        frontdoor_set(graph, "x", "y", include="mm")
    with pytest.raises(GraphError, match="both treatment and outcome"):
        frontdoor_set(graph, "x", "x")


def test_a_listing_ends_at_its_deadline():
    edges = [(f"m{i}", f"m{i + 1}") for i in range(3_000)]
    graph = CausalGraph([("x", "m0"), *edges, ("m3000", "y")], bidirected=[("x", "y")])
    with pytest.raises(UndecidedError, match="listing the front-door sets"):
        next(frontdoor_sets(graph, "x", "y", deadline=0.05))
