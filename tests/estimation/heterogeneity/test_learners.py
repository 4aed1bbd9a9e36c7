"""Learners of effects by unit: EconML's own as oracles, planted effects with coverage, refusals."""

import numpy as np
import pytest
from sklearn.base import BaseEstimator
from sklearn.linear_model import LinearRegression, LogisticRegression

from causalrec.data.design import Design
from causalrec.errors import DataError, EstimationError, MissingColumnsError, NotFittedError, ShapeError
from causalrec.estimation.heterogeneity.learners import DRLearner, RLearner, SLearner, TLearner, XLearner
from causalrec.identification import Estimand

N_WORLDS = 100
N_BOOTSTRAP_WORLDS = 25
ESTIMAND = Estimand(("shown",), "bought", "adjustment", adjustment=("a", "b", "c"))
ALL = (SLearner, TLearner, XLearner, RLearner, DRLearner)
LINEAR = {"outcome_model": LinearRegression(), "propensity_model": LogisticRegression(C=1e6)}


def planted(seed, n=1500, *, clusters=None, amount=False, slope=0.5, weight=None):
    """A confounded treatment whose effect is 1 + slope * b; with clusters, units of one share everything."""
    rng = np.random.default_rng(seed)
    n_groups = clusters or n
    group = np.repeat(np.arange(n_groups), n // n_groups)
    X = rng.normal(size=(n_groups, 3))[group]
    if amount:
        t = X[:, 0] + rng.normal(size=n_groups)[group]
    else:
        t = (rng.random(n_groups)[group] < 1 / (1 + np.exp(-0.7 * X[:, 0]))).astype(float)
    noise = rng.normal(size=n) + (rng.normal(size=n_groups)[group] if clusters else 0)
    y = 2 * X[:, 0] + X[:, 2] + t * (1 + slope * X[:, 1]) + noise
    codes = {"user": group} if clusters else {}
    return Design(y, t[:, None], X, (), codes, ("shown",), ("a", "b", "c"), weight=weight), X


def covers_at_95(hits):
    from scipy.stats import beta

    n, k = len(hits), int(np.sum(hits))
    low = beta.ppf(0.0005, k, n - k + 1)
    high = beta.ppf(0.9995, k + 1, n - k) if k < n else 1.0
    return low <= 0.95 <= high


@pytest.fixture(scope="module")
def econml_rows():
    return planted(3, 800)


class ByArm(BaseEstimator):
    """Two linear models; EconML hands the treatment as the last column."""

    def fit(self, X, y):
        treated = X[:, -1] == 1
        self.models_ = [LinearRegression().fit(X[treated == arm, :-1], y[treated == arm]) for arm in (False, True)]
        return self

    def predict(self, X):
        arm = X[:, -1] == 1
        return np.where(arm, self.models_[1].predict(X[:, :-1]), self.models_[0].predict(X[:, :-1]))


def splits(design):
    order = np.argsort(design.row_keys(), kind="stable")
    fold = design.folds(5, 0)
    assert len(order) == design.n
    return [(np.flatnonzero(fold != k), np.flatnonzero(fold == k)) for k in range(5)]


def test_linear_dr_learner_is_econmls(econml_rows):
    from econml.dr import LinearDRLearner

    design, X = econml_rows
    theirs = LinearDRLearner(
        model_propensity=LogisticRegression(C=1e6), model_regression=ByArm(), min_propensity=0.01, cv=splits(design)
    )
    theirs.fit(design.outcome, design.treatments[:, 0], X=X)
    ours = DRLearner(**LINEAR).fit(design)
    found, inference = ours.effects(design), theirs.effect_inference(X)
    assert found.value == pytest.approx(inference.point_estimate, abs=1e-8)
    assert found.stderr == pytest.approx(inference.stderr, rel=0.01)
    assert ours.value_[0] == pytest.approx(float(theirs.ate(X)), abs=1e-8)


@pytest.mark.parametrize("amount", [False, True])
def test_linear_r_learner_is_econmls(amount):
    from econml.dml import LinearDML

    design, X = planted(4, 800, amount=amount)
    model_t = LinearRegression() if amount else LogisticRegression(C=1e6)
    theirs = LinearDML(model_y=LinearRegression(), model_t=model_t, discrete_treatment=not amount, cv=splits(design))
    theirs.fit(design.outcome, design.treatments[:, 0], X=X)
    ours = RLearner(outcome_model=LinearRegression(), propensity_model=model_t).fit(design)
    found, inference = ours.effects(design), theirs.effect_inference(X)
    assert found.value == pytest.approx(inference.point_estimate, abs=1e-8)
    assert found.stderr == pytest.approx(inference.stderr, rel=0.01)


@pytest.mark.parametrize(("ours", "name"), [(SLearner, "SLearner"), (TLearner, "TLearner"), (XLearner, "XLearner")])
def test_s_t_and_x_learners_are_econmls(econml_rows, ours, name):
    import econml.metalearners as metalearners
    from sklearn.ensemble import GradientBoostingRegressor

    design, X = econml_rows
    model, propensity = GradientBoostingRegressor(n_estimators=20, random_state=0), LogisticRegression(C=1e6)
    given = {"overall_model": model} if name == "SLearner" else {"models": model}
    given |= {"propensity_model": propensity} if name == "XLearner" else {}
    order = np.argsort(design.row_keys(), kind="stable")
    theirs = getattr(metalearners, name)(**given).fit(design.outcome[order], design.treatments[order, 0], X=X[order])
    found = ours(model, propensity).fit(design).proxy(design)
    assert found == pytest.approx(theirs.effect(X), abs=1e-6)


@pytest.mark.parametrize("learner", [DRLearner, RLearner])
@pytest.mark.parametrize("clusters", [None, 150])
def test_intervals_of_single_units_cover(learner, clusters):
    at = np.array([[0.0, -1.0, 0.5], [1.0, 2.0, 0.0]])
    truth = 1 + 0.5 * at[:, 1]
    hits, average = [], []
    for seed in range(N_WORLDS):
        design, _ = planted(seed, 600, clusters=clusters)
        fitted = learner(**LINEAR, n_folds=2).fit(design)
        found = fitted.effects(at)
        hits.append(np.abs(found.value - truth) < 1.96 * found.stderr)
        low, high = fitted.effect(ESTIMAND).interval()
        average.append(low <= 1 <= high)
    assert covers_at_95(np.array(hits)[:, 0])
    assert covers_at_95(np.array(hits)[:, 1])
    assert covers_at_95(average)


def test_the_average_effect_of_an_amount_covers():
    hits = []
    for seed in range(N_WORLDS):
        design, _ = planted(seed, 500, amount=True)
        model = RLearner(LinearRegression(), LinearRegression(), modifiers=("b",), n_folds=2).fit(design)
        low, high = model.effect(ESTIMAND).interval()
        hits.append(low <= 1 <= high)
    assert covers_at_95(hits)


@pytest.mark.parametrize(
    "learner",
    [
        TLearner(**LINEAR, n_draws=25, n_folds=2),
        XLearner(**LINEAR, n_draws=25, n_folds=2),
        DRLearner(**LINEAR, final_model=LinearRegression(), n_draws=25, n_folds=2),
        RLearner(**LINEAR, final_model=LinearRegression(), n_draws=25, n_folds=2),
    ],
    ids=lambda learner: type(learner).__name__,
)
def test_bootstrap_errors_of_linear_models_cover(learner):
    at, hits = np.array([[0.5, 1.0, 0.0]]), []
    for seed in range(N_BOOTSTRAP_WORLDS):
        found = learner.fit(planted(seed, 400, clusters=200)[0]).effects(at)
        hits.append(abs(found.value[0] - 1.5) < 1.96 * found.stderr[0])
    assert covers_at_95(hits)


def test_a_classifier_predicts_chances():
    rng = np.random.default_rng(0)
    X, t = rng.normal(size=(4000, 1)), rng.integers(0, 2, 4000).astype(float)
    y = (rng.random(4000) < 0.3 + 0.2 * t).astype(float)
    design = Design(y, t[:, None], X, (), {}, ("shown",), ("a",))
    for learner in ALL:
        found = learner(LogisticRegression(), LogisticRegression()).fit(design)
        assert found.value_[0] == pytest.approx(0.2, abs=4 * found.stderr_[0])
        assert found.proxy(X).mean() == pytest.approx(0.2, abs=4 * found.stderr_[0])
    with pytest.raises(DataError, match="is a classifier"):
        TLearner(LogisticRegression()).fit(planted(0, 300)[0])


@pytest.mark.parametrize("learner", ALL)
def test_rows_in_another_order_give_the_same(learner):
    from sklearn.ensemble import GradientBoostingRegressor

    design, _ = planted(0, 400)
    boosting = GradientBoostingRegressor(n_estimators=20, random_state=0)
    again = design.rows(np.random.default_rng(1).permutation(design.n))
    at = np.array([[0.0, 1.0, 0.0], [1.0, 0.0, -1.0]])
    first, second = learner(boosting, n_folds=2).fit(design), learner(boosting, n_folds=2).fit(again)
    assert first.proxy(at) == pytest.approx(second.proxy(at), abs=1e-9)
    assert first.value_ == pytest.approx(second.value_, abs=1e-9)


@pytest.mark.parametrize("learner", ALL)
def test_a_scaled_outcome_gives_the_scaled_effect(learner):
    design, _ = planted(0, 400)
    scaled = Design(
        design.outcome * 4, design.treatments, design.covariates, (), {}, ("shown",), ("a", "b", "c"),
        keys=design.row_keys(),
    )  # fmt: skip
    at = np.array([[0.0, 1.0, 0.0]])
    first, second = learner(**LINEAR).fit(design), learner(**LINEAR).fit(scaled)
    assert second.proxy(at) == pytest.approx(4 * first.proxy(at), rel=1e-6)
    assert second.value_ == pytest.approx(4 * first.value_, rel=1e-6)
    assert second.stderr_ == pytest.approx(4 * first.stderr_, rel=1e-6)


@pytest.mark.parametrize("learner", ALL)
def test_weights_are_repetitions(learner):
    design, X = planted(1, 300)
    weight = np.tile([1, 2, 3], 100)  # the same number of rows in every cluster, so that folds are the same
    twice, user = np.repeat(np.arange(300), weight), np.arange(300) // 3
    names = (("shown",), ("a", "b", "c"))
    weighted = Design(design.outcome, design.treatments, X, (), {"user": user}, *names, weight=weight.astype(float))
    repeated = Design(
        design.outcome[twice], design.treatments[twice], X[twice], (), {"user": user[twice]}, *names
    )  # fmt: skip
    plain = {"outcome_model": LinearRegression(), "propensity_model": LogisticRegression(C=1e6, tol=1e-10)}
    first, second = learner(**plain, n_folds=2).fit(weighted), learner(**plain, n_folds=2).fit(repeated)
    assert first.value_ == pytest.approx(second.value_, abs=1e-6)
    assert first.stderr_ == pytest.approx(second.stderr_, rel=0.01)
    assert first.proxy(X[:5]) == pytest.approx(second.proxy(X[:5]), abs=1e-5)


def test_read_only_arrays_are_enough_and_stay_as_they_are():
    design, X = planted(0, 300)
    for array in (design.outcome, design.treatments, design.covariates):
        array.flags.writeable = False
    before = X.copy()
    for learner in ALL:
        learner(**LINEAR, n_folds=2).fit(design)
    assert (before == X).all()


def test_modifiers_narrow_what_the_effect_may_differ_by():
    design, _ = planted(0, 2000)
    found = DRLearner(**LINEAR, modifiers=("b",)).fit(design)
    effects = found.effects(np.array([[-1.0], [1.0]]))
    assert effects.value == pytest.approx([0.5, 1.5], abs=4 * effects.stderr.max())
    assert found.effects(design).value.shape == (2000,)


def test_what_learners_refuse():
    design, X = planted(0, 300)
    with pytest.raises(NotFittedError):
        TLearner().proxy(X)
    with pytest.raises(EstimationError, match="n_draws=100"):
        TLearner(**LINEAR, n_folds=2).fit(design).effects(design)
    with pytest.raises(MissingColumnsError, match="price"):
        DRLearner(**LINEAR, modifiers=("price",)).fit(design)
    with pytest.raises(ShapeError, match="3 modifiers"):
        DRLearner(**LINEAR).fit(design).effects(X[:, :2])
    with pytest.raises(DataError, match="RLearner takes"):
        DRLearner(**LINEAR).fit(planted(0, 300, amount=True)[0])
    constant = Design(design.outcome, np.ones((300, 1)), X, (), {}, ("shown",))
    with pytest.raises(EstimationError, match="shown does not vary"):
        XLearner(**LINEAR).fit(constant)
    few = np.zeros((300, 1))
    few[0] = 1
    with pytest.raises(EstimationError, match="only untreated units"):
        TLearner(**LINEAR).fit(Design(design.outcome, few, X, (), {}, ("shown",)))
    bad = X.copy()
    bad[3, 1] = np.nan
    with pytest.raises(DataError, match="covariates"):
        SLearner(**LINEAR).fit(Design(design.outcome, design.treatments, bad, (), {}, ("shown",)))
    with pytest.raises(DataError, match="absorb"):
        SLearner(**LINEAR).fit(Design(design.outcome, design.treatments, X, (np.arange(300) % 3,), {}, ("shown",)))
    apart = Design(design.outcome, (X[:, :1] > 0).astype(float), X * 50, (), {}, ("shown",))
    with pytest.raises(EstimationError, match="nobody to be compared with"):
        DRLearner(**LINEAR).fit(apart)
    twice = Design(design.outcome, design.treatments, np.column_stack([X, X[:, 0]]), (), {}, ("shown",))
    with pytest.raises(EstimationError, match="collinear"):
        DRLearner(**LINEAR).fit(twice)


def test_the_default_follows_smooth_effects_that_boosting_alone_cuts_into_steps():
    from sklearn.ensemble import GradientBoostingRegressor

    rng = np.random.default_rng(0)
    X = rng.normal(size=(300, 3))
    t = rng.integers(0, 2, 300).astype(float)
    effect = np.exp(0.5 * X[:, 0] + 0.5 * X[:, 1])
    rows = Design(X.sum(axis=1) + t * effect + 0.5 * rng.normal(size=300), t[:, None], X, (), {}, ("shown",))
    default, boosted = (
        TLearner(model, n_folds=2).fit(rows) for model in (None, GradientBoostingRegressor(random_state=0))
    )
    errors = [np.sqrt(((learner.proxy(X) - effect) ** 2).mean()) for learner in (default, boosted)]
    assert errors[0] < 0.6 * errors[1]
    shares = [share for name, share in default.diagnostics_.items() if name.startswith("outcome treated, weight of")]
    assert len(shares) == 4
    assert sum(shares) == pytest.approx(1)


def test_the_default_takes_weights():
    rows, X = planted(0, 300, weight=np.random.default_rng(0).random(300))
    assert np.isfinite(XLearner(n_folds=2).fit(rows).proxy(X)).all()
    assert "GaussianProcess" not in str(DRLearner(n_folds=2).fit(rows).diagnostics_)


def test_a_list_is_stacked_and_binary_outcomes_too():
    rng = np.random.default_rng(0)
    X, t = rng.normal(size=(2_000, 1)), rng.integers(0, 2, 2_000).astype(float)
    design = Design((rng.random(2_000) < 0.3 + 0.2 * t).astype(float), t[:, None], X, (), {}, ("shown",), ("a",))
    chances = [LogisticRegression(), LogisticRegression(C=1e-3)]
    found = TLearner(chances, chances, n_folds=2).fit(design)
    assert found.proxy(X).mean() == pytest.approx(0.2, abs=4 * found.stderr_[0])
