import numpy as np
import pytest
from scipy.stats import binom

from causalrec.data import Design
from causalrec.errors import DataError, EstimationError
from causalrec.estimation.doubly_robust.interactive import InteractiveDML
from causalrec.estimation.nuisances.logistic import logistic
from causalrec.identification import Estimand
from tests.estimation.linear.test_dml import splits
from tests.estimation.linear.test_ols import blocks, replaced

N_COVERAGE = 200
N_MANY = 100  # runs with many columns, which take longer
ESTIMAND = Estimand(("a",), "y", "adjustment")


def sample(seed=0, n=800, binary=False, clusters=(), weighted=False, strength=0.7):
    """Effect 1 + x0: its mean is 1, and more among the treated."""
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(n, 3))
    e = 1 / (1 + np.exp(-strength * X[:, 0] - 0.3 * X[:, 1]))
    t = (rng.random(n) < e).astype(float)
    mean = X.sum(axis=1) + t * (1 + X[:, 0])
    y = (rng.random(n) < 1 / (1 + np.exp(-mean))).astype(float) if binary else mean + rng.normal(size=n)
    codes = {name: rng.integers(0, 40, n) for name in clusters}
    weight = rng.random(n) if weighted else None
    return Design(y, t[:, None], X, (), codes, treatment_names=("a",), weight=weight)


def att():
    rng = np.random.default_rng(99)
    X = rng.normal(size=(2_000_000, 2))
    e = 1 / (1 + np.exp(-0.7 * X[:, 0] - 0.3 * X[:, 1]))
    return float((e * (1 + X[:, 0])).sum() / e.sum())


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize(("target", "score"), [("ATE", "ATE"), ("ATT", "ATTE")])
@pytest.mark.parametrize("outcome", ["linear", "logistic"])
def test_equals_doubleml_on_the_same_folds(outcome, target, score):
    doubleml, pd = pytest.importorskip("doubleml"), pytest.importorskip("pandas")
    from sklearn.linear_model import LogisticRegression, Ridge
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    rows = sample(binary=outcome == "logistic")
    names = [f"x{k}" for k in range(3)]
    frame = pd.DataFrame(
        {"y": rows.outcome, "a": rows.treatments[:, 0], **dict(zip(names, rows.covariates.T, strict=True))}
    )
    logit = make_pipeline(StandardScaler(), LogisticRegression(C=0.5, tol=1e-10, max_iter=1000))
    mean = make_pipeline(StandardScaler(), Ridge(2.0)) if outcome == "linear" else logit
    data = doubleml.DoubleMLData(frame, "y", "a", x_cols=names)
    fit = doubleml.DoubleMLIRM(data, mean, logit, n_folds=5, score=score, draw_sample_splitting=False)
    fit.set_sample_splitting([splits(rows, 5, 1)])
    fit.fit()
    found = InteractiveDML(outcome, l2=2.0, random_state=1, target=target).fit(rows)
    assert found.value_[0] == pytest.approx(float(fit.coef[0]), rel=1e-6)
    assert found.stderr_[0] == pytest.approx(float(fit.se[0]) * (800 / 799) ** 0.5, rel=1e-5)


@pytest.mark.parametrize("weighted", [False, True])
def test_logistic_regression_equals_scikit_learn(weighted):
    from sklearn.linear_model import LogisticRegression

    rows = sample(binary=True, weighted=weighted)
    X = np.column_stack([np.ones(rows.n), rows.covariates])
    fit = LogisticRegression(C=0.25, tol=1e-12, max_iter=10_000).fit(rows.covariates, rows.outcome, rows.weight)
    found = logistic(X, rows.outcome, 4.0, rows.weight)
    np.testing.assert_allclose(found, np.r_[fit.intercept_, fit.coef_.ravel()], rtol=1e-4, atol=1e-6)


def test_blocks_equal_expanded_rows_and_permuted_rows_agree():
    rows = sample(n=1500, clusters=["user"])
    text, _ = blocks()
    found = InteractiveDML().fit(replaced(rows, blocks=(text,)))
    more = np.column_stack([rows.covariates, text.expanded()])
    expected = InteractiveDML().fit(replaced(rows, covariates=more))
    assert found.value_ == pytest.approx(expected.value_, rel=1e-9)
    moved = InteractiveDML().fit(replaced(rows, covariates=more).rows(np.random.default_rng(0).permutation(rows.n)))
    assert moved.value_ == pytest.approx(expected.value_, rel=1e-9)
    assert moved.stderr_ == pytest.approx(expected.stderr_, rel=1e-9)


@pytest.mark.parametrize("outcome", ["linear", "logistic"])
def test_chosen_penalties_see_blocks_as_expanded_rows(outcome):
    rows = sample(n=1500, binary=outcome == "logistic", clusters=["user"])  # folds follow clusters in both designs
    text, _ = blocks()
    more = np.column_stack([rows.covariates, text.expanded()])
    found = InteractiveDML(outcome, l2=None).fit(replaced(rows, blocks=(text,)))
    expected = InteractiveDML(outcome, l2=None).fit(replaced(rows, covariates=more))
    assert found.value_ == pytest.approx(expected.value_, rel=1e-8)
    assert found.stderr_ == pytest.approx(expected.stderr_, rel=1e-8)


