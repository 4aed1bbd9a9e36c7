"""Adjustment in classes of graphs: known answers, and random classes against each of their members by enumeration."""

from itertools import chain, combinations, pairwise, permutations

import networkx as nx
import numpy as np
import pytest

from causalrec.errors import AdjustmentError, GraphError, NotIdentifiableError, UnknownNodeError
from causalrec.graph import CausalGraph
from causalrec.graph.markov_class import cpdag
from causalrec.graph.partial_graph import PartialGraph
from causalrec.identification import (
    adjustment_set,
    adjustment_sets,
    minimum_adjustment_set,
    optimal_adjustment_set,
)
from causalrec.identification.partial_adjustment import (
    check_partial_adjustment,
    class_criterion,
    is_partial_adjustment_set,
    partial_adjustment_set,
)

N_RANDOM = 2000
NODES = tuple("abcdef")

KNOWN = {  # name: (edges, undirected, treatment, outcome, answer); Perkovic et al. 2018, JMLR 18(220), figures 1 and 5
    "an undirected edge aside": ("xy", "ab", "x", "y", set()),
    "a parent's direction does not matter": ("vx xy wy", "vw", "x", "y", {"v"}),
    "both parents": ("vx wx xy vy wy", "vw", "x", "y", {"v", "w"}),
    "a sibling that leads to the outcome": ("vy xy", "xv", "x", "y", None),
    "no first edge has a direction": ("", "xy", "x", "y", None),
    "a sibling that leads nowhere": ("xy wy", "xv", "x", "y", set()),
    "two treatments": ("ax ay bz by xy zy", "", "xz", "y", {"a", "b"}),
    "the second treatment stands before the first one's way": ("xz zy", "", "xz", "y", set()),
}


@pytest.mark.parametrize(("edges", "undirected", "treatment", "outcome", "answer"), KNOWN.values(), ids=KNOWN)
def test_known_classes(edges, undirected, treatment, outcome, answer):
    graph = PartialGraph(map(tuple, edges.split()), undirected=map(tuple, undirected.split()))
    if answer is None:
        with pytest.raises(NotIdentifiableError, match="has no direction"):
            partial_adjustment_set(graph, treatment=tuple(treatment), outcome=outcome)
    else:
        assert partial_adjustment_set(graph, tuple(treatment), outcome) == answer


def test_knowledge_decides():
    graph = cpdag(CausalGraph([("season", "display"), ("season", "purchased"), ("display", "purchased")]))
    with pytest.raises(NotIdentifiableError) as caught:
        partial_adjustment_set(graph, "display", "purchased")
    assert caught.value.open_path[0] == "display"
    known = graph.with_orientations([("season", "display"), ("season", "purchased"), ("display", "purchased")])
    assert partial_adjustment_set(known, "display", "purchased") == {"season"}


def test_a_chord_against_the_path_makes_it_harmless():
    # Perkovic, Kalisch, Maathuis 2017: with w -> x the path x - v - w -> y cannot be causal, though no edge of it
    # alone points back.
    loose = [("x", "v"), ("v", "w")]
    graph = PartialGraph([("w", "x"), ("w", "y"), ("x", "y")], undirected=loose)
    assert graph.is_maximally_oriented
    assert partial_adjustment_set(graph, "x", "y") == {"w"}
    assert is_partial_adjustment_set(graph, "x", "y", ["w", "v"])
    with pytest.raises(NotIdentifiableError, match="x -- v -> y"):
        partial_adjustment_set(PartialGraph([*graph.edges, ("v", "y")], undirected=loose), "x", "y")


