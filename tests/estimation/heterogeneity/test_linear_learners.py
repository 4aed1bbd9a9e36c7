"""Learners in passes: the numbers of the learners that hold their rows, of econml and of DoubleML; coverage."""

from dataclasses import replace

import numpy as np
import pytest
from sklearn.base import BaseEstimator, RegressorMixin
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from causalrec.data import DesignBlock
from causalrec.errors import DataError, EstimationError
from causalrec.estimation.heterogeneity.learners import DRLearner, RLearner
from causalrec.estimation.heterogeneity.linear_learners import LinearDRLearner, LinearRLearner
from tests.estimation.planted import SHOWN, exact_interval, permuted, planted
from tests.estimation.streams import Stream

N_RUNS = 200
PAIRS = {"DR": (LinearDRLearner, DRLearner), "R": (LinearRLearner, RLearner)}


def outcome_model():
    return make_pipeline(StandardScaler(), Ridge(alpha=1.0))


def propensity_model():
    return make_pipeline(StandardScaler(), LogisticRegression(C=1.0, tol=1e-12, solver="newton-cholesky", max_iter=100))


def blocked(design, seed=0):
    """Two columns that are kept once for each of 40 items."""
    rng = np.random.default_rng(seed)
    return replace(design, blocks=(DesignBlock("item", rng.integers(0, 40, design.n), rng.normal(size=(40, 2))),))


@pytest.mark.parametrize("per_cluster", [0, 10], ids=["units", "clusters"])
@pytest.mark.parametrize(("ours", "held"), PAIRS.values(), ids=PAIRS)
def test_passes_give_what_rows_in_memory_give(ours, held, per_cluster):
    rows = blocked(planted(3, 1500, slope=0.5, n_per_cluster=per_cluster))
    chosen = ("age", "taste", "item")
    oracle = held(outcome_model(), propensity_model(), modifiers=chosen).fit(rows)
    for design in (rows, Stream(rows)):
        found = ours(modifiers=chosen).fit(design)
        np.testing.assert_allclose(found.final_.coef, oracle.final_.coef, rtol=1e-8, atol=1e-9)
        np.testing.assert_allclose(found.final_.cov, oracle.final_.cov, rtol=1e-8, atol=1e-11)
        np.testing.assert_allclose(found.value_, oracle.value_, rtol=1e-9)
        np.testing.assert_allclose(found.stderr_, oracle.stderr_, rtol=1e-8)
        effect = found.effect(SHOWN)
        assert (effect.dof, effect.n_clusters) == (oracle.effect(SHOWN).dof, oracle.effect(SHOWN).n_clusters)
        for name, value in oracle.diagnostics_.items():
            assert found.diagnostics_[name] == pytest.approx(value, abs=1e-9)


def test_weighted_streams_give_the_weighted_rows():
    rows = blocked(planted(4, 1500, slope=0.5, n_per_cluster=10, weight=np.random.default_rng(0).random(1500)))
    kept, streamed = (LinearDRLearner(modifiers=("age",)).fit(design) for design in (rows, Stream(rows)))
    np.testing.assert_allclose(streamed.final_.coef, kept.final_.coef, rtol=1e-9)
    np.testing.assert_allclose(streamed.final_.cov, kept.final_.cov, rtol=1e-8)
    assert streamed.effect(SHOWN).effective_n == pytest.approx(kept.effect(SHOWN).effective_n)
    assert streamed.effect(SHOWN).influence is None
    assert kept.effect(SHOWN).influence.sum() == pytest.approx(0, abs=1e-6)


@pytest.mark.parametrize("design", [lambda rows: rows, Stream], ids=["memory", "stream"])
def test_amounts(design):
    rows = planted(3, 1500, slope=0.5)
    rows = replace(rows, treatments=rows.treatments + np.random.default_rng(0).normal(size=(1500, 1)))
    oracle = RLearner(outcome_model(), outcome_model(), modifiers=("age",)).fit(rows)
    found = LinearRLearner(modifiers=("age",)).fit(design(rows))
    np.testing.assert_allclose(found.final_.coef, oracle.final_.coef, rtol=1e-9)
    np.testing.assert_allclose([found.value_, found.stderr_], [oracle.value_, oracle.stderr_], rtol=1e-9)
    with pytest.raises(DataError, match="must be 0 or 1"):
        LinearDRLearner().fit(design(rows))
    with pytest.raises(EstimationError, match="amounts"):
        found.base(rows)


class ArmRidge(RegressorMixin, BaseEstimator):
    """econml hands over covariates and the treatment together; here each arm has a model of its own."""

    def fit(self, X, y, sample_weight=None):
        self.arms_ = [outcome_model().fit(X[X[:, -1] == arm, :-1], np.ravel(y)[X[:, -1] == arm]) for arm in (0, 1)]
        return self

    def predict(self, X):
        return np.where(X[:, -1] == 1, self.arms_[1].predict(X[:, :-1]), self.arms_[0].predict(X[:, :-1]))


