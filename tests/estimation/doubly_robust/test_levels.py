"""Several levels of one treatment: planted effects with coverage, DoubleML and our own AIPW as oracles."""

from dataclasses import replace

import numpy as np
import pytest
from sklearn.linear_model import LinearRegression, LogisticRegression

from causalrec.data.design import Design
from causalrec.errors import DataError, EstimationError
from causalrec.estimation.doubly_robust.aipw import AIPW
from causalrec.estimation.doubly_robust.levels import LevelAIPW
from tests.estimation.estimator_suite import EstimatorSuite
from tests.estimation.planted import SHOWN, Line, Logit, planted, refuse_coverage

N_RUNS = 80
EFFECTS = np.array([0.0, 1.0, -0.5])  # at the mean of the covariates, which is 0
MULTINOMIAL = LogisticRegression(C=1e4, solver="newton-cg")


def levels(seed, n=600, *, binary=False, n_per_cluster=0):
    """Three levels that follow the covariates; the second one's effect differs by them."""
    rng = np.random.default_rng(seed)
    X, clusters, shock = rng.normal(size=(n, 2)), {}, 0.0
    if n_per_cluster:
        codes = np.arange(n) // n_per_cluster
        X[:, 0], clusters = rng.normal(size=codes.max() + 1)[codes], {"user": codes}
        shock = rng.normal(size=codes.max() + 1)[codes]
    raw = np.exp(np.column_stack([np.zeros(n), 0.7 * X[:, 0], -0.5 * X[:, 1] - 0.2]))
    chance = (raw / raw.sum(axis=1, keepdims=True)).cumsum(axis=1)
    t = (rng.random(n)[:, None] > chance[:, :2]).sum(axis=1)
    y = X[:, 0] + 0.5 * X[:, 1] + EFFECTS[t] + (t == 1) * 0.6 * X[:, 0] + shock + rng.normal(size=n)
    y = (y > 0).astype(float) if binary else y
    return Design(y, t[:, None].astype(float), X, (), clusters, ("shown",), ("age", "price"))


def linear(**given):
    return lambda: LevelAIPW(Line(), MULTINOMIAL, n_folds=2, **given)


@pytest.mark.parametrize(("level", "reference", "truth"), [(1, None, 1.0), (2, None, -0.5), (2, 1, -1.5)])
def test_intervals_cover_each_contrast(level, reference, truth):
    refuse_coverage(levels, linear(level=level, reference=reference), truth, N_RUNS, max_width=1.0)


def test_intervals_cover_under_clusters():
    refuse_coverage(lambda seed: levels(seed, 900, n_per_cluster=6), linear(level=1), 1.0, N_RUNS)


def test_equals_doubleml_on_the_same_folds_and_learners():
    import warnings

    rows = levels(3, 900)
    fold = rows.folds(5, 0)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import doubleml as dml

        data = dml.DoubleMLData.from_arrays(rows.covariates, rows.outcome, rows.treatments[:, 0])
        peer = dml.DoubleMLAPOS(data, LinearRegression(), MULTINOMIAL, treatment_levels=[0, 1, 2], n_folds=5)
        peer.set_sample_splitting([[(np.flatnonzero(fold != k), np.flatnonzero(fold == k)) for k in range(5)]])
        peer.fit()
    # DoubleML learns "this level or not" for each level by itself
    apart = LevelAIPW(LinearRegression(), EachLevel(), clip=0.01).fit(rows)
    np.testing.assert_allclose(apart.level_means_, peer.coef, rtol=1e-6)
    np.testing.assert_allclose(apart.level_influence_.std(axis=0) / np.sqrt(rows.n), peer.se, rtol=1e-6)
    multinomial = LevelAIPW(LinearRegression(), MULTINOMIAL).fit(rows)
    np.testing.assert_allclose(multinomial.level_means_, peer.coef, atol=0.1 * peer.se.min())


class EachLevel(LogisticRegression):
    """Logistic regressions of each level against all others, their chances not made to sum to 1."""

    def __init__(self):
        super().__init__(C=1e4, solver="newton-cg")

    def fit(self, X, y, sample_weight=None):
        self.classes_ = np.unique(y)
        self.models_ = [LogisticRegression(C=1e4, solver="newton-cg").fit(X, y == level) for level in self.classes_]
        return self

    def predict_proba(self, X):
        return np.column_stack([model.predict_proba(X)[:, 1] for model in self.models_])


class TestTwoLevels(EstimatorSuite):
    estimator = LevelAIPW(Line(), Logit(), n_folds=2)
    default = LevelAIPW()
    copies = 0.05