def test_reasons():
    graph = PartialGraph(
        [("season", "display"), ("display", "click"), ("click", "sold"), ("season", "sold"), ("click", "seen")],
        undirected=[("season", "week")],
        latent=["week"],
    )

    def reason(*chosen):
        return is_partial_adjustment_set(graph, "display", "sold", chosen).reason

    assert reason("season") == ""
    assert reason("season", "sold").startswith("'sold' is the treatment or the outcome itself")
    assert reason("week").startswith("'week' is not measured")
    assert reason("season", "click") == "'click' lies on the causal path display -> click -> sold. Leave it out."
    assert "'seen' is an effect of 'click' (click -> seen), which lies on the causal path" in reason("season", "seen")
    assert reason() == "the path display <- season -> sold stays open. Add 'season'."
    with pytest.raises(AdjustmentError, match=r"Adjusting for \[\] .*display <- season -> sold"):
        check_partial_adjustment(graph, "display", "sold", ())
    with pytest.raises(NotIdentifiableError, match="'click' lies on"):
        partial_adjustment_set(graph, "display", "sold", include=["click"])
    with pytest.raises(NotIdentifiableError, match=r"conditioning on \[\] leaves the path display <- season -> sold"):
        partial_adjustment_set(graph, "display", "sold", exclude="season")
    with pytest.raises(UnknownNodeError, match="'sesaon'"):
        is_partial_adjustment_set(graph, "display", "sold", ["sesaon"])
    with pytest.raises(GraphError, match="both treatment and outcome"):
        partial_adjustment_set(graph, "sold", "sold")
    square = PartialGraph([], undirected=[("a", "b"), ("b", "c"), ("c", "d"), ("d", "a")])
    with pytest.raises(GraphError, match="No causal graph agrees"):
        partial_adjustment_set(square, "a", "b")


def test_random_classes_against_all_their_members():
    random = np.random.default_rng(0)
    counts = dict.fromkeys(("valid", "invalid", "found", "none", "doubtful", "joint", "hidden"), 0)
    for _ in range(N_RANDOM):
        graph, members, x, y = draw(random)
        choices = subsets(set(graph.nodes) - graph.latent - {*x, *y})
        valid = sets_for_all(members, x, y, choices)
        for chosen in choices:
            verdict = is_partial_adjustment_set(graph, x, y, chosen)
            assert bool(verdict) == (chosen in valid), (graph.edges, graph.undirected, x, y, chosen, verdict)
            counts["valid" if verdict else "invalid"] += 1
        counts["joint"] += len(x) > 1
        counts["hidden"] += bool(graph.latent)
        if not valid:
            with pytest.raises(NotIdentifiableError) as caught:
                partial_adjustment_set(graph, x, y)
            counts["none"] += 1
            counts["doubtful"] += "has no direction" in str(caught.value)
            continue
        found = partial_adjustment_set(graph, x, y)
        assert found in valid
        assert not any(other < found for other in valid)
        counts["found"] += 1
        include = random.choice(sorted(found | {*choices[-1]})) if choices[-1] else ()
        exclude = [node for node in choices[-1] if node != include and random.random() < 0.3]
        able = [one for one in valid if one.issuperset(include) and one.isdisjoint(exclude)]
        try:
            kept = partial_adjustment_set(graph, x, y, include=include, exclude=exclude)
        except NotIdentifiableError:
            kept = None
        assert (kept in able) if able else kept is None
    assert min(counts.values()) > N_RANDOM / 20, counts


def test_listing_and_weighing_take_classes_too():
    random = np.random.default_rng(3)
    n_found = 0
    for _ in range(400):
        graph, members, x, y = draw(random)
        choices = subsets(set(graph.nodes) - graph.latent - {*x, *y})
        valid = {frozenset(z) for z in sets_for_all(members, x, y, choices)}
        minimal = {z for z in valid if not any(other < z for other in valid)}
        if not valid:
            for search in (minimum_adjustment_set, optimal_adjustment_set):
                with pytest.raises(NotIdentifiableError):
                    search(graph, x, y)
            continue
        n_found += 1
        assert set(adjustment_sets(graph, x, y)) == minimal
        assert len(minimum_adjustment_set(graph, x, y)) == min(map(len, valid))
        assert optimal_adjustment_set(graph, x, y) in valid
    assert n_found > 50


def test_one_member_stands_for_all():
    random = np.random.default_rng(1)
    n_held = 0
    while n_held < 100:
        graph, members, x, y = draw(random)
        try:
            criterion = class_criterion(graph, x, y)
        except NotIdentifiableError:
            continue
        choices = subsets(set(graph.nodes) - graph.latent - {*x, *y})
        held = {chosen for chosen in choices if chosen <= criterion.candidates and not criterion.open_path(chosen)}
        assert held == sets_for_all(members, x, y, choices)
        n_held += len(members) > 1


