from pathlib import Path

import numpy as np
import pytest
from scipy.stats import binom

from causalrec.data import Design
from causalrec.errors import EstimationError, NotFittedError
from causalrec.estimation.instruments.instrumental import LIML, TwoStageLeastSquares
from causalrec.estimation.linear.ols import OLS
from causalrec.identification import Estimand
from tests.estimation.streams import Stream

N_COVERAGE = 200
ESTIMAND = Estimand(("t",), "y", "instrument", instruments=("z",))
CARD = Path(__file__).parents[4] / "shared/data/causal_misc/close_college.dta"
FIELDS = ("outcome", "treatments", "covariates", "absorbed", "clusters", "weight", "instruments")


def sample(seed=0, n=1000, m=3, strength=0.5, clusters=(), k=1, weighted=False):
    rng = np.random.default_rng(seed)
    covariates, hidden = rng.normal(size=(n, 2)) + 3, rng.normal(size=n)
    instruments = rng.normal(size=(n, m)) + covariates[:, :1]
    moved = instruments[:, :k] * strength + instruments.mean(axis=1, keepdims=True) * strength / 2
    treatments = moved + hidden[:, None] + rng.normal(size=(n, k))
    noise = 2 * hidden + rng.normal(size=n) * (1 + instruments[:, 0] ** 2) ** 0.5
    codes = {name: rng.integers(0, 30 + at, n) for at, name in enumerate(clusters)}
    return Design(
        treatments.sum(axis=1) + covariates.sum(axis=1) + noise, treatments, covariates, (), codes,
        instruments=instruments, weight=rng.random(n) if weighted else None,
    )  # fmt: skip


def replaced(rows, **changes):
    return Design(**{**{name: getattr(rows, name) for name in FIELDS}, **changes})


def columns(rows):
    return np.column_stack([np.ones(rows.n), rows.covariates])


@pytest.mark.parametrize("k", [1, 2])
def test_point_equals_statsmodels(k):
    gmm = pytest.importorskip("statsmodels.sandbox.regression.gmm")
    rows = sample(k=k)
    X = columns(rows)
    fit = gmm.IV2SLS(rows.outcome, np.column_stack([rows.treatments, X]), np.column_stack([rows.instruments, X])).fit()
    np.testing.assert_allclose(TwoStageLeastSquares().fit(rows).value_, fit.params[:k], rtol=1e-9)


@pytest.mark.parametrize("weighted", [False, True], ids=["even", "weighted"])
@pytest.mark.parametrize("clusters", [(), ("user",), ("user", "item")], ids=["robust", "one way", "two ways"])
@pytest.mark.parametrize("k", [1, 2])
def test_equals_linearmodels(k, clusters, weighted):
    iv = pytest.importorskip("linearmodels.iv")
    rows = sample(k=k, clusters=clusters, weighted=weighted)
    how = {"cov_type": "clustered", "clusters": np.column_stack(list(rows.clusters.values()))} if clusters else {}
    for ours, theirs in ((TwoStageLeastSquares(), iv.IV2SLS), (LIML(), iv.IVLIML)):
        found = ours.fit(rows)
        fit = theirs(rows.outcome, columns(rows), rows.treatments, rows.instruments, weights=rows.weight).fit(
            **(how or {"cov_type": "robust"}), debiased=True
        )
        np.testing.assert_allclose(found.value_, fit.params.to_numpy()[-k:], rtol=1e-8)
        if len(clusters) < 2:  # of two ways they have another small-sample factor
            np.testing.assert_allclose(
                found.stderr_, fit.std_errors.to_numpy()[-k:], rtol=1e-6 if theirs is iv.IV2SLS else 2e-3
            )