def test_a_chosen_penalty_is_larger_where_columns_are_noise():
    rows = sample(n=600)
    noise = np.random.default_rng(5).normal(size=(600, 150))
    many = replaced(rows, covariates=np.column_stack([rows.covariates, noise]))
    chosen, fixed = (InteractiveDML(l2=l2).fit(many).stderr_[0] for l2 in (None, 1.0))
    assert chosen < 0.8 * fixed
    assert InteractiveDML(l2=None).fit(rows).value_[0] == pytest.approx(InteractiveDML().fit(rows).value_[0], abs=0.02)


def test_intervals_cover_with_chosen_penalties_and_many_columns():
    hits = 0
    for seed in range(N_MANY):
        rows = sample(seed, n=500)
        noise = np.random.default_rng(seed).normal(size=(500, 20))
        many = replaced(rows, covariates=np.column_stack([rows.covariates, noise]))
        lower, upper = InteractiveDML(l2=None).fit(many).effect(ESTIMAND).interval()
        hits += lower <= 1.0 <= upper
    low, high = binom.ppf([0.0005, 0.9995], N_MANY, 0.95)
    assert low <= hits <= high


@pytest.mark.parametrize("target", ["ATE", "ATT"])
def test_intervals_cover(target):
    truth, hits = (1.0 if target == "ATE" else att()), 0
    for seed in range(N_COVERAGE):
        lower, upper = InteractiveDML(target=target).fit(sample(seed, n=500)).effect(ESTIMAND).interval()
        hits += lower <= truth <= upper
    assert binom.ppf(0.0005, N_COVERAGE, 0.95) <= hits <= binom.ppf(0.9995, N_COVERAGE, 0.95)


def test_weights_count_as_repetition():
    rows = sample(clusters=["user"])
    twice = rows.rows(np.repeat(np.arange(rows.n), 2))
    heavy = InteractiveDML().fit(replaced(rows, weight=np.full(rows.n, 2.0)))
    assert heavy.value_ == pytest.approx(InteractiveDML().fit(twice).value_, rel=1e-9)
    assert heavy.stderr_ == pytest.approx(InteractiveDML().fit(twice).stderr_, rel=2e-3)


def test_overlap_is_reported_and_its_absence_refused():
    found = InteractiveDML(clip=0.1).fit(sample(strength=1.5))
    assert 0.05 < found.diagnostics_["share of propensities clipped"] < 0.2
    with pytest.raises(EstimationError, match=r"carry no ATE.* Ask for target=.ATT. or .ATO."):
        InteractiveDML(l2=0.1, clip=0.1).fit(sample(strength=60.0))
    rows = sample()
    with pytest.raises(EstimationError, match="there is no overlap"):
        InteractiveDML(l2=0.0).fit(replaced(rows, treatments=(rows.covariates[:, :1] > 0).astype(float)))


def test_the_treated_need_counterparts_and_the_untreated_do_not():
    rng = np.random.default_rng(0)
    x = np.r_[rng.normal(size=800), rng.normal(-9, 1, size=4_000)]  # many who would never be treated
    t = (rng.random(4_800) < 1 / (1 + np.exp(0.5 - x))).astype(float)
    rows = Design(x + t + rng.normal(size=4_800), t[:, None], x[:, None], (), {}, treatment_names=("a",))
    with pytest.raises(EstimationError, match="carry no ATE"):
        InteractiveDML(l2=0.1).fit(rows)
    found = InteractiveDML(l2=0.1, target="ATT").fit(rows)
    assert found.value_[0] == pytest.approx(1, abs=4 * found.stderr_[0])
    assert found.diagnostics_["share of propensities clipped"] < 0.01
    apart = replaced(rows, treatments=(x > -4)[:, None].astype(float))
    with pytest.raises(EstimationError, match=r"of 8\d\d treated units have a chance of 'a' above 0.99.* no ATT"):
        InteractiveDML(l2=0.1, target="ATT").fit(apart)


def test_bad_input_is_refused():
    rows = sample()
    with pytest.raises(EstimationError, match="nobody to compare with"):
        InteractiveDML().fit(replaced(rows, treatments=np.ones((800, 1))))
    with pytest.raises(EstimationError, match=r"'a' has the values 0 .*, 2 "):
        InteractiveDML().fit(replaced(rows, treatments=rows.treatments * 2))
    with pytest.raises(DataError, match="logistic outcome must be 0 or 1"):
        InteractiveDML("logistic").fit(rows)
    with pytest.raises(EstimationError, match="one class"):
        InteractiveDML("logistic").fit(replaced(rows, outcome=rows.treatments[:, 0]))
    with pytest.raises(DataError, match="target is 'LATE'"):
        InteractiveDML(target="LATE").fit(rows)
    with pytest.raises(DataError, match="clip is 0"):
        InteractiveDML(clip=0).fit(rows)
    bad = rows.covariates.copy()
    bad[0, 0] = np.nan
    with pytest.raises(EstimationError, match="missing or infinite"):
        InteractiveDML().fit(replaced(rows, covariates=bad))
