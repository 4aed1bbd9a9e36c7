"""G-test: against scipy, its level with large and small cells, its power."""

import numpy as np
import pytest
from scipy.stats import chi2, chi2_contingency, fisher_exact
from scipy.stats.contingency import crosstab

from causalrec.errors import DataError
from causalrec.falsification import g_test


def confounded(rng, n=300, effect=0.0):
    z = rng.integers(0, 3, n)
    x = (rng.random(n) < 0.3 + 0.2 * z).astype(int)
    return x, rng.binomial(2, 0.2 + 0.15 * z + effect * x), [z]


def sparse(rng):
    n = 80
    z, w = rng.integers(0, 6, n), rng.integers(0, 2, n)
    return (rng.random(n) < 0.1 + 0.15 * z).astype(int), rng.binomial(2, 0.1 + 0.15 * z), [z, w]


@pytest.mark.parametrize("seed", range(20))
def test_tables_are_tested_as_scipy_tests_them(seed):
    rng = np.random.default_rng(seed)
    x, y = rng.integers(0, 2 + seed % 3, 300), rng.choice(list("abc"), 300)
    expected = chi2_contingency(crosstab(x, y).count, correction=False, lambda_="log-likelihood")
    found = g_test(x, y)
    assert found.statistic == pytest.approx(expected.statistic)
    assert (found.p_value, found.dof) == (pytest.approx(expected.pvalue), expected.dof)


def test_strata_add_up():
    x, y, (z,) = confounded(np.random.default_rng(0), n=600)
    parts = [
        chi2_contingency(crosstab(x[z == k], y[z == k]).count, correction=False, lambda_="log-likelihood")
        for k in range(3)
    ]
    found = g_test(x, y, [z])
    assert found.statistic == pytest.approx(sum(part.statistic for part in parts))
    assert found.dof == sum(part.dof for part in parts) == 6
    assert found.p_value == pytest.approx(chi2.sf(found.statistic, 6))


def test_small_cells_give_the_exact_p():
    x, y = np.repeat([0, 1], [8, 9]), np.array([0] * 6 + [1] * 2 + [0] * 2 + [1] * 7)
    found = g_test(x, y, n_draws=20_000)
    assert "small cells" in found.note
    assert found.p_value == pytest.approx(fisher_exact(crosstab(x, y).count).pvalue, abs=0.01)


def test_empty_rows_and_columns_take_no_degrees_of_freedom():
    x, y, z = np.array([0, 1, 2] * 40), np.array([0, 1] * 60), np.repeat([0, 1], 60)
    y[z == 1] = 0  # a stratum that says nothing
    found = g_test(x, y, [z])
    assert (found.dof, found.n) == (2, 60)


def test_level(rates):
    rates.assert_level(confounded, g_test, n_runs=1000)


def test_level_with_small_cells(rates):
    rates.assert_level(sparse, lambda x, y, given: g_test(x, y, given, n_draws=499), n_runs=1000)


def test_power(rates):
    assert rates.power(lambda rng: confounded(rng, effect=0.18), g_test) > 0.8


def test_it_finds_the_smallest_dependence_that_it_promises(rates):
    def table(rng, phi=0.0, n=400):
        x = rng.integers(0, 2, n)
        return x, (rng.random(n) < 0.5 + phi * (x - 0.5)).astype(int)

    promised = g_test(*table(np.random.default_rng(0))).smallest_dependence()
    assert 0.72 < rates.power(lambda rng: table(rng, promised), g_test, n_runs=400) < 0.88


def test_rows_and_sides_do_not_matter():
    x, y, given = sparse(np.random.default_rng(1))
    order = np.random.default_rng(2).permutation(len(x))
    first = g_test(x, y, given)
    shuffled = g_test(x[order], y[order], [z[order] for z in given])
    assert (shuffled.statistic, shuffled.p_value) == (pytest.approx(first.statistic), first.p_value)
    assert g_test(y, x, given).statistic == pytest.approx(first.statistic)


def test_nothing_to_compare():
    assert not g_test(["a"] * 10, ["u", "v"] * 5).is_testable


def test_missing_text_is_counted():
    with pytest.raises(DataError, match="'y' 1"):
        g_test(["a", "b"], ["u", None])


def test_numbers_are_refused():
    with pytest.raises(DataError, match="categories only"):
        g_test([0, 1] * 20, [0, 1] * 20, [np.arange(40.0)])


def test_numbers_with_fractions_are_refused():
    numbers = np.random.default_rng(0).normal(size=50)
    with pytest.raises(DataError, match="numbers with fractions"):
        g_test(numbers, numbers)


def test_masked_values_are_missing():
    masked = np.ma.array([0, 1] * 10, mask=[True] + [False] * 19)
    with pytest.raises(DataError, match="'x' 1"):
        g_test(masked, [0, 1] * 10)
