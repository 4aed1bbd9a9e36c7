"""Discovery: exact with an oracle, as causal-learn on data, and knowledge is obeyed."""

import random
from itertools import combinations, product

import networkx as nx
import numpy as np
import pytest

from causalrec.errors import DataError, GraphError, MissingColumnsError, UnknownNodeError
from causalrec.falsification import discover, pc
from causalrec.graph.partial_graph import PartialGraph

N_GRAPHS = 500
SAMPLE_SIZE = 400


def random_dag(seed):
    rng = random.Random(seed)
    n = rng.randint(2, 8)
    nodes = [f"n{k}" for k in range(n)]
    order = rng.sample(nodes, n)
    pairs = [pair for pair in combinations(order, 2) if rng.random() < rng.choice([0.2, 0.4])]
    dag = nx.DiGraph(pairs[:9])
    dag.add_nodes_from(nodes)
    return nodes, dag


def colliders(dag):
    return {
        (frozenset((a, b)), node)
        for node in dag
        for a, b in combinations(dag.predecessors(node), 2)
        if not dag.has_edge(a, b) and not dag.has_edge(b, a)
    }


def cpdag_by_definition(dag, allowed=lambda edges: True):
    """Edges that all acyclic directions with the same colliders share, and those that they do not."""
    pairs, wanted = sorted(map(tuple, map(sorted, dag.edges))), colliders(dag)
    members = []
    for turns in product((False, True), repeat=len(pairs)):
        other = nx.DiGraph(pair[::-1] if turn else pair for pair, turn in zip(pairs, turns, strict=True))
        if colliders(other) == wanted and allowed(other.edges) and nx.is_directed_acyclic_graph(other):
            members.append(set(other.edges))
    directed = set.intersection(*members) if members else set()
    return directed, {frozenset(pair) for pair in pairs} - {frozenset(pair) for pair in directed}


def oracle(dag):
    return lambda x, y, given: float(nx.is_d_separator(dag, {x}, {y}, set(given)))


def marks(graph):
    return set(graph.edges), {frozenset(pair) for pair in graph.undirected}


