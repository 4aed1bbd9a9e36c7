import numpy as np
import pytest
from scipy.stats import binom

from causalrec.data import Design, DesignBlock
from causalrec.errors import DataError, EstimationError
from causalrec.estimation.linear.ols import OLS
from causalrec.identification import Estimand
from tests.estimation.streams import Stream

N_COVERAGE = 300
ESTIMAND = Estimand(("a", "b"), "y", "adjustment")


def sample(seed=0, n=1500, clusters=(), weighted=False, mean=0.0):
    rng = np.random.default_rng(seed)
    covariates = rng.normal(size=(n, 4)) + mean
    treatments = covariates[:, :2] + rng.normal(size=(n, 2))
    noise = rng.normal(size=n) * (1 + treatments[:, 0] ** 2) ** 0.5
    codes = {name: rng.integers(0, 15 + 5 * k, n) for k, name in enumerate(clusters)}
    return Design(
        treatments @ [1.0, -0.5] + covariates.sum(axis=1) + noise, treatments, covariates, (), codes,
        treatment_names=("a", "b"), weight=rng.random(n) if weighted else None,
    )  # fmt: skip


def blocks(seed=0, n=1500):
    rng = np.random.default_rng(seed)
    texts, users = rng.normal(size=(40, 5)), rng.normal(size=(60, 3))
    return DesignBlock("text", rng.integers(0, 40, n), texts), DesignBlock("user", rng.integers(0, 60, n), users)


def with_blocks(rows, *, expanded):
    kept = blocks()
    if expanded:
        return replaced(rows, covariates=np.column_stack([rows.covariates, *(b.expanded() for b in kept)]))
    return replaced(rows, blocks=kept)


def replaced(rows, **changes):
    names = ("outcome", "treatments", "covariates", "absorbed", "clusters", "treatment_names", "weight")
    return Design(**{**{name: getattr(rows, name) for name in names}, **changes})


def oracle(rows, **options):
    sm = pytest.importorskip("statsmodels.api")
    columns = sm.add_constant(np.column_stack([rows.treatments, rows.covariates]))
    weight = np.ones(rows.n) if rows.weight is None else rows.weight
    return sm.WLS(rows.outcome, columns, weights=weight).fit(**options)


@pytest.mark.parametrize("mean", [0.0, 1e4], ids=["centred", "far from 0"])
@pytest.mark.parametrize("weighted", [False, True], ids=["even", "weighted"])
@pytest.mark.parametrize("covariance", ["HC0", "HC1", "HC2", "HC3", "classical"])
def test_equals_statsmodels(covariance, weighted, mean):
    rows = sample(weighted=weighted, mean=mean)
    fit = oracle(rows, cov_type="nonrobust" if covariance == "classical" else covariance)
    found = OLS(covariance).fit(rows)
    np.testing.assert_allclose(found.value_, fit.params[1:3], rtol=1e-8)
    np.testing.assert_allclose(found.stderr_, fit.bse[1:3], rtol=1e-8)
    effect = found.effect(ESTIMAND)
    assert effect.stderr == pytest.approx(float(fit.cov_params()[1:3, 1:3].sum()) ** 0.5, rel=1e-8)
    assert effect.dof == fit.df_resid


def test_equals_statsmodels_with_clustered_errors():
    rows = sample(clusters=["user"])
    fit = oracle(rows, cov_type="cluster", cov_kwds={"groups": rows.clusters["user"]})
    found = OLS("HC3").fit(rows)
    np.testing.assert_allclose(found.stderr_, fit.bse[1:3], rtol=1e-8)
    assert (found.effect(ESTIMAND).dof, found.effect(ESTIMAND).n_clusters) == (14, {"user": 15})


def test_equals_pyfixest_with_two_way_errors():
    pf, pd = pytest.importorskip("pyfixest"), pytest.importorskip("pandas")
    rows = sample(clusters=["user", "item"])
    columns = {f"x{k}": column for k, column in enumerate(rows.covariates.T)}
    frame = pd.DataFrame({"y": rows.outcome, "a": rows.treatments[:, 0], "b": rows.treatments[:, 1], **columns})
    fit = pf.feols("y ~ a + b + x0 + x1 + x2 + x3", frame.assign(**rows.clusters), vcov={"CRV1": "user + item"})
    np.testing.assert_allclose(OLS().fit(rows).stderr_, fit.se().to_numpy()[1:3], rtol=1e-8)


@pytest.mark.parametrize("clusters", [(), ("user",), ("user", "item")], ids=["robust", "one way", "two ways"])
@pytest.mark.parametrize("covariance", ["HC0", "HC1", "HC3", "classical"])
def test_blocks_and_streams_give_the_numbers_of_expanded_rows(covariance, clusters):
    rows = sample(weighted=True, clusters=clusters)
    expected = OLS(covariance).fit(with_blocks(rows, expanded=True))
    factorised = with_blocks(rows, expanded=False)
    for found in (OLS(covariance).fit(factorised), OLS(covariance).fit(Stream(factorised))):
        np.testing.assert_allclose(found.value_, expected.value_, rtol=1e-8)
        np.testing.assert_allclose(found.stderr_, expected.stderr_, rtol=1e-8)
        ours, theirs = found.effect(ESTIMAND), expected.effect(ESTIMAND)
        assert ours.effective_n == pytest.approx(theirs.effective_n)
        assert (ours.dof, ours.n, ours.n_clusters) == (theirs.dof, theirs.n, theirs.n_clusters)


