"""Calibration on held-out folds: level without heterogeneity, coverage and calibration with it."""

import numpy as np
import pytest
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.tree import DecisionTreeRegressor

from causalrec.data.design import Design
from causalrec.errors import EstimationError
from causalrec.estimation.heterogeneity.calibration import best_linear_predictor, clan, gates
from causalrec.estimation.heterogeneity.held_out import HeldOut, held_out
from causalrec.estimation.heterogeneity.learners import DRLearner, TLearner
from causalrec.estimation.heterogeneity.targeting import rank_held_out, rank_weighted_effect

N_WORLDS = 150
LINEAR = DRLearner(LinearRegression(), LogisticRegression(), n_folds=2)
TREE = TLearner(DecisionTreeRegressor(max_depth=3, random_state=0), LogisticRegression(), n_folds=2)


def planted(seed, n=600, *, slope=0.0, clusters=None):
    rng = np.random.default_rng(seed)
    n_groups = clusters or n
    group = np.repeat(np.arange(n_groups), n // n_groups)
    X = rng.normal(size=(n_groups, 3))[group]
    t = (rng.random(n_groups)[group] < 1 / (1 + np.exp(-0.5 * X[:, 0]))).astype(float)
    noise = rng.normal(size=n) + (rng.normal(size=n_groups)[group] if clusters else 0)
    y = X[:, 0] + t * (1 + slope * X[:, 1]) + noise
    return Design(y, t[:, None], X, (), {"user": group} if clusters else {}, ("shown",), ("a", "b", "c"))


def share_interval(k, n):
    from scipy.stats import beta

    return beta.ppf(0.0005, k, n - k + 1) if k else 0.0, beta.ppf(0.9995, k + 1, n - k) if k < n else 1.0


@pytest.mark.parametrize(("learner", "clusters"), [(LINEAR, None), (TREE, None), (LINEAR, 120)])
def test_without_heterogeneity_p_values_are_uniform_and_the_ranking_is_worth_nothing(learner, clusters):
    from scipy.stats import kstest

    p_values, zero = [], []
    for seed in range(N_WORLDS):
        held = held_out(learner, planted(seed, clusters=clusters))
        p_values.append(best_linear_predictor(held).p_value)
        low, high = rank_held_out(held, n_draws=60).interval()
        zero.append(low <= 0 <= high)
    assert kstest(p_values, "uniform").pvalue > 0.001
    low, high = share_interval(int(np.sum(np.array(p_values) < 0.1)), N_WORLDS)
    assert low <= 0.1 <= high
    low, high = share_interval(int(np.sum(zero)), N_WORLDS)
    assert low <= 0.95 <= high


def test_planted_heterogeneity_is_found_and_calibrated():
    held = held_out(LINEAR, planted(0, 6000, slope=1.0))
    found = best_linear_predictor(held)
    assert found.p_value < 1e-6
    assert found.slope == pytest.approx(1, abs=4 * found.slope_stderr)
    assert found.mean == pytest.approx(1, abs=4 * found.mean_stderr)
    groups = gates(held)
    assert (np.diff(groups.value) > 0).all()
    assert groups.difference == pytest.approx(groups.value[-1] - groups.value[0])
    who = clan(held)
    assert who.difference[1] > 10 * who.stderr[1]
    assert abs(who.difference[2]) < 0.3 * who.difference[1]
    assert "group 5" in str(groups)
    assert "no heterogeneity: p < 0.0001" in str(found)


def oracle_held(seed, n=600, clusters=None):
    """Scores of a known effect, ranked by a known priority."""
    rng = np.random.default_rng(seed)
    n_groups = clusters or n
    group = np.repeat(np.arange(n_groups), n // n_groups)
    proxy = rng.uniform(size=n_groups)[group]
    score = 1 + 2 * proxy + rng.normal(size=n_groups)[group] + rng.normal(size=n)
    codes = {"user": group} if clusters else {}
    return HeldOut(proxy, score, np.arange(n) * 0, codes, np.ones(n), proxy[:, None], ("p",), np.arange(n))


@pytest.mark.parametrize("clusters", [None, 150])
def test_groups_slope_and_ranking_cover(clusters):
    hits = []
    for seed in range(N_WORLDS):
        held = oracle_held(seed, clusters=clusters)
        slope, groups = best_linear_predictor(held), gates(held, 4)
        autoc = rank_held_out(held, n_draws=100, random_state=seed)
        qini = rank_held_out(held, weighting="qini", n_draws=100, random_state=seed)
        hits.append([
            abs(slope.slope - 2) < 1.96 * slope.slope_stderr,
            abs(groups.value[0] - 1.25) < 1.96 * groups.stderr[0],
            abs(groups.difference - 1.5) < 1.96 * groups.difference_stderr,
            abs(autoc.value - 0.5) < 1.96 * autoc.stderr,  # E[1 - u] with targeting curve 1 - u
            abs(qini.value - 1 / 6) < 1.96 * qini.stderr,  # E[u (1 - u)]
        ])  # fmt: skip
    for name, share in zip(("slope", "first group", "difference", "autoc", "qini"), np.array(hits).T, strict=True):
        low, high = share_interval(int(share.sum()), N_WORLDS)
        assert low <= 0.95 <= high, (name, share.mean())


def test_equal_priorities_are_worth_nothing():
    score = np.random.default_rng(0).normal(size=200)
    found = rank_weighted_effect(np.zeros(200), score)
    assert found.value == pytest.approx(0, abs=1e-12)


def test_weights_are_repetitions():
    rng = np.random.default_rng(0)
    priority, score, weight = rng.integers(0, 5, 200).astype(float), rng.normal(size=200), rng.integers(1, 4, 200)
    once = rank_weighted_effect(priority, score, weight=weight.astype(float))
    repeated = rank_weighted_effect(np.repeat(priority, weight), np.repeat(score, weight))
    assert once.value == pytest.approx(repeated.value, abs=1e-3)  # the curve has a step more for each repetition


def test_one_prediction_for_all_is_no_heterogeneity():
    held = oracle_held(0)
    same = HeldOut(np.ones(600), held.score, held.fold, {}, held.weight, held.covariates, held.names, held.place)
    found = best_linear_predictor(same)
    assert (found.slope, found.p_value) == (0, 1)
    assert found.mean_stderr > 0


def test_rows_in_another_order_give_the_same():
    design = planted(0, 600, slope=0.5)
    again = design.rows(np.random.default_rng(0).permutation(design.n))
    first, second = held_out(TREE, design), held_out(TREE, again)  # trees predict the same for many units
    assert gates(first).value == pytest.approx(gates(second).value, abs=1e-9)
    assert best_linear_predictor(first).slope == pytest.approx(best_linear_predictor(second).slope, abs=1e-9)
    assert rank_held_out(first).stderr == pytest.approx(rank_held_out(second).stderr, abs=1e-9)


def test_what_calibration_refuses():
    with pytest.raises(EstimationError, match="one of our learners"):
        held_out(LinearRegression(), planted(0))
    with pytest.raises(EstimationError, match="cut into 900 groups"):
        gates(oracle_held(0), 900)
    with pytest.raises(EstimationError, match="autoc and qini"):
        rank_held_out(oracle_held(0), weighting="auc")
    with pytest.raises(EstimationError, match="too few"):
        rank_weighted_effect(np.arange(3.0), np.arange(3.0))
    with pytest.raises(EstimationError, match="finite"):
        rank_weighted_effect(np.arange(9.0), np.full(9, np.nan))