@pytest.mark.parametrize("block", range(5))
def test_with_an_oracle_it_is_the_markov_class(block):
    for seed in range(block * N_GRAPHS // 5, (block + 1) * N_GRAPHS // 5):
        nodes, dag = random_dag(seed)
        found = pc(nodes, oracle(dag))
        assert marks(found.graph) == cpdag_by_definition(dag), seed
        assert not found.conflicts


def test_with_an_oracle_and_knowledge_it_is_the_class_that_agrees_with_both():
    for seed in range(120):
        nodes, dag = random_dag(seed)
        rng = random.Random(seed)
        order = list(nx.topological_sort(dag))
        cut = rng.randint(0, len(order))
        tiers = [order[:cut], order[cut:]]
        required = rng.sample(sorted(dag.edges), min(1, dag.number_of_edges()))
        forbidden = [(b, a) for a, b in rng.sample(sorted(dag.edges), min(1, dag.number_of_edges()))]

        def agrees(edges, tiers=tiers, required=required, forbidden=forbidden):
            late = {(b, a) for a in tiers[0] for b in tiers[1]}
            return set(required) <= set(edges) and not (late | set(forbidden)) & set(edges)

        found = pc(nodes, oracle(dag), tiers=tiers, required=required, forbidden=forbidden)
        assert marks(found.graph) == cpdag_by_definition(dag, agrees), seed
        assert not found.conflicts


def linear_sample(seed, n=SAMPLE_SIZE):
    rng = np.random.default_rng(seed)
    nodes, dag = random_dag(seed)
    data = {}
    for node in nx.topological_sort(dag):
        causes = sorted(dag.predecessors(node))
        data[node] = sum((rng.uniform(0.3, 1) * data[cause] for cause in causes), rng.normal(size=n))
    return {node: data[node] for node in nodes}


def test_causal_learn_finds_the_same_skeleton():
    from causallearn.search.ConstraintBased.PC import pc as peer_pc

    for seed in range(60):
        data = linear_sample(seed)
        peer = peer_pc(np.column_stack(list(data.values())), 0.01, "fisherz", stable=True, show_progress=False)
        names = list(data)
        expected = {frozenset((names[a], names[b])) for a, b in zip(*np.nonzero(peer.G.graph), strict=True)}
        graph = discover(data, alpha=0.01).graph
        assert {frozenset(pair) for pair in (*graph.edges, *graph.undirected)} == expected, seed


def test_the_order_of_columns_and_rows_does_not_matter():
    for seed in range(30):
        data = linear_sample(seed)
        rng = np.random.default_rng(seed)
        rows = rng.permutation(SAMPLE_SIZE)
        shuffled = {name: data[name][rows] for name in rng.permutation(list(data))}
        assert marks(discover(shuffled).graph) == marks(discover(data).graph)


def test_mixed_kinds_are_tested_as_they_are():
    rng = np.random.default_rng(0)
    n = 3000
    season = rng.choice(["summer", "winter"], n)
    promotion = rng.random(n) < 0.4
    sold = (season == "summer") + 1.0 * promotion + rng.normal(size=n)
    returned = rng.random(n) < 1 / (1 + np.exp(-sold))
    found = discover({"season": season, "promotion": promotion, "sold": sold, "returned": returned})
    assert set(found.graph.edges) == {("season", "sold"), ("promotion", "sold"), ("sold", "returned")}
    assert "a person decides" in str(found)


def test_removed_edges_say_what_separates_them():
    nodes, dag = ["a", "b", "c"], nx.DiGraph([("a", "b"), ("b", "c")])
    (removed,) = pc(nodes, oracle(dag)).removed
    assert (removed.x, removed.y, removed.given) == ("a", "c", ("b",))
    assert str(removed) == "a ⊥ c | b (p = 1)"


def test_colliders_that_contradict_each_other_are_left_undirected_and_listed():
    independent = {frozenset("ac"), frozenset("bd")}  # a - b - c - d with both ends separated by nothing
    answers = {frozenset("ad"): ("b",)}

    def p_value(x, y, given):
        pair = frozenset((x, y))
        return float((pair in independent and not given) or answers.get(pair) == given)

    found = pc(list("abcd"), p_value)
    assert any("a -> b <- c contradicts another collider" in conflict for conflict in found.conflicts)
    assert frozenset("bc") in marks(found.graph)[1]


def test_a_collider_against_time_is_a_conflict():
    dag = nx.DiGraph([("a", "b"), ("c", "b")])
    found = pc(["a", "b", "c"], oracle(dag), tiers=[["b"], ["a", "c"]])
    assert set(found.graph.edges) == {("b", "a"), ("b", "c")}
    assert found.conflicts == ("the collider a -> b <- c contradicts the background knowledge",)


def test_a_pair_that_knowledge_rules_out_still_tells_its_collider():
    dag = nx.DiGraph([("a", "b"), ("c", "b")])
    found = pc(["a", "b", "c"], oracle(dag), forbidden=[("a", "c"), ("c", "a")])
    assert set(found.graph.edges) == {("a", "b"), ("c", "b")}


def test_a_required_edge_stays():
    data = {"a": np.random.default_rng(0).normal(size=100), "b": np.random.default_rng(1).normal(size=100)}
    assert discover(data, required=[("a", "b")]).graph == PartialGraph([("a", "b")])


def test_the_deadline_and_the_largest_set_list_what_is_left():
    rng = np.random.default_rng(0)
    common = rng.normal(size=200)
    data = {f"n{k}": common + rng.normal(size=200) for k in range(12)}
    found = discover(data, deadline=1e-6)
    assert len(found.left_out) == 12 * 11 / 2
    assert "Not tested to the end" in str(found)
    shallow = discover(data, max_given=0)
    assert len(shallow.left_out) == len(shallow.graph.edges) + len(shallow.graph.undirected)
    assert all(edge.given == () for edge in shallow.removed)


def test_a_test_that_says_nothing_removes_no_edge():
    data = {"a": np.arange(3) * 1.5, "b": np.array([2.5, 0.1, 1.7])}
    found = discover(data, kinds={"a": "continuous", "b": "continuous"})
    assert found.graph.undirected == (("a", "b"),)
    assert found.n_untestable == 1


REFUSALS = {
    "unknown name": ({"forbidden": [("a", "z")]}, UnknownNodeError, "'z'"),
    "two tiers": ({"tiers": [["a"], ["a", "b"]]}, GraphError, "tiers 0 and 1"),
    "required and forbidden": ({"forbidden": [("a", "b")], "required": [("a", "b")]}, GraphError, "rules it out"),
    "required against time": ({"tiers": [["b"], ["a"]], "required": [("a", "b")]}, GraphError, "tiers rule it out"),
    "required cycle": ({"required": [("a", "b"), ("b", "a")]}, GraphError, "cycle"),
    "method": ({"method": "lingam"}, DataError, "lingam"),
    "level": ({"alpha": 1.0}, DataError, "alpha"),
    "column": ({"nodes": ["a", "bb"]}, MissingColumnsError, "'bb'"),
}


@pytest.mark.parametrize(("options", "error", "match"), REFUSALS.values(), ids=REFUSALS)
def test_contradictions_are_refused(options, error, match):
    data = {"a": np.arange(20.0), "b": np.arange(20.0) ** 2}
    with pytest.raises(error, match=match):
        discover(data, **options)


@pytest.mark.parametrize(
    ("column", "message"),
    [(np.ones(300), "no two different values"), ([f"id{k}" for k in range(300)], "a value of its own in most rows")],
)
def test_a_column_that_no_test_can_take_is_refused(column, message):
    one, other = np.random.default_rng(0).normal(size=(2, 300))
    with pytest.raises(DataError, match=rf"'k' has {message}"):
        discover({"k": column, "b": one, "c": other})