def splits(rows):
    fold = rows.folds(5, 0)
    return [(np.flatnonzero(fold != k), np.flatnonzero(fold == k)) for k in range(5)]


def test_econml_gives_the_same_coefficients_and_errors():
    econml = pytest.importorskip("econml.dr")
    rows = planted(3, 1500, slope=0.5)
    theirs = econml.LinearDRLearner(
        model_regression=ArmRidge(), model_propensity=propensity_model(), cv=splits(rows), min_propensity=0.01
    )
    theirs.fit(rows.outcome, rows.treatments[:, 0], X=rows.covariates[:, [0]], W=rows.covariates[:, 1:])
    found = LinearDRLearner(modifiers=("age",)).fit(rows)
    np.testing.assert_allclose(found.final_.coef, [theirs.intercept_(T=1), *theirs.coef_(T=1)], rtol=1e-6)
    stderr = [theirs.intercept__inference(T=1).stderr, *theirs.coef__inference(T=1).stderr]
    np.testing.assert_allclose(np.sqrt(np.diag(found.final_.cov)), stderr, rtol=1e-6)


def test_doubleml_gives_the_same_coefficients_and_errors():
    doubleml, pandas = pytest.importorskip("doubleml"), pytest.importorskip("pandas")
    rows = planted(3, 1500, slope=0.5)
    data = doubleml.DoubleMLData.from_arrays(rows.covariates, rows.outcome, rows.treatments[:, 0])
    theirs = doubleml.DoubleMLIRM(data, outcome_model(), propensity_model(), n_folds=5)
    theirs.set_sample_splitting([splits(rows)])
    theirs.fit()
    basis = pandas.DataFrame({"one": 1.0, "age": rows.covariates[:, 0]})
    blp = theirs.cate(basis).blp_model[0]
    found = LinearDRLearner(modifiers=("age",)).fit(rows)
    np.testing.assert_allclose(found.final_.coef, blp.params, rtol=1e-8)
    ours = np.sqrt(np.diag(found.final_.cov) * (rows.n - 2) / rows.n)  # DoubleML's are HC0
    np.testing.assert_allclose(ours, blp.bse, rtol=1e-8)


@pytest.mark.parametrize(("learner", "per_cluster"), [
    (LinearDRLearner(modifiers=("age",)), 0), (LinearDRLearner(modifiers=("age",)), 5),
    (LinearRLearner(modifiers=("age",)), 0),
], ids=["DR", "DR, clusters", "R"])  # fmt: skip
def test_effects_of_units_cover(learner, per_cluster):
    at = np.array([[-1.0], [0.0], [1.5]])
    covered, error = np.zeros(3, dtype=int), []
    for seed in range(N_RUNS):
        found = learner.fit(planted(seed, 500, slope=0.5, n_per_cluster=per_cluster)).effects(at)
        error.append((found.value - 1 - 0.5 * at[:, 0]) / found.stderr)
        covered += np.abs(error[-1]) <= 1.96
    for count in covered:
        low, high = exact_interval(count, N_RUNS)
        assert low <= 0.95 <= high, covered
    assert np.abs(np.mean(error, axis=0)).max() < 4 / np.sqrt(N_RUNS)


def test_rows_in_another_order_give_the_same():
    rows = planted(0, 800, slope=0.5)
    again, _ = permuted(rows)
    first, second = (LinearDRLearner().fit(part) for part in (rows, again))
    np.testing.assert_allclose(first.final_.coef, second.final_.coef, rtol=1e-9, atol=1e-12)


def test_what_the_learners_refuse():
    rows = planted(0, 300)
    with pytest.raises(DataError, match="outcome is 'cubic'"):
        LinearDRLearner("cubic").fit(rows)
    with pytest.raises(DataError, match="clip is 1"):
        LinearDRLearner(clip=1).fit(rows)
    with pytest.raises(DataError, match="l2 is -1"):
        LinearDRLearner(l2=-1).fit(rows)
    with pytest.raises(DataError, match="logistic outcome"):
        LinearDRLearner("logistic").fit(rows)
    twice = replace(rows, covariates=rows.covariates[:, [0, 0]], covariate_names=("a", "b"))
    with pytest.raises(EstimationError, match="a, b are collinear"):
        LinearDRLearner().fit(twice)
    with pytest.raises(EstimationError, match="No overlap"):
        LinearDRLearner(clip=0.49).fit(rows)
    with pytest.raises(EstimationError, match="every row is treated"):
        LinearDRLearner().fit(replace(rows, treatments=np.ones((300, 1))))
    holes = rows.covariates.copy()
    holes[0, 1] = np.nan
    with pytest.raises(EstimationError, match="Not finite: price"):
        LinearDRLearner().fit(replace(rows, covariates=holes))