def test_constant_and_collinear_covariates_are_named_and_change_nothing():
    rows = sample()
    more = np.column_stack([np.full(rows.n, 0.1), rows.covariates, rows.covariates @ [2.0, 3.0, 0.0, 1.0]])
    found = OLS().fit(replaced(rows, covariates=more))
    expected = OLS().fit(rows)
    np.testing.assert_allclose(found.value_, expected.value_, rtol=1e-9)
    np.testing.assert_allclose(found.stderr_, expected.stderr_, rtol=1e-9)
    assert found.left_out_ == ("covariate 0", "covariate 5")
    assert found.diagnostics_["covariates left out"] == 2
    assert found.diagnostics_["QR on the rows"] == 1


def test_nearly_collinear_columns_are_solved_on_the_rows():
    """1 - R2 is 1e-10: moments alone would keep six digits."""
    rows = sample()
    near = rows.covariates[:, 0] + 1e-5 * np.random.default_rng(1).normal(size=rows.n)
    rows = replaced(rows, covariates=np.column_stack([rows.covariates, near]))
    found, fit = OLS().fit(rows), oracle(rows, cov_type="HC1")
    np.testing.assert_allclose(found.value_, fit.params[1:3], rtol=1e-8)
    np.testing.assert_allclose(found.stderr_, fit.bse[1:3], rtol=1e-8)
    assert found.diagnostics_["QR on the rows"] == 1
    assert found.left_out_ == ()
    assert found.condition_ > 1e8


def test_permuted_and_scaled_rows():
    rows = sample()
    order = np.random.default_rng(2).permutation(rows.n)
    found, moved, scaled = (
        OLS().fit(part) for part in (rows, rows.rows(order), replaced(rows, outcome=1e6 * rows.outcome))
    )
    np.testing.assert_allclose(moved.value_, found.value_, rtol=1e-11)
    np.testing.assert_allclose(scaled.value_, 1e6 * found.value_, rtol=1e-11)
    np.testing.assert_allclose(scaled.stderr_, 1e6 * found.stderr_, rtol=1e-11)


def test_intervals_cover():
    """HC1 with unequal variances, clustered errors with effects of clusters."""
    truth, hits = 0.5, 0
    for seed in range(N_COVERAGE):
        rows = sample(seed, n=300)
        lower, upper = OLS().fit(rows).effect(ESTIMAND).interval()
        hits += lower <= truth <= upper
    assert binom.ppf(0.0005, N_COVERAGE, 0.95) <= hits <= binom.ppf(0.9995, N_COVERAGE, 0.95)


REFUSED = {
    "constant": (lambda t, x: np.column_stack([t[:, 0], np.ones(len(t))]), "'b' does not vary: every row"),
    "explained": (lambda t, x: np.column_stack([t[:, 0], x @ [1.0, 2.0, 0.0, 0.0]]), "'b' does not vary once the adj"),
    "not finite": (lambda t, x: np.column_stack([t[:, 0], np.where(t[:, 1] > 2, np.inf, 0)]), "Not finite.*: b"),
}


@pytest.mark.parametrize(("change", "message"), REFUSED.values(), ids=REFUSED)
@pytest.mark.filterwarnings("ignore:invalid value:RuntimeWarning")
def test_treatments_without_information_are_refused(change, message):
    rows = sample()
    with pytest.raises(EstimationError, match=message):
        OLS().fit(replaced(rows, treatments=change(rows.treatments, rows.covariates)))


def test_too_few_rows_negative_weights_and_unknown_errors_are_refused():
    with pytest.raises(EstimationError, match="6 rows cannot carry 7 coefficients"):
        OLS().fit(sample(n=6))
    with pytest.raises(EstimationError, match="at least one is negative"):
        OLS().fit(replaced(sample(), weight=np.r_[-1.0, np.ones(1499)]))
    with pytest.raises(EstimationError, match="No row has a weight above 0"):
        OLS().fit(replaced(sample(), weight=np.zeros(1500)))
    with pytest.raises(DataError, match="covariance is 'HC4'"):
        OLS("HC4").fit(sample())
    with pytest.raises(EstimationError, match="Use AbsorbedRegression"):
        OLS().fit(replaced(sample(), absorbed=(np.zeros(1500, dtype=np.int64),)))


def test_inputs_are_not_written():
    rows = sample(weighted=True)
    for array in (rows.outcome, rows.treatments, rows.covariates, rows.weight):
        array.setflags(write=False)
    OLS("HC3").fit(rows)
