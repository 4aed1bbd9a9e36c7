"""Chances of exposures against every assignment there is."""

from itertools import product

import numpy as np
import pytest

from causalrec.errors import DataError
from causalrec.estimation.interference.assignments import BernoulliAssignment, ClusterAssignment, CompleteAssignment
from causalrec.estimation.interference.exposure_levels import ExposureRule, exposure_probabilities
from causalrec.estimation.interference.level_covariance import bound_covariance, level_covariance, level_weights
from causalrec.estimation.interference.network import network_of
from causalrec.estimation.interference.pair_probabilities import pair_probabilities
from tests.estimation.interference.worlds import geometric

RULES = [ExposureRule(), ExposureRule("count", 2.0), ExposureRule("share", 0.6)]
CHANCE, N = 0.4, 10
EDGES = [0, 1, 2, 3, 4, 5, 6, 7, 0, 8], [1, 2, 3, 4, 5, 6, 7, 8, 3, 9]


def everything(network, rule):
    """All assignments: their chances, and the exposures they give."""
    drawn = np.array(list(product([0.0, 1.0], repeat=network.n)))
    weight = CHANCE ** drawn.sum(axis=1) * (1 - CHANCE) ** (network.n - drawn.sum(axis=1))
    return weight, (2 * drawn + rule.holds(network, drawn.T).T).astype(int)


@pytest.mark.parametrize("directed", [False, True])
@pytest.mark.parametrize("rule", RULES)
def test_exact_chances_are_those_of_all_assignments(rule, directed):
    network = network_of(*EDGES, n=N, directed=directed)
    weight, levels = everything(network, rule)
    single = np.stack([weight @ (levels == k) for k in range(4)], axis=1)
    found = exposure_probabilities(network, BernoulliAssignment(CHANCE), rule)
    assert found.n_draws == 0
    np.testing.assert_allclose(found.value, single, atol=1e-12)
    pairs = pair_probabilities(network, BernoulliAssignment(CHANCE), rule)
    stated = {(i, j): value for i, j, value in zip(pairs.first, pairs.second, pairs.value, strict=True)}
    for i in range(N):
        for j in range(i + 1, N):
            first, second = (levels[:, at, None] == np.arange(4) for at in (i, j))
            joint = np.einsum("a,ak,am->km", weight, first, second)
            expected = stated.get((i, j), np.outer(single[i], single[j]))  # others are independent
            np.testing.assert_allclose(expected, joint, atol=1e-12)
            if (i, j) in stated:
                np.testing.assert_array_equal(stated[i, j] > 0, joint > 1e-14)


@pytest.mark.parametrize("rule", RULES)
def test_variances_are_never_too_small_on_average(rule):
    network = network_of(*EDGES, n=N)
    weight, levels = everything(network, rule)
    chances = exposure_probabilities(network, BernoulliAssignment(CHANCE), rule)
    pairs = pair_probabilities(network, BernoulliAssignment(CHANCE), rule)
    outcomes = np.random.default_rng(3).normal(size=(N, 4)) + np.array([0.0, 1.0, 2.0, 4.0])
    sums, stated = [], []
    for row in levels:
        seen = np.repeat(outcomes[np.arange(N), row][:, None], 4, axis=1)
        sums.append((level_weights(row, chances) * seen).sum(axis=0))
        stated.append(level_covariance(seen, row, chances, pairs))
        assert np.linalg.eigvalsh(bound_covariance(seen, row, chances, pairs))[0] > -1e-9
    mean, stated = weight @ np.array(sums), np.einsum("a,akm->km", weight, np.array(stated))
    np.testing.assert_allclose(mean, outcomes[chances.possible].sum(axis=0), atol=1e-10)  # unbiased
    left = np.array(sums) - mean
    true = np.einsum("a,ak,am->km", weight, left, left)
    for high, low in ((2, 0), (1, 0), (3, 0)):
        variance = [one[high, high] + one[low, low] - 2 * one[high, low] for one in (stated, true)]
        assert variance[0] >= variance[1] - 1e-9
    whole = [k for k in range(4) if not (pairs.value[:, k, k] == 0).any()]
    assert 0 in whole
    np.testing.assert_allclose(np.diag(stated)[whole], np.diag(true)[whole])  # exact where all pairs can occur


@pytest.mark.parametrize("rule", RULES)
def test_drawn_chances_come_near_the_exact_ones(rule):
    network = geometric(60, 1)
    weighted = network_of(*network.friends.tocoo().coords, 60, np.full(network.friends.nnz, 2.0))
    lottery, n_draws = BernoulliAssignment(CHANCE), 4000
    scaled = rule if rule.kind != "count" else ExposureRule("count", 4.0)
    exact = exposure_probabilities(network, lottery, rule)
    drawn = exposure_probabilities(weighted, lottery, scaled, n_draws=n_draws)
    assert drawn.n_draws == n_draws
    assert np.abs(drawn.value - exact.value).max() < 5 * 0.5 / n_draws**0.5
    pairs = pair_probabilities(network, lottery, rule)
    others = pair_probabilities(weighted, lottery, scaled, n_draws=n_draws)
    np.testing.assert_array_equal(pairs.first, others.first)
    assert np.abs(pairs.value - others.value).max() < 5 * 0.5 / n_draws**0.5


@pytest.mark.parametrize("lottery", ["complete", "cluster"])
def test_draws_do_not_depend_on_the_order_of_rows(lottery):
    network, codes, order = geometric(40, 2), np.arange(40) // 4, np.random.default_rng(0).permutation(40)
    first, other = (
        (CompleteAssignment(15), CompleteAssignment(15)) if lottery == "complete"
        else (ClusterAssignment(codes, 0.5), ClusterAssignment(codes[order], 0.5))
    )  # fmt: skip
    left = exposure_probabilities(network, first, ExposureRule(), n_draws=300)
    right = exposure_probabilities(network.rows(order), other, ExposureRule(), n_draws=300)
    np.testing.assert_array_equal(left.value[order], right.value)


def test_units_of_one_cluster_are_dependent():
    network = network_of([0, 2], [1, 3], n=5)
    lottery = ClusterAssignment(np.array([0, 1, 2, 1, 3]), 0.5)
    pairs = pair_probabilities(network, lottery, ExposureRule(), n_draws=100)
    found = set(zip(pairs.first.tolist(), pairs.second.tolist(), strict=True))
    assert found == {(0, 1), (0, 2), (0, 3), (1, 2), (1, 3), (2, 3)}


NO_RULES = [
    ("any", 0.5),
    ("share", None),
    ("share", 1.5),
    ("count", 0),
    ("mean", 1),
    ("count", np.inf),
    ("share", "half"),
]


@pytest.mark.parametrize(("kind", "threshold"), NO_RULES)
def test_rules_that_are_none(kind, threshold):
    with pytest.raises(DataError):
        ExposureRule(kind, threshold)
