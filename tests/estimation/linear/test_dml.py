import numpy as np
import pytest
from scipy.stats import binom

from causalrec.data import Design
from causalrec.errors import DataError, EstimationError
from causalrec.estimation.linear.dml import PartiallyLinearDML
from causalrec.identification import Estimand
from tests.estimation.linear.test_ols import replaced, sample, with_blocks
from tests.estimation.streams import Stream

N_COVERAGE = 300
ESTIMAND = Estimand(("a",), "y", "adjustment")
PENALTY = 3.0


def one_treatment(**options):
    rows = sample(**options)
    return replaced(rows, treatments=rows.treatments[:, :1], treatment_names=("a",))


def splits(rows, n_folds, random_state):
    folds = rows.folds(n_folds, random_state)
    return [(np.flatnonzero(folds != fold), np.flatnonzero(folds == fold)) for fold in range(n_folds)]


@pytest.mark.filterwarnings("ignore")
def test_equals_doubleml_on_the_same_folds():
    doubleml, pd = pytest.importorskip("doubleml"), pytest.importorskip("pandas")
    from sklearn.linear_model import Ridge

    rows = one_treatment()
    columns = {f"x{k}": column for k, column in enumerate(rows.covariates.T)}
    frame = pd.DataFrame({"y": rows.outcome, "a": rows.treatments[:, 0], **columns})
    data = doubleml.DoubleMLData(frame, "y", "a", x_cols=list(columns))
    fit = doubleml.DoubleMLPLR(data, Ridge(PENALTY), Ridge(PENALTY), n_folds=5, draw_sample_splitting=False)
    fit.set_sample_splitting([splits(rows, 5, 1)])
    fit.fit()
    found = PartiallyLinearDML(l2=PENALTY, scale=False, random_state=1).fit(rows)
    assert found.value_[0] == pytest.approx(float(fit.coef[0]), rel=1e-9)
    assert found.stderr_[0] == pytest.approx(float(fit.se[0]) * (1500 / 1499) ** 0.5, rel=1e-6)


@pytest.mark.filterwarnings("ignore")
def test_equals_econml_with_two_treatments():
    dml = pytest.importorskip("econml.dml")
    from sklearn.linear_model import Ridge

    rows = sample()
    fit = dml.LinearDML(
        model_y=Ridge(PENALTY), model_t=Ridge(PENALTY), cv=splits(rows, 5, 0), random_state=0
    ).fit(rows.outcome, rows.treatments, W=rows.covariates)  # fmt: skip
    found = PartiallyLinearDML(l2=PENALTY, scale=False).fit(rows)
    np.testing.assert_allclose(found.value_, fit.intercept_.ravel(), rtol=1e-8)
    np.testing.assert_allclose(found.stderr_, fit.intercept__inference().stderr.ravel(), rtol=1e-3)


def test_scaled_penalty_is_a_ridge_on_standardised_training_rows():
    from sklearn.linear_model import Ridge
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    rows = one_treatment()
    rows = replaced(rows, covariates=rows.covariates * [1.0, 1e3, 1e-3, 5.0] + [0.0, 1e4, 0.0, -3.0])
    raw = np.column_stack([rows.treatments, rows.outcome])
    left = raw.copy()
    for train, test in splits(rows, 4, 0):
        model = make_pipeline(StandardScaler(), Ridge(PENALTY))
        left[test] -= model.fit(rows.covariates[train], raw[train]).predict(rows.covariates[test])
    found = PartiallyLinearDML(4, l2=PENALTY).fit(rows)
    assert found.value_[0] == pytest.approx(left[:, 0] @ left[:, 1] / (left[:, 0] @ left[:, 0]), rel=1e-9)


def test_chosen_penalty_has_the_least_generalised_cross_validation():
    """scikit-learn's RidgeCV is leave-one-out; on one candidate at a time the score is written out here."""
    from causalrec.estimation.moments.ridge import PENALTIES

    rows = one_treatment(n=200)
    found = PartiallyLinearDML(2).fit(rows)
    train = rows.folds(2, 0) != 0
    X, y = rows.covariates[train], rows.outcome[train]
    X, y = (X - X.mean(axis=0)) / X.std(axis=0), y - y.mean()
    n, scores = len(y), []
    for l2 in PENALTIES * n:
        hat = X @ np.linalg.solve(X.T @ X + l2 * np.eye(4), X.T) + 1 / n
        scores.append((((y - hat @ y) ** 2).mean()) / (1 - np.trace(hat) / n) ** 2)
    assert found.l2_[0, 1] == pytest.approx(PENALTIES[np.argmin(scores)] * n)


