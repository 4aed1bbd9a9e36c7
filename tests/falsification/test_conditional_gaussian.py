"""Conditional Gaussian test: against regression, its level where nothing is normal, its power."""

import numpy as np
import pytest
from scipy.stats import f

from causalrec.errors import DataError
from causalrec.falsification import conditional_gaussian


def mixed(rng, n=120, effect=0.0):
    z, s = rng.normal(size=n), rng.integers(0, 4, n)
    x = (rng.integers(0, 3, n) + s) % 4
    return x, (s - 1) * z + s + effect * x + rng.normal(size=n) * (1 + s), [z, s]


def skewed(rng, n=150):
    s = rng.integers(0, 3, n)
    return (rng.random(n) < 0.2 + 0.2 * s).astype(int), rng.exponential(size=n) * (1 + s), [s]


def two_continuous(rng, n=100):
    s, z = rng.integers(0, 4, n), rng.normal(size=n)
    return s * z + s + rng.normal(size=n), -s * z + s + rng.normal(size=n), [s, z]


def test_one_stratum_is_an_analysis_of_variance():
    import statsmodels.api as sm

    x, y, (z, _) = mixed(np.random.default_rng(0), n=300, effect=0.5)
    dummies = np.column_stack([x == k for k in range(1, 4)]).astype(float)
    full = sm.OLS(y, sm.add_constant(np.column_stack([z, dummies]))).fit()
    null = sm.OLS(y, sm.add_constant(z)).fit()
    ratio = (null.ssr / full.ssr - 1) * full.df_resid / 3
    found = conditional_gaussian(x, y, [z])
    assert found.dof == 3
    assert found.p_value == pytest.approx(f.sf(ratio, 3, full.df_resid), rel=0.02)


def test_strata_add_up():
    x, y, (z, s) = mixed(np.random.default_rng(1))
    whole = conditional_gaussian(x, y, [z, s])
    parts = [conditional_gaussian(x[s == k], y[s == k], [z[s == k]]) for k in range(4)]
    assert whole.statistic == pytest.approx(sum(part.statistic for part in parts))
    assert whole.dof == sum(part.dof for part in parts)


@pytest.mark.parametrize("sample", [mixed, skewed, two_continuous])
def test_level(rates, sample):
    rates.assert_level(sample, conditional_gaussian, n_runs=600)


def test_power(rates):
    assert rates.power(lambda rng: mixed(rng, 400, effect=0.5), conditional_gaussian) > 0.8


def test_it_finds_the_smallest_dependence_that_it_promises(rates):
    def pair(rng, r=0.0, n=300):
        x = np.tile([0, 1, 2], n // 3)
        size = r / np.sqrt(1 - r**2)
        return x, size * (x - 1) / np.sqrt(2 / 3) + rng.normal(size=n)

    promised = conditional_gaussian(*pair(np.random.default_rng(0))).smallest_dependence()
    assert 0.72 < rates.power(lambda rng: pair(rng, promised), conditional_gaussian, n_runs=400) < 0.88


def test_sides_do_not_matter():
    x, y, given = mixed(np.random.default_rng(2))
    assert conditional_gaussian(y, x, given).p_value == conditional_gaussian(x, y, given).p_value
    one, other, given = two_continuous(np.random.default_rng(2))
    first = conditional_gaussian(one, other, given)
    assert conditional_gaussian(other, one, given).p_value == pytest.approx(first.p_value)


def test_strata_that_are_too_small_are_counted():
    x, y, s = np.arange(60) % 2, np.random.default_rng(0).normal(size=60), np.repeat([0, 1], [57, 3])
    found = conditional_gaussian(x, y, [s])
    assert (found.dof, found.n) == (1, 57)
    assert "3 rows" in found.note
    assert not conditional_gaussian(x[-3:], y[-3:], []).is_testable


def test_two_discrete_ones_are_refused():
    with pytest.raises(DataError, match="g_test"):
        conditional_gaussian([0, 1] * 20, [0, 1] * 20, [np.arange(40.0)])