def test_an_estimand_takes_its_level_from_the_estimator():
    from causalrec import Dataset, estimate
    from causalrec.identification import Estimand

    rows = levels(0)
    table = Dataset.from_frames({"shown": rows.treatments[:, 0], "age": rows.covariates[:, 0],
                                 "price": rows.covariates[:, 1], "clicked": rows.outcome})  # fmt: skip
    estimand = Estimand(("shown",), "clicked", "adjustment", adjustment=("age", "price"))
    found = estimate(estimand, table, estimator=linear(level=2)())
    assert found.value == pytest.approx(-0.5, abs=4 * found.stderr)
    with pytest.raises(EstimationError, match="name one"):
        estimate(estimand, table, estimator=linear()())


def test_few_clusters_have_their_degrees_of_freedom():
    found = linear(level=1)().fit(levels(0, 600, n_per_cluster=30)).effect(SHOWN)
    assert (found.n_clusters, found.dof) == ({"user": 20}, 19)


def test_two_levels_are_those_of_aipw():
    rows = planted(1)
    ours, peer = LevelAIPW(Line(), Logit()).fit(rows), AIPW(Line(), Logit()).fit(rows)
    np.testing.assert_allclose(ours.value_, peer.value_, rtol=1e-9)
    np.testing.assert_allclose(ours.influence_, peer.influence_, rtol=1e-7, atol=1e-9)
    assert ours.effect(SHOWN).value == pytest.approx(peer.value_[0])


def test_an_effect_names_its_level():
    found = linear()().fit(levels(0))
    assert found.contrasts_ == ((1.0, 0.0), (2.0, 0.0))
    with pytest.raises(EstimationError, match=r"levels 1, 2, each against 0.* name one"):
        found.effect(SHOWN)
    second = found.effect(SHOWN, level=2)
    assert (second.value, second.stderr) == pytest.approx((found.value_[1], found.stderr_[1]))
    assert "level 2 against 0" in second.method
    assert second.influence.shape == (600,)
    with pytest.raises(DataError, match="level is 7; it is one of 1, 2"):
        found.effect(SHOWN, level=7)


def test_rows_in_another_order_and_another_unit_give_the_same():
    rows = levels(0)
    order = np.random.default_rng(0).permutation(rows.n)
    first, again = linear()().fit(rows), linear()().fit(rows.rows(order))
    np.testing.assert_allclose(again.value_, first.value_, rtol=1e-6)
    np.testing.assert_allclose(again.influence_, first.influence_[order], rtol=1e-5, atol=1e-6)
    scaled = linear()().fit(replace(rows, outcome=8 * rows.outcome, keys=rows.row_keys()))
    np.testing.assert_allclose(scaled.stderr_, 8 * first.stderr_, rtol=1e-6)


def test_stacks_and_binary_outcomes():
    rows = levels(0, 900, binary=True)
    found = LevelAIPW([Line(), Logit()], [MULTINOMIAL, LogisticRegression(C=0.01)], n_folds=2, level=1).fit(rows)
    shares = [share for name, share in found.diagnostics_.items() if name.startswith("propensity, weight of")]
    assert sum(shares) == pytest.approx(1)
    assert ((found.level_means_ > 0) & (found.level_means_ < 1)).all()
    default = LevelAIPW(level=1).fit(rows)
    assert default.value_ == pytest.approx(found.value_, abs=found.stderr_.min())
    assert "linear nuisances" in default.method_


def test_refusals():
    rows = levels(0)
    known = "has the levels 0, 1, 2"
    for given, match in [
        ({"level": 3}, f"level is 3, and 'shown' {known}"), ({"reference": 9}, f"reference is 9, and 'shown' {known}"),
        ({"level": 0}, "level 0 is the reference"),
    ]:  # fmt: skip
        with pytest.raises(DataError, match=match):
            linear(**given)().fit(rows)
    with pytest.raises(EstimationError, match="these are amounts"):
        linear()().fit(replace(rows, treatments=np.arange(600.0)[:, None]))
    with pytest.raises(EstimationError, match="has one level"):
        linear()().fit(replace(rows, treatments=np.ones((600, 1))))
    rare = np.where(np.arange(600) == 3, 5.0, rows.treatments[:, 0])[:, None]
    with pytest.raises(EstimationError, match=r"units have 'shown' at 5, too few to learn from"):
        linear()().fit(replace(rows, treatments=rare))
    apart = np.digitize(rows.covariates[:, 0], [-0.5, 0.5]).astype(float)[:, None]
    with pytest.raises(EstimationError, match=r"chance below 0.01 of 'shown' at 0.*Overlap fails for age"):
        linear()().fit(replace(rows, treatments=apart))