@pytest.mark.parametrize("l2", [None, 0.0, 3.0])
@pytest.mark.parametrize("clusters", [(), ("user",), ("user", "item")], ids=["robust", "one way", "two ways"])
def test_blocks_and_streams_give_the_numbers_of_expanded_rows(l2, clusters):
    rows = sample(weighted=True, clusters=clusters or ("user",))
    expanded, factorised = (with_blocks(rows, expanded=expanded) for expanded in (True, False))
    expected = PartiallyLinearDML(l2=l2).fit(expanded)
    for design in (factorised, Stream(factorised)):
        found = PartiallyLinearDML(l2=l2).fit(design)
        np.testing.assert_allclose(found.value_, expected.value_, rtol=1e-8)
        np.testing.assert_allclose(found.stderr_, expected.stderr_, rtol=1e-8)
        assert found.effect(ESTIMAND).effective_n == pytest.approx(expected.effect(ESTIMAND).effective_n)


def test_folds_keep_clusters_whole_and_permuted_rows_agree():
    rows = sample(clusters=["user"])
    found = PartiallyLinearDML().fit(rows)
    moved = PartiallyLinearDML().fit(rows.rows(np.random.default_rng(0).permutation(rows.n)))
    np.testing.assert_allclose(moved.value_, found.value_, rtol=1e-10)
    np.testing.assert_allclose(moved.stderr_, found.stderr_, rtol=1e-10)


def test_weights_count_as_repetition():
    """A row of weight 2 has the moments of two rows, where the folds are the same."""
    rows = sample(clusters=["user"])
    twice = rows.rows(np.repeat(np.arange(rows.n), 2))
    heavy = PartiallyLinearDML(l2=1.0, scale=False).fit(replaced(rows, weight=np.full(rows.n, 2.0)))
    np.testing.assert_allclose(heavy.value_, PartiallyLinearDML(l2=1.0, scale=False).fit(twice).value_, rtol=1e-10)


def test_constant_and_collinear_covariates_change_nothing():
    rows = one_treatment(n=500)
    more = np.column_stack([rows.covariates, rows.covariates @ [1.0, 1.0, 0.0, 0.0], np.ones(rows.n)])
    found, keys = PartiallyLinearDML(l2=0.0), rows.row_keys()
    expected = found.fit(Design(**fields(rows), keys=keys)).value_.copy()
    again = found.fit(Design(**{**fields(rows), "covariates": more}, keys=keys)).value_
    np.testing.assert_allclose(again, expected, rtol=1e-9)


def fields(rows):
    return {name: getattr(rows, name) for name in ("outcome", "treatments", "covariates", "absorbed", "clusters")}


def test_intervals_cover():
    hits = 0
    for seed in range(N_COVERAGE):
        rows = one_treatment(seed=seed, n=400)
        lower, upper = PartiallyLinearDML().fit(rows).effect(ESTIMAND).interval()
        hits += lower <= 1.0 <= upper  # the other treatment is x1 and noise: its effect stays out
    assert binom.ppf(0.0005, N_COVERAGE, 0.95) <= hits <= binom.ppf(0.9995, N_COVERAGE, 0.95)


def test_a_treatment_that_covariates_explain_is_refused():
    rows = sample()
    explained = np.column_stack([rows.treatments[:, 0], rows.covariates @ [1.0, 2.0, 0.0, 0.0]])
    with pytest.raises(EstimationError, match="'b' does not vary once the adjustment set"):
        PartiallyLinearDML(l2=0.0).fit(replaced(rows, treatments=explained))
    with pytest.raises(EstimationError, match="'a' does not vary"):
        PartiallyLinearDML().fit(replaced(rows, treatments=np.ones((1500, 1)), treatment_names=("a",)))
    twice = np.column_stack([rows.treatments[:, 0], rows.treatments[:, 0]])
    with pytest.raises(EstimationError, match="'a' and 'b' does not vary"):
        PartiallyLinearDML().fit(replaced(rows, treatments=twice))


def test_bad_parameters_are_refused():
    with pytest.raises(DataError, match="l2 is -1"):
        PartiallyLinearDML(l2=-1).fit(sample())
    with pytest.raises(DataError, match="cannot be split into 1 folds"):
        PartiallyLinearDML(1).fit(sample())
    with pytest.raises(EstimationError, match="Use AbsorbedRegression"):
        PartiallyLinearDML().fit(replaced(sample(), absorbed=(np.zeros(1500, dtype=np.int64),)))
