import numpy as np
import pytest

from causalrec.errors import EstimationError
from causalrec.estimation.uncertainty.simultaneous import correlation_of, equality_test, simultaneous_level
from tests.estimation.planted import exact_interval

N_RUNS = 400


def alike(k, r):
    return np.full((k, k), r) + (1 - r) * np.eye(k)


@pytest.mark.parametrize(("k", "r"), [(2, 0.5), (4, 0.8), (6, -0.15)])
def test_the_level_is_that_of_the_normal_distribution_in_k_dimensions(k, r):
    from scipy.stats import multivariate_normal, norm

    edge = norm.ppf(0.5 + simultaneous_level(alike(k, r)) / 2)
    inside = multivariate_normal(cov=alike(k, r), seed=1).cdf(np.full(k, edge), lower_limit=np.full(k, -edge))
    assert inside == pytest.approx(0.95, abs=3e-3)


def test_independent_and_equal_estimates_are_the_two_ends():
    assert simultaneous_level(np.eye(5)) == pytest.approx(0.95**0.2)
    assert simultaneous_level(np.eye(1)) == pytest.approx(0.95)
    assert simultaneous_level(np.ones((5, 5))) == pytest.approx(0.95, abs=3e-3)
    between = [simultaneous_level(alike(5, r)) for r in (0.0, 0.4, 0.8)]
    assert between == sorted(between, reverse=True)
    assert correlation_of(np.diag([0.0, 4.0])).tolist() == [[1, 0], [0, 1]]


def test_equality_is_the_wald_test_of_a_regression():
    import statsmodels.api as sm

    rng = np.random.default_rng(0)
    group = rng.integers(0, 4, 200)
    dummies = (group[:, None] == np.arange(4)).astype(float)
    fitted = sm.OLS(rng.normal(size=200) + 0.2 * group, dummies).fit(cov_type="HC1", use_t=True)
    oracle = fitted.f_test(np.column_stack([-np.ones(3), np.eye(3)]))
    found = equality_test(fitted.params, fitted.cov_params(), fitted.df_resid)
    assert found.statistic == pytest.approx(float(oracle.fvalue), rel=1e-9)
    assert found.p_value == pytest.approx(float(oracle.pvalue), rel=1e-9)


def test_equal_means_are_rejected_at_the_level():
    rejected = 0
    for seed in range(N_RUNS):
        rows = np.random.default_rng(seed).normal(size=(60, 4))
        rejected += equality_test(rows.mean(axis=0), np.cov(rows.T) / 60, 59.0).p_value < 0.05
    low, high = exact_interval(rejected, N_RUNS)
    assert low <= 0.05 <= high, f"{rejected} of {N_RUNS}"


def test_too_little_to_compare_is_refused():
    with pytest.raises(EstimationError, match="two groups or more"):
        equality_test(np.ones(1), np.eye(1), 10.0)
    with pytest.raises(EstimationError, match="too few clusters"):
        equality_test(np.arange(3.0), np.ones((3, 3)), 10.0)
