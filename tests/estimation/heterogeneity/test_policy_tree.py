"""Exact policy trees against brute force, a planted rule, and the value's coverage."""

import itertools

import numpy as np
import pytest

from causalrec.errors import EstimationError, NotFittedError, ShapeError
from causalrec.estimation.heterogeneity.policy_tree import PolicyTree, policy_value

N_WORLDS = 200


def brute_force(V, gain, depth):
    """Largest gain of any tree, by trying them all."""
    if depth == 0 or len(gain) == 0:
        return max(gain.sum(), 0.0)
    best = max(gain.sum(), 0.0)
    for column, value in itertools.product(range(V.shape[1]), np.unique(V)):
        low = V[:, column] <= value
        if low.all() or not low.any():
            continue
        best = max(best, brute_force(V[low], gain[low], depth - 1) + brute_force(V[~low], gain[~low], depth - 1))
    return best


@pytest.mark.parametrize("seed", range(25))
@pytest.mark.parametrize("depth", [1, 2])
def test_no_tree_gains_more(seed, depth):
    rng = np.random.default_rng(seed)
    V = rng.integers(0, 5, size=(25, 3)).astype(float)
    gain = rng.normal(size=25)
    tree = PolicyTree(depth).fit(V, gain)
    assert gain[tree.treat(V)].sum() == pytest.approx(brute_force(V, gain, depth), abs=1e-9)


def test_leaves_hold_as_many_units_as_asked_for():
    rng = np.random.default_rng(0)
    V, gain = rng.normal(size=(60, 2)), rng.normal(size=60)
    rule = PolicyTree(2, min_units=10).fit(V, gain).rule_

    def leaves(rule, rows):
        if rule.column is None:
            return [len(rows)]
        low = V[rows, rule.column] <= rule.cut
        return leaves(rule.below, rows[low]) + leaves(rule.above, rows[~low])

    assert min(leaves(rule, np.arange(60))) >= 10


def planted(seed, n=400):
    rng = np.random.default_rng(seed)
    V = rng.normal(size=(n, 3))
    treats = (V[:, 0] > 0) & (V[:, 1] < 0.5)
    return V, np.where(treats, 1.0, -1.0) + rng.normal(0, 3, n)


def test_a_planted_rule_is_found_and_printed():
    V, score = planted(0, 20_000)
    tree = PolicyTree(2).fit(V, score, names=("visits", "spend", "noise"))
    assert (tree.treat(V) == ((V[:, 0] > 0) & (V[:, 1] < 0.5))).mean() > 0.97
    assert "noise" not in str(tree)
    assert str(tree).count("treat") == 1


def test_the_value_on_held_out_folds_covers_that_of_its_rules():
    hits, everybody = [], []
    big, _ = planted(10_000, 20_000)
    effect = np.where((big[:, 0] > 0) & (big[:, 1] < 0.5), 1.0, -1.0)
    for seed in range(N_WORLDS):
        V, score = planted(seed)
        fold = np.arange(len(V)) % 5
        found = policy_value(PolicyTree(1), V, score, fold)
        rules = [PolicyTree(1).fit(V[fold < k], score[fold < k]) for k in range(1, 5)]
        truth = np.mean([(effect * rule.treat(big)).mean() for rule in rules])
        hits.append(abs(found.value - truth) < 1.96 * found.stderr)
        truth -= effect.mean()
        everybody.append(abs(found.over_all - truth) < 1.96 * found.over_all_stderr)
    from scipy.stats import binom

    low, high = binom.interval(0.999, N_WORLDS, 0.95)
    assert low <= sum(hits) <= high
    assert low <= sum(everybody) <= high


def test_a_cost_above_every_effect_leaves_everybody():
    V, score = planted(0)
    tree = PolicyTree(2, cost=100).fit(V, score)
    assert not tree.treat(V).any()
    assert str(tree) == "leave everybody"


def test_weights_are_repetitions():
    V, score = planted(0, 200)
    weight = np.random.default_rng(1).integers(1, 4, 200)
    once = PolicyTree(2).fit(V, score, weight=weight.astype(float))
    assert str(once) == str(PolicyTree(2).fit(np.repeat(V, weight, axis=0), np.repeat(score, weight)))


def test_what_trees_refuse():
    V, score = planted(0, 50)
    with pytest.raises(NotFittedError):
        PolicyTree().treat(V)
    with pytest.raises(EstimationError, match="depth 1 or 2"):
        PolicyTree(3).fit(V, score)
    with pytest.raises(EstimationError, match="two folds"):
        policy_value(PolicyTree(), V, score, np.zeros(50, dtype=int))
    with pytest.raises(ShapeError):
        PolicyTree().fit(V, score[:-1])
    with pytest.raises(EstimationError, match="finite"):
        PolicyTree().fit(V, np.where(score > 0, np.nan, score))