def test_two_stages_written_out():
    rows = sample(k=2, weighted=False)
    X, Z = columns(rows), np.column_stack([rows.instruments, columns(rows)])
    hat = np.column_stack([Z @ np.linalg.lstsq(Z, rows.treatments, rcond=None)[0], X])
    coef = np.linalg.lstsq(hat, rows.outcome, rcond=None)[0]
    residual = rows.outcome - np.column_stack([rows.treatments, X]) @ coef
    bread = np.linalg.inv(hat.T @ hat)
    cov = bread @ (hat.T * residual**2) @ hat @ bread * rows.n / (rows.n - hat.shape[1])
    found = TwoStageLeastSquares().fit(rows)
    np.testing.assert_allclose(found.value_, coef[:2], rtol=1e-9)
    np.testing.assert_allclose(found.stderr_, np.sqrt(np.diag(cov))[:2], rtol=1e-9)


def test_one_instrument_is_the_ratio_and_liml_is_the_same():
    rows = sample(m=1)
    ratio = (
        OLS().fit(replaced(rows, treatments=rows.instruments)).value_
        / OLS().fit(replaced(rows, treatments=rows.instruments, outcome=rows.treatments[:, 0])).value_
    )
    found = TwoStageLeastSquares().fit(rows)
    np.testing.assert_allclose(found.value_, ratio, rtol=1e-9)
    np.testing.assert_allclose(LIML().fit(rows).value_, ratio, rtol=1e-9)
    assert found.effective_f_ == pytest.approx(found.first_stage_f_[0])
    assert found.target_ == "LATE, or the linear effect"


def test_first_stage_f_equals_statsmodels():
    sm = pytest.importorskip("statsmodels.api")
    rows = sample()
    fit = sm.OLS(rows.treatments[:, 0], np.column_stack([rows.instruments, columns(rows)])).fit(cov_type="HC1")
    wanted = fit.f_test(np.eye(3, 6)).fvalue
    assert TwoStageLeastSquares().fit(rows).first_stage_f_[0] == pytest.approx(float(wanted), rel=1e-8)


@pytest.mark.parametrize("clustered", [False, True])
def test_anderson_rubin_is_the_test_of_the_instruments_on_what_is_left(clustered):
    sm = pytest.importorskip("statsmodels.api")
    rows = sample(clusters=("user",) if clustered else (), strength=0.2)
    found = TwoStageLeastSquares().fit(rows)
    how = {"cov_type": "cluster", "cov_kwds": {"groups": rows.clusters["user"]}} if clustered else {"cov_type": "HC1"}
    Z = np.column_stack([rows.instruments, columns(rows)])
    for value in (-3.0, 0.0, 1.0, 40.0):
        fit = sm.OLS(rows.outcome - value * rows.treatments[:, 0], Z).fit(**how)
        assert found.reduced_form_.statistic(value) == pytest.approx(float(fit.f_test(np.eye(3, 6)).fvalue), rel=1e-6)
    for lower, upper in found.anderson_rubin(0.9).parts:
        for end in (lower, upper):
            fit = sm.OLS(rows.outcome - end * rows.treatments[:, 0], Z).fit(**how)
            assert float(fit.f_test(np.eye(3, 6)).pvalue) == pytest.approx(0.1, abs=2e-3)


def test_anderson_rubin_with_one_instrument_is_fieller():
    from scipy.stats import f

    rows = sample(m=1, strength=0.15)
    found = TwoStageLeastSquares(allow_weak=True).fit(rows)
    form = found.reduced_form_
    (a, b), bound = (form.on_treatment[0], form.on_outcome[0]), f.ppf(0.95, 1, form.dof)
    v = form.covariance
    roots = np.roots([a * a - bound * v[0, 0], -2 * (a * b - bound * v[0, 1]), b * b - bound * v[1, 1]])
    ((lower, upper),) = found.anderson_rubin().parts
    np.testing.assert_allclose([lower, upper], np.sort(roots), rtol=1e-8)


