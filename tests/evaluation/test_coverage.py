"""Whether intervals of gains hold the truth, over worlds in which users and items have effects of their own."""

import numpy as np
import pytest

from causalrec.evaluation.gain import _compare

N_WORLDS, N_USERS, N_ITEMS, N_STORES, N_VISITS, K = 200, 120, 40, 30, 8, 8


def world(rng):
    """Counts of one log, two rankings as places, the effect of each pair; visitors of a store share its displays."""
    base = rng.uniform(0.05, 0.35, N_ITEMS)
    shape = (N_USERS, N_ITEMS)
    effect = rng.normal(0.08, 0.06, N_ITEMS) + rng.normal(0, 0.04, (N_USERS, 1)) + rng.normal(0, 0.03, shape)
    on = (rng.random((N_STORES, N_ITEMS)) < 0.4)[rng.integers(0, N_STORES, (N_USERS, N_VISITS))]
    bought = rng.random(on.shape) < base + effect[:, None] * on
    counts = np.stack([on.sum(1), (~on).sum(1), (bought & on).sum(1), (bought & ~on).sum(1)]).astype(np.float32)
    scores = {"uplift": effect + rng.normal(0, 0.05, shape), "sales": base + rng.normal(0, 0.05, shape)}
    ranks = {name: np.argsort(np.argsort(-score, axis=1), axis=1) + 1 for name, score in scores.items()}
    return counts, {name: np.where(rank <= K, rank, 0) for name, rank in ranks.items()}, effect


@pytest.fixture(scope="module")
def differences():
    """The true difference, by the average over worlds, and the estimates of N_WORLDS."""
    rng = np.random.default_rng(1)
    gains = [[effect[place > 0].mean() for place in places.values()] for _, places, effect in map(world, [rng] * 600)]
    truth = 1000 * float(np.mean(gains, axis=0) @ [1, -1])
    compared = (_compare(*world(rng)[:2], (K,), 200, seed) for seed in range(N_WORLDS))
    return truth, [found.difference("uplift", "sales") for found in compared]


def test_gains_are_unbiased(differences):
    truth, found = differences
    values = np.array([difference.value for difference in found])
    assert values.mean() == pytest.approx(truth, abs=4 * values.std() / np.sqrt(N_WORLDS))


def test_intervals_by_user_and_item_hold_the_truth_and_by_user_alone_do_not(differences):
    truth, found = differences
    both = np.mean([d.lower <= truth <= d.upper for d in found])
    by_user = np.mean([d.lower_by_user <= truth <= d.upper_by_user for d in found])
    assert both > 0.95 - 2 * np.sqrt(0.95 * 0.05 / N_WORLDS)  # wide on purpose: no upper bound is promised
    assert by_user < 0.88
