"""The permutation baseline is that of Eulig et al. (2023), as dowhy has it."""

import networkx as nx
import numpy as np
import pandas as pd
import pytest

from causalrec.falsification import falsify, partial_correlation
from causalrec.graph import CausalGraph

CHAIN = CausalGraph([("a", "b"), ("b", "c"), ("c", "d")])


def sample(n=200, seed=0):
    a, b, c, d = np.random.default_rng(seed).normal(size=(4, n))
    b = a + b
    c = b + c
    return {"a": a, "b": b, "c": c, "d": 0.5 * c + d}


GRAPHS = {
    "right": CHAIN,
    "collider": CausalGraph([("a", "b"), ("c", "b"), ("b", "d")]),
    "empty": CausalGraph([], nodes=["a", "b", "c", "d"]),
    "shuffled": CausalGraph([("c", "a"), ("a", "d"), ("d", "b")]),
}


@pytest.mark.parametrize("graph", GRAPHS.values(), ids=GRAPHS)
def test_dowhy_finds_the_same_shares(graph):
    from dowhy.gcm.falsify import FalsifyConst, falsify_graph

    directed = nx.DiGraph()
    directed.add_nodes_from(graph.nodes)
    directed.add_edges_from(graph.edges)
    data = sample()
    peer = falsify_graph(
        directed,
        pd.DataFrame(data),
        independence_test=lambda x, y: partial_correlation(x, y).p_value,
        conditional_independence_test=lambda x, y, z: partial_correlation(x, y, z).p_value,
        n_permutations=-1,
        n_jobs=1,
        show_progress_bar=False,
    )
    ours = falsify(graph, data, n_permutations=24).permutations
    assert ours.n_permutations == 24
    assert ours.as_good == pytest.approx(peer.summary[FalsifyConst.VALIDATE_LMC][FalsifyConst.P_VALUE])
    assert ours.equivalent == pytest.approx(peer.summary[FalsifyConst.VALIDATE_TPA][FalsifyConst.P_VALUE])
    assert ours.violations == peer.summary[FalsifyConst.VALIDATE_LMC][FalsifyConst.GIVEN_VIOLATIONS]
    assert (ours.falsifiable, ours.falsified) == (peer.falsifiable, peer.falsified)


def test_a_right_graph_of_six_beats_chance_and_a_shuffled_one_does_not():
    rng = np.random.default_rng(0)
    graph = CausalGraph([("a", "c"), ("b", "c"), ("c", "d"), ("d", "e"), ("b", "f")])
    data = {}
    for node in graph.topological_order:
        data[node] = sum((data[cause] for cause in sorted(graph.parents(node))), np.zeros(500)) + rng.normal(size=500)
    good = falsify(graph, data, n_permutations=100).permutations
    assert (good.falsifiable, good.falsified) == (True, False)
    turned = dict(zip("abcdef", "dfaecb", strict=True))
    bad = falsify(graph, {turned[name]: values for name, values in data.items()}, n_permutations=100).permutations
    assert (bad.falsifiable, bad.falsified) == (True, True)
    assert "no better than chance" in str(bad)


def test_a_graph_without_edges_cannot_be_told_from_chance():
    graph = CausalGraph([], nodes=["a", "b", "c", "d"])
    found = falsify(graph, sample(), n_permutations=20).permutations
    assert (found.falsifiable, found.falsified, found.equivalent) == (False, False, 1.0)
    assert "cannot be told from chance" in str(found)


def test_few_permutations_do_not_tell():
    assert "too few permutations to tell" in str(falsify(CHAIN, sample(), n_permutations=5).permutations)


def test_a_deadline_leaves_the_baseline_out():
    found = falsify(CHAIN, sample(), deadline=1e-6)
    assert (found.permutations.n_permutations, found.permutations.violations) == (0, None)
    assert len(found.left_out) == 3


def test_seeds_decide():
    graph = CausalGraph(CHAIN.edges, nodes=["a", "b", "c", "d"])
    first, again = (falsify(graph, sample(), n_permutations=10, random_state=3).permutations for _ in range(2))
    assert first == again
