"""Recovery of planted coefficients, with intervals that cover."""

import numpy as np
import pytest

from causalrec.structural.linear_sem import LinearSEM
from tests.estimation.planted import exact_interval
from tests.structural.linear_sem.planted_path import TEXT, TRUTH, planted_rows, skewed

N_RUNS = 100
CHECKED = ("purchase ~ exposure", "purchase ~ taste", "taste =~ ratings", "indirect", "total", "taste ~~ taste")


def runs(errors="standard", *, n=300, clusters=(), n_per_user=1, noise=None):
    found = []
    options = {} if noise is None else {"noise": noise}
    for seed in range(N_RUNS):
        rows = planted_rows(seed, n, n_per_user=n_per_user, **options)
        data = {**rows, "user": np.arange(n) // n_per_user}
        fit = LinearSEM(TEXT, errors=errors).fit(data, clusters=clusters)
        found.append([_of(fit, name) for name in CHECKED])
    return np.array(found)


def _of(fit, name):
    estimate = fit.parameter(name).estimate
    return estimate.value - TRUTH[name], estimate.stderr


def refuse_coverage(found, names=CHECKED):
    for k, name in enumerate(CHECKED):
        if name not in names:
            continue
        error, stderr = found[:, k].T
        covered = int((np.abs(error) <= 1.96 * stderr).sum())
        low, high = exact_interval(covered, len(found))
        assert low <= 0.95 <= high, f"{name}: {covered} of {len(found)} intervals cover"
        assert abs(error.mean()) < 4 * error.std() / np.sqrt(len(found)) + 0.02, f"{name}: bias {error.mean():.4f}"
        assert 0.75 < error.std() / np.sqrt((stderr**2).mean()) < 1.33, name


def test_normal_theory():
    refuse_coverage(runs())


def test_robust_errors_cover_where_normal_theory_does_not():
    """Skewed noise: variances and loadings need the fourth moments; coefficients hardly do."""
    robust = runs("robust", n=600, noise=skewed)
    refuse_coverage(robust, ("purchase ~ exposure", "purchase ~ taste", "taste =~ ratings", "indirect", "total"))
    plain = runs(n=600, noise=skewed)
    k = CHECKED.index("taste ~~ taste")
    covered = int((np.abs(plain[:, k, 0]) <= 1.96 * plain[:, k, 1]).sum())
    assert exact_interval(covered, N_RUNS)[1] < 0.95
    assert (np.abs(robust[:, k, 0]) <= 1.96 * robust[:, k, 1]).sum() > covered + 0.05 * N_RUNS


@pytest.mark.parametrize("name", ["purchase ~ exposure"])
def test_clustered_errors_cover_where_rows_share_a_user(name):
    k = CHECKED.index(name)
    clustered = runs("robust", n=900, n_per_user=6, clusters="user")
    refuse_coverage(clustered, (name,))
    plain = runs(n=900, n_per_user=6)
    covered = int((np.abs(plain[:, k, 0]) <= 1.96 * plain[:, k, 1]).sum())
    assert exact_interval(covered, N_RUNS)[1] < 0.95
