"""Errors against least squares, and the scaled chi-square against its matrices written out."""

import numpy as np
import pytest

from causalrec.structural.linear_sem import LinearSEM
from causalrec.structural.linear_sem.parameter_errors import scaling_factor
from causalrec.structural.linear_sem.ram import matrices, moments, slopes
from tests.structural.linear_sem.planted_path import TEXT, planted_rows, skewed


@pytest.fixture(scope="module")
def heteroscedastic():
    rng = np.random.default_rng(0)
    x, z = rng.normal(size=(2, 400))
    y = 0.5 * x - z + (1 + np.abs(x)) * rng.normal(size=400)
    return {"x": x + 0.5 * z, "z": z, "y": y}


def least_squares(data, kind):
    from statsmodels.api import OLS, add_constant

    return OLS(data["y"], add_constant(np.column_stack([data["x"], data["z"]]))).fit(cov_type=kind)


def test_one_regression_is_least_squares(heteroscedastic):
    found = LinearSEM("y ~ x + z").fit(heteroscedastic)
    oracle = least_squares(heteroscedastic, "nonrobust")
    rows = [found.parameter(name).estimate for name in ("y ~ x", "y ~ z")]
    assert [row.value for row in rows] == pytest.approx(oracle.params[1:], abs=1e-10)
    likelihood = oracle.bse[1:] * np.sqrt(397 / 400)  # divided by n, not by n - 3
    assert [row.stderr for row in rows] == pytest.approx(likelihood, abs=1e-10)
    assert found.r2["y"] == pytest.approx(oracle.rsquared, abs=1e-10)


def test_robust_errors_of_one_regression_are_whites(heteroscedastic):
    found = LinearSEM("y ~ x + z", errors="robust").fit(heteroscedastic)
    errors = [found.parameter(name).estimate.stderr for name in ("y ~ x", "y ~ z")]
    assert errors == pytest.approx(least_squares(heteroscedastic, "HC0").bse[1:], abs=1e-10)


def test_clustered_errors_of_one_regression_are_the_textbooks(heteroscedastic):
    from statsmodels.api import OLS, add_constant

    user = np.arange(400) // 8
    found = LinearSEM("y ~ x + z", errors="robust").fit({**heteroscedastic, "user": user}, clusters="user")
    X = add_constant(np.column_stack([heteroscedastic["x"], heteroscedastic["z"]]))
    options = {"groups": user, "use_correction": False}
    oracle = OLS(heteroscedastic["y"], X).fit(cov_type="cluster", cov_kwds=options)
    errors = [found.parameter(name).estimate.stderr for name in ("y ~ x", "y ~ z")]
    assert errors == pytest.approx(oracle.bse[1:] * np.sqrt(50 / 49), abs=1e-10)
    assert found.n_clusters == {"user": 50}


def test_scaling_is_the_trace_of_the_matrices_written_out():
    fit = LinearSEM(TEXT, errors="satorra-bentler").fit(planted_rows(1, n=200, noise=skewed))
    solution, p = fit._solution, 5
    at = moments(matrices(solution.shape, solution.theta))
    inverse = np.linalg.inv(at.covariance[:p, :p])
    low = np.tril_indices(p)
    copies = np.zeros((p * p, len(low[0])))  # vec = copies @ vech
    for k, (i, j) in enumerate(zip(*low, strict=True)):
        copies[i * p + j, k] = copies[j * p + i, k] = 1
    weight = copies.T @ np.kron(inverse, inverse) @ copies / 2
    rows = solution.sample.rows - solution.sample.mean
    gamma = np.cov(np.array([np.outer(row, row)[low] for row in rows]).T, bias=True)
    counted = solution.n_counted
    delta = slopes(solution.shape, at)[0][:counted][:, low[0], low[1]].T
    taken = weight @ delta @ np.linalg.inv(delta.T @ weight @ delta) @ delta.T @ weight
    expected = np.trace((weight - taken) @ gamma) / fit.indices.df
    assert scaling_factor(solution, fit.indices.df) == pytest.approx(expected, rel=1e-9)
    assert fit.indices.scaled_chi2 == pytest.approx(fit.indices.chi2 / expected, rel=1e-9)


def test_scaled_chi_square_keeps_its_level_where_plain_does_not():
    """Factors that are independent leave no excess; a shared scale for all rows' variables does."""
    rejected = {"plain": 0, "scaled": 0}
    for seed in range(60):
        rng = np.random.default_rng(seed)
        scale = np.sqrt(5 / rng.chisquare(7, size=(400, 1)))  # heavy tails, shared by all variables of a row
        taste = rng.normal(size=(400, 1))
        rows = (taste + rng.normal(size=(400, 5))) * scale
        data = {f"x{k}": rows[:, k] for k in range(5)}
        found = LinearSEM("f =~ x0 + x1 + x2 + x3 + x4", errors="satorra-bentler").fit(data).indices
        rejected["plain"] += found.p_value < 0.05
        rejected["scaled"] += found.scaled_p_value < 0.05
    assert rejected["scaled"] <= 9  # 99.9% of a binomial of 60 and .05
    assert rejected["plain"] > 2 * rejected["scaled"]


def test_one_row_a_cluster_is_no_cluster():
    rows = planted_rows(1, n=200, noise=skewed)
    plain = LinearSEM(TEXT, errors="robust").fit(rows).indices.scaling
    own = LinearSEM(TEXT, errors="robust").fit({**rows, "user": np.arange(200)}, clusters="user").indices.scaling
    assert own == pytest.approx(plain * 200 / 199, rel=1e-9)


def test_clustered_chi_square_keeps_its_level_where_plain_does_not():
    rejected = {"plain": 0, "scaled": 0}
    user = np.arange(900) // 6
    for seed in range(60):
        data = {**planted_rows(seed, 900, n_per_user=6), "user": user}
        found = LinearSEM(TEXT, errors="robust").fit(data, clusters="user").indices
        rejected["plain"] += found.p_value < 0.05
        rejected["scaled"] += found.scaled_p_value < 0.05
    assert rejected["scaled"] <= 10
    assert rejected["plain"] > 2 * rejected["scaled"]
