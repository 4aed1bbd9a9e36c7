"""Calibration from sums: what held-out predictions give that are kept, its level, and what it finds."""

from dataclasses import replace

import numpy as np
import pytest
from scipy.stats import kstest
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from causalrec.errors import DataError, EstimationError
from causalrec.estimation.doubly_robust.interactive import InteractiveDML
from causalrec.estimation.doubly_robust.scores import ate_score
from causalrec.estimation.heterogeneity.calibration import best_linear_predictor
from causalrec.estimation.heterogeneity.held_out import HeldOut, held_out
from causalrec.estimation.heterogeneity.learners import DRLearner
from causalrec.estimation.heterogeneity.linear_learners import LinearDRLearner, LinearRLearner
from causalrec.estimation.heterogeneity.streamed_calibration import calibrated
from causalrec.estimation.nuisances.logistic import logistic, sigmoid
from tests.estimation.planted import exact_interval, planted
from tests.estimation.streams import Stream

N_WORLDS = 200


def ridge_or_logit(X, y, w, kind):
    """Ridge or logistic regression on columns of unit variance; a function of covariates."""
    mean = np.average(X, axis=0, weights=w)
    unit = np.sqrt(np.average((X - mean) ** 2, axis=0, weights=w))
    Z = np.column_stack([np.ones(len(X)), (X - mean) / unit])
    if kind == "logistic":
        beta = logistic(Z, y, 1.0, w)
    else:
        penalty = np.diag(np.r_[0.0, np.ones(X.shape[1])])
        beta = np.linalg.solve(Z.T @ (Z * w[:, None]) + penalty, Z.T @ (w * y))
    linear = {"logistic": sigmoid, "linear": lambda z: z}[kind]
    return lambda new: linear(beta[0] + ((new - mean) / unit) @ beta[1:])


def nuisances(rows, which):
    t, y, X, w = rows.treatments[:, 0], rows.outcome, rows.covariates, weight_of(rows)
    models = [
        *(ridge_or_logit(X[which & (t == arm)], y[which & (t == arm)], w[which & (t == arm)], "linear")
          for arm in (0, 1)),
        ridge_or_logit(X[which], t[which], w[which], "logistic"),
    ]  # fmt: skip
    return np.column_stack([model(X) for model in models])


def weight_of(rows):
    return np.ones(rows.n) if rows.weight is None else rows.weight


def kept(rows, n_folds=5):
    """Each fold predicted from earlier ones, in memory: nuisances by halves of those."""
    dealt, w, V = rows.folds(2 * n_folds, 0), weight_of(rows), np.column_stack([np.ones(rows.n), rows.covariates[:, 0]])
    fold, half = dealt // 2, dealt % 2
    proxy, score = np.zeros(rows.n), np.zeros(rows.n)
    for k in range(1, n_folds):
        halves = [nuisances(rows, (fold < k) & (half != s)) for s in (0, 1)]
        own = scored(rows, np.where(half[:, None] == 0, *halves))
        train, test = fold < k, fold == k
        gram = V[train].T @ (V[train] * w[train, None])
        proxy[test] = V[test] @ np.linalg.solve(gram, V[train].T @ (w[train] * own[train]))
        score[test] = scored(rows, np.mean(halves, axis=0))[test]
    place = np.flatnonzero(fold > 0)
    clusters = {name: np.unique(codes[place], return_inverse=True)[1] for name, codes in rows.clusters.items()}
    return HeldOut(
        proxy[place], score[place], fold[place], clusters, w[place], rows.covariates[place], ("a", "b", "c"), place
    )  # fmt: skip


def scored(rows, found):
    mu0, mu1, e = found.T
    return ate_score(rows.outcome, rows.treatments[:, 0], mu0, mu1, np.clip(e, 0.01, 0.99))


@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize("per_cluster", [0, 10], ids=["units", "clusters"])
def test_sums_give_what_kept_predictions_give(per_cluster, weighted):
    weight = np.random.default_rng(1).random(1500) if weighted else None
    rows = planted(2, 1500, slope=0.3, n_per_cluster=per_cluster, weight=weight)
    expected = best_linear_predictor(kept(rows))
    for design in (rows, Stream(rows)):
        found = calibrated(LinearDRLearner(modifiers=("age",)), design)
        for name in ("mean", "mean_stderr", "slope", "slope_stderr", "statistic", "p_value"):
            assert getattr(found, name) == pytest.approx(getattr(expected, name), rel=1e-8), name
        assert found.n == expected.n


def test_linear_learners_are_held_out_as_the_others_are():
    rows = planted(2, 1500, slope=0.3)
    propensity = LogisticRegression(C=1.0, tol=1e-12, solver="newton-cholesky", max_iter=100)
    models = make_pipeline(StandardScaler(), Ridge(1.0)), make_pipeline(StandardScaler(), propensity)
    expected = held_out(DRLearner(*models, n_folds=2), rows)
    found = held_out(LinearDRLearner(n_folds=2), rows)
    np.testing.assert_allclose(found.proxy, expected.proxy, atol=1e-8)
    np.testing.assert_allclose(found.score, expected.score, atol=1e-7)


@pytest.mark.parametrize("per_cluster", [0, 5], ids=["units", "clusters"])
def test_without_heterogeneity_p_values_are_uniform(per_cluster):
    learner = LinearDRLearner(modifiers=("age", "price"))
    p_values = [calibrated(learner, planted(s, 500, n_per_cluster=per_cluster)).p_value for s in range(N_WORLDS)]
    assert kstest(p_values, "uniform").pvalue > 0.001
    low, high = exact_interval(int(np.sum(np.array(p_values) < 0.05)), N_WORLDS)
    assert low <= 0.05 <= high


@pytest.mark.parametrize("learner", [LinearDRLearner(modifiers=("age",)), LinearRLearner(modifiers=("age",))])
def test_planted_heterogeneity_is_found_and_calibrated(learner):
    found = calibrated(learner, planted(0, 5000, slope=0.5))
    assert found.p_value < 1e-6
    assert found.slope == pytest.approx(1, abs=4 * found.slope_stderr)
    assert found.mean == pytest.approx(1, abs=4 * found.mean_stderr)


def test_the_mean_is_a_doubly_robust_effect():
    rows = planted(0, 3000)
    whole = InteractiveDML().fit(rows)
    found = calibrated(LinearDRLearner(), rows)
    assert found.mean == pytest.approx(whole.value_[0], abs=2 * whole.stderr_[0])


def test_what_calibration_refuses():
    rows = planted(0, 300)
    amounts = replace(rows, treatments=rows.treatments + 0.5)
    with pytest.raises(DataError, match="'shown' must be 0 or 1"):
        calibrated(LinearRLearner(), amounts)
    with pytest.raises(DataError, match="folds"):
        calibrated(LinearDRLearner(), rows.rows(slice(0, 8)))
    with pytest.raises(DataError, match="'user' has 6 clusters"):
        calibrated(LinearDRLearner(), planted(0, 300, n_per_cluster=50))
    with pytest.raises(EstimationError, match="no rows of one arm"):
        calibrated(LinearDRLearner(), replace(rows, treatments=np.ones((300, 1))))