def test_large_classes_agree_with_the_graph_that_they_come_from():
    random = np.random.default_rng(2)
    n_free = 0
    for _ in range(300):
        names = [f"v{number}" for number in random.permutation(30)]
        pairs = list(combinations(names, 2))
        edges = [pairs[place] for place in random.choice(len(pairs), 45, replace=False)]
        dag = CausalGraph(edges, nodes=names)
        x, y = random.choice(names, 2, replace=False)
        graph = cpdag(dag).with_orientations(pair for pair in edges if x in pair or random.random() < 0.2)
        n_free += bool(graph.undirected)
        try:
            found = adjustment_set(dag, x, y)
        except NotIdentifiableError:
            found = None
        assert (found is None) != bool(is_partial_adjustment_set(graph, x, y, found or ()))
        if found is not None:  # the edges at the treatment are known, so the class is amenable
            assert partial_adjustment_set(graph, x, y) == found
    assert n_free > 50


def draw(random):
    """A maximally oriented class by enumeration, its members, and a question."""
    n_nodes = int(random.integers(3, 7))
    names = [NODES[place] for place in random.permutation(n_nodes)]
    density = random.uniform(0.3, 0.9)
    edges = [pair for pair in combinations(names, 2) if random.random() < density]
    members = markov_class(edges, names)
    knowledge = {edge for edge in edges if random.random() < random.choice([0, 0.4])}
    members = [member for member in members if knowledge <= set(member.edges)]
    shared = set.intersection(*(set(member.edges) for member in members))
    x, y = [names[0]], [names[1]]
    if n_nodes > 3 and random.random() < 0.4:
        x.append(names[2])
    if n_nodes > 4 and random.random() < 0.2:
        y.append(names[3])
    ends = [*x, *y]
    random.shuffle(names)
    latent = [name for name in names if name not in ends and random.random() < random.choice([0, 0.3])]
    loose = [edge for edge in edges if edge not in shared]
    return PartialGraph(sorted(shared), undirected=loose, nodes=names, latent=latent), members, x, y


def markov_class(edges, names):
    """Acyclic graphs with the adjacencies and the unshielded colliders of `edges`, each order of the nodes tried."""
    seen, members = set(), []
    wanted = colliders(nx.DiGraph(edges))
    for order in permutations(sorted({name for edge in edges for name in edge})):
        rank = {node: place for place, node in enumerate(order)}
        turned = frozenset(tuple(sorted(pair, key=rank.__getitem__)) for pair in edges)
        if turned not in seen:
            seen.add(turned)
            member = nx.DiGraph(turned)
            if colliders(member) == wanted:
                member.add_nodes_from(names)
                members.append(member)
    return members


def colliders(graph):
    return {
        (one, node, other)
        for node in graph
        for one, other in combinations(sorted(graph.predecessors(node)), 2)
        if not (graph.has_edge(one, other) or graph.has_edge(other, one))
    }


def sets_for_all(members, x, y, choices):
    """Those of `choices` that meet the adjustment criterion in every member (Shpitser, VanderWeele, Robins 2010)."""
    left = set(choices)
    for member in members:
        if not left:
            break
        proper = list(proper_paths(member, x, y))
        causal = [path for path in proper if all(member.has_edge(*pair) for pair in pairwise(path))]
        on_them = {node for path in causal for node in path[1:]}
        forbidden = on_them.union(*(nx.descendants(member, node) for node in on_them))
        others = [path for path in proper if path not in causal]
        left = {
            chosen
            for chosen in left
            if forbidden.isdisjoint(chosen) and all(is_blocked(member, path, chosen) for path in others)
        }
    return left


def proper_paths(member, x, y):
    """Paths from x to y in which only the first node is of x."""
    for start in x:
        skeleton = member.to_undirected()
        skeleton.remove_nodes_from(set(x) - {start})
        for end in y:
            yield from nx.all_simple_paths(skeleton, start, end)


def is_blocked(member, path, given):
    for before, node, after in zip(path, path[1:], path[2:], strict=False):
        if member.has_edge(before, node) and member.has_edge(after, node):
            if not ({node} | nx.descendants(member, node)) & given:
                return True
        elif node in given:
            return True
    return False


def subsets(nodes):
    nodes = sorted(nodes)
    return [frozenset(one) for one in chain.from_iterable(combinations(nodes, size) for size in range(len(nodes) + 1))]