def test_weak_instruments_leave_the_interval_open_and_its_coverage_right():
    """Two-stage intervals fail here; those of Anderson and Rubin hold."""
    hits = two_stage = unbounded = 0
    for seed in range(N_COVERAGE):
        found = TwoStageLeastSquares(allow_weak=True).fit(sample(seed, n=400, m=8, strength=0.03))
        interval = found.anderson_rubin()
        hits += 1.0 in interval
        unbounded += not interval.bounded
        lower, upper = found.effect(ESTIMAND).interval()
        two_stage += lower <= 1.0 <= upper
    assert binom.ppf(0.0005, N_COVERAGE, 0.95) <= hits <= binom.ppf(0.9995, N_COVERAGE, 0.95)
    assert two_stage < binom.ppf(0.0005, N_COVERAGE, 0.95)
    assert unbounded > N_COVERAGE / 10


@pytest.mark.parametrize("estimator", [TwoStageLeastSquares, LIML])
def test_intervals_cover(estimator):
    hits = 0
    for seed in range(N_COVERAGE):
        lower, upper = estimator().fit(sample(seed, n=500)).effect(ESTIMAND).interval()
        hits += lower <= 1.0 <= upper
    assert binom.ppf(0.0005, N_COVERAGE, 0.95) <= hits <= binom.ppf(0.9995, N_COVERAGE, 0.95)


def test_streams_give_the_same_numbers():
    rows = sample(clusters=("user", "item"), weighted=True)
    for estimator in (TwoStageLeastSquares, LIML):
        found, expected = estimator().fit(Stream(rows)), estimator().fit(rows)
        np.testing.assert_allclose(found.value_, expected.value_, rtol=1e-9)
        np.testing.assert_allclose(found.stderr_, expected.stderr_, rtol=1e-9)
        np.testing.assert_allclose(found.first_stage_f_, expected.first_stage_f_, rtol=1e-9)
        np.testing.assert_allclose(found.anderson_rubin().parts, expected.anderson_rubin().parts, rtol=1e-7)


@pytest.mark.skipif(not CARD.exists(), reason=f"needs the data of Card (1995) at {CARD}")
def test_return_to_schooling_of_card():
    """Card (1995): .071 by least squares, .124 by nearness to a college."""
    pd = pytest.importorskip("pandas")
    frame = pd.read_stata(CARD).astype(float).dropna()
    covariates = frame[["exper", "black", "south", "married", "smsa"]].to_numpy()
    rows = Design(
        frame["lwage"].to_numpy(), frame[["educ"]].to_numpy(), covariates, (), {},
        instruments=frame[["nearc4"]].to_numpy(),
    )  # fmt: skip
    assert OLS().fit(rows).value_[0] == pytest.approx(0.071, abs=0.0006)
    found = TwoStageLeastSquares().fit(rows)
    assert found.value_[0] == pytest.approx(0.124, abs=0.0006)
    ((lower, upper),) = found.anderson_rubin().parts
    assert 0 < lower < 0.071 < 0.124 < upper


def test_what_carries_no_information_is_refused():
    rows = sample(m=1)
    noise = np.random.default_rng(9).normal(size=(rows.n, 1))
    with pytest.raises(EstimationError, match="'instrument 0' moves nothing: its first stage of 'treatment 0'"):
        TwoStageLeastSquares().fit(replaced(rows, instruments=noise))
    with pytest.raises(EstimationError, match="'instrument 0' does not vary once the adjustment set"):
        TwoStageLeastSquares().fit(replaced(rows, instruments=rows.covariates[:, :1] * 2 + 1))
    with pytest.raises(EstimationError, match="'treatment 0' does not vary"):
        TwoStageLeastSquares().fit(replaced(rows, treatments=np.ones((rows.n, 1))))
    with pytest.raises(EstimationError, match="1 instruments that differ cannot tell 2 treatments apart"):
        TwoStageLeastSquares().fit(sample(m=1, k=2))
    with pytest.raises(EstimationError, match="cannot tell 2 treatments apart"):
        TwoStageLeastSquares().fit(replaced(sample(k=2), instruments=np.repeat(rows.instruments, 2, axis=1)))
    with pytest.raises(EstimationError, match="of one treatment"):
        TwoStageLeastSquares().fit(sample(k=2)).anderson_rubin()
    with pytest.raises(NotFittedError):
        TwoStageLeastSquares().anderson_rubin()
