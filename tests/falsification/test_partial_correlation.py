"""Partial correlation: against regression, its level and power, what it refuses."""

import numpy as np
import pytest
from scipy import stats

from causalrec.errors import DataError, ShapeError
from causalrec.falsification import partial_correlation


def linear(rng, n=60, effect=0.0):
    z = rng.normal(size=(n, 3))
    x = z @ [1, 1, 0] + rng.normal(size=n)
    return x, effect * (x - z @ [1, 1, 0]) + z @ [0, 1, 1] + rng.normal(size=n), list(z.T)


def test_the_correlation_is_that_of_a_regression():
    import statsmodels.api as sm

    x, y, given = linear(np.random.default_rng(0), effect=0.2)
    t = sm.OLS(y, sm.add_constant(np.column_stack([x, *given]))).fit().tvalues[1]
    dof = len(x) - 5
    r = t / np.sqrt(t**2 + dof)
    found = partial_correlation(x, y, given)
    assert found.statistic == pytest.approx(np.arctanh(r) * np.sqrt(len(x) - 3 - 3), rel=1e-10)
    assert found.p_value == pytest.approx(2 * stats.t.sf(abs(t), dof), abs=0.01)


def test_without_given_it_is_pearson():
    x, y = np.random.default_rng(1).normal(size=(2, 500))
    assert partial_correlation(x, y).p_value == pytest.approx(stats.pearsonr(x, y).pvalue, abs=1e-3)


def test_level(rates):
    rates.assert_level(linear, partial_correlation, n_runs=1000)


def test_it_finds_the_smallest_dependence_that_it_promises(rates):
    promised = partial_correlation(*linear(np.random.default_rng(0), n=200)).smallest_dependence()
    effect = promised / np.sqrt(1 - promised**2)
    assert 0.7 < rates.power(lambda rng: linear(rng, 200, effect), partial_correlation, n_runs=400) < 0.9


def test_rows_and_sides_do_not_matter():
    x, y, given = linear(np.random.default_rng(2))
    order = np.random.default_rng(3).permutation(len(x))
    shuffled = partial_correlation(x[order], y[order], [z[order] for z in given])
    first = partial_correlation(x, y, given)
    assert shuffled.p_value == pytest.approx(first.p_value, rel=1e-9)
    assert partial_correlation(y, x, given).p_value == pytest.approx(first.p_value, rel=1e-9)


def test_scale_does_not_matter():
    x, y, given = linear(np.random.default_rng(2))
    scaled = partial_correlation(1e8 + 1e3 * x, 1e-9 * y, [1e6 * z + 1e9 for z in given])
    assert scaled.p_value == pytest.approx(partial_correlation(x, y, given).p_value, rel=1e-4)


def test_given_columns_that_repeat_each_other_count_once():
    x, y, given = linear(np.random.default_rng(3))
    doubled = [*given, given[0] + 1e-9 * given[1], np.full(60, 0.1)]
    assert partial_correlation(x, y, doubled).p_value == pytest.approx(partial_correlation(x, y, given).p_value)


def test_what_is_determined_or_too_short_says_nothing():
    x, y, given = linear(np.random.default_rng(4))
    determined = partial_correlation(2 * given[0] - 1, y, given)
    assert not determined.is_testable
    assert determined.p_value == 1
    assert not partial_correlation(x[:6], y[:6], [z[:6] for z in given]).is_testable
    assert np.isnan(determined.smallest_dependence())


def test_missing_values_are_counted():
    with pytest.raises(DataError, match="'x' 2"):
        partial_correlation([1.0, np.nan, np.inf], [1.0, 2.0, 3.0])


def test_lengths_must_agree():
    with pytest.raises(ShapeError, match=r"\[3, 4\]"):
        partial_correlation([1.0, 2.0, 3.0], [1.0, 2.0, 3.0, 4.0])
