"""Full information maximum likelihood."""

import numpy as np
import pytest

from causalrec.errors import DataError
from causalrec.structural.linear_sem import LinearSEM
from tests.estimation.planted import exact_interval
from tests.structural.linear_sem.planted_path import TEXT, TRUTH, planted_rows

N_RUNS = 60
CHECKED = ("purchase ~ exposure", "purchase ~ taste", "indirect")


def with_holes(seed, n=400):
    """Purchase is missing where exposure is high: it depends on what was seen. A few ratings are missing by chance."""
    rows, rng = planted_rows(seed, n), np.random.default_rng(seed + 10_000)
    purchase = np.where(rows["exposure"] > 1.5 + 0.3 * rng.normal(size=n), np.nan, rows["purchase"])
    ratings = np.where(rng.random(n) < 0.15, np.nan, rows["ratings"])
    return {**rows, "purchase": purchase, "ratings": ratings}


def test_log_likelihood_is_that_of_what_each_row_has():
    from scipy.stats import multivariate_normal

    data = with_holes(0, n=120)
    fit = LinearSEM(TEXT).fit(data, missing="likelihood")
    rows = np.column_stack([data[name] for name in fit.observed])
    means, covariance = implied(fit)
    total = 0.0
    for row in rows:
        seen = ~np.isnan(row)
        total += multivariate_normal(means[seen], covariance[np.ix_(seen, seen)]).logpdf(row[seen])
    assert fit.indices.log_likelihood == pytest.approx(total, abs=1e-8)


def implied(fit):
    from causalrec.structural.linear_sem.ram import matrices, moments

    at = moments(matrices(fit._solution.shape, fit._solution.theta))
    p = len(fit.observed)
    return at.mean[:p], at.covariance[:p, :p]


def test_complete_rows_give_the_same_either_way():
    data = planted_rows(0)
    plain, likely = LinearSEM(TEXT).fit(data), LinearSEM(TEXT).fit(data, missing="likelihood")
    for one, other in zip(plain.parameters, likely.parameters, strict=True):
        assert (one.estimate.value, one.estimate.stderr) == pytest.approx((other.estimate.value, other.estimate.stderr))


def test_a_saturated_pair_is_the_closed_form_of_monotone_missingness():
    """Regression among complete rows, mean of the complete column: Anderson 1957."""
    rng = np.random.default_rng(0)
    x = rng.normal(size=300)
    y = 1 + 0.5 * x + rng.normal(size=300)
    y[x > 0.4] = np.nan
    fit = LinearSEM("y ~ x\ny ~ 1\nx ~ 1").fit({"x": x, "y": y}, missing="likelihood")
    seen = ~np.isnan(y)
    slope, level = np.polyfit(x[seen], y[seen], 1)
    found = [fit.parameter(name).estimate.value for name in ("y ~ x", "y ~ 1", "x ~ 1", "x ~~ x")]
    assert found == pytest.approx([slope, level, x.mean(), x.var()], abs=1e-7)
    assert fit.indices.chi2 == 0
    assert fit.indices.df == 0


@pytest.fixture(scope="module")
def fits():
    return [LinearSEM(TEXT).fit(with_holes(seed), missing="likelihood") for seed in range(N_RUNS)]


@pytest.mark.parametrize("name", CHECKED)
def test_it_covers_where_missingness_depends_on_what_was_seen(fits, name):
    rows = [fit.parameter(name).estimate for fit in fits]
    error, stderr = np.array([(row.value - TRUTH[name], row.stderr) for row in rows]).T
    low, high = exact_interval(int((np.abs(error) <= 1.96 * stderr).sum()), N_RUNS)
    assert low <= 0.95 <= high
    assert abs(error.mean()) < 4 * error.std() / np.sqrt(N_RUNS)


def test_dropping_rows_where_the_outcome_decides_is_biased_and_this_is_not():
    """Exposure is missing where purchase is high: complete rows are selected on the outcome."""
    rows = planted_rows(1, 20_000)
    exposure = np.where(rows["purchase"] > 1, np.nan, rows["exposure"])
    data = {**rows, "exposure": exposure}
    seen = ~np.isnan(exposure)
    dropped = LinearSEM(TEXT).fit({name: column[seen] for name, column in data.items()})
    likely = LinearSEM(TEXT).fit(data, missing="likelihood")
    truth = TRUTH["purchase ~ exposure"]
    assert abs(dropped.parameter("purchase ~ exposure").estimate.value - truth) > 0.1
    found = likely.parameter("purchase ~ exposure").estimate
    assert abs(found.value - truth) < 4 * found.stderr


def test_a_true_model_is_rejected_at_its_level(fits):
    p_values = np.array([fit.indices.p_value for fit in fits])
    low, high = exact_interval(int((p_values < 0.05).sum()), N_RUNS)
    assert low <= 0.05 <= high


def test_rows_of_nothing_say_nothing():
    data = planted_rows(3, 200)
    longer = {name: np.concatenate([column, [np.nan] * 5]) for name, column in data.items()}
    plain, likely = LinearSEM(TEXT).fit(data), LinearSEM(TEXT).fit(longer, missing="likelihood")
    assert likely.n == 200
    assert likely.parameter("total").estimate.value == pytest.approx(plain.parameter("total").estimate.value)


def test_missing_values_are_refused_unless_asked_for():
    with pytest.raises(DataError, match=r"'ratings' \d+, .*'purchase' \d+|'purchase' \d+"):
        LinearSEM(TEXT).fit(with_holes(0))


def test_what_was_done_is_said():
    assert "rows lack values" in str(LinearSEM(TEXT).fit(with_holes(0), missing="likelihood"))
