"""Conditional Gaussian test: a continuous variable against a discrete one, or any two given mixed ones."""

from __future__ import annotations

from typing import Any

import numpy as np

from causalrec.errors import DataError
from causalrec.falsification.independence_test import IndependenceTest, untestable
from causalrec.falsification.linear import orthonormal, residuals, strata
from causalrec.falsification.variable import Variable, as_variable, as_variables, same_length

__all__ = ["conditional_gaussian"]

METHOD = "conditional Gaussian"


def conditional_gaussian(x: Any, y: Any, given: Any = ()) -> IndependenceTest:
    """Likelihood ratio test in a conditional Gaussian model; at least one of `x` and `y` is continuous.

    In each stratum of the discrete given variables the continuous one of the pair is regressed on the continuous
    given ones, with and without the other: its number, or an indicator of each of its categories. Each stratum
    has its own coefficients and variance. The log likelihood ratios, with Bartlett's factor for small samples,
    add up to a chi-squared variable. A stratum in which nothing varies or too few rows are left says nothing;
    the note counts its rows.

    The test compares means, not variances: a ratio of variances would reject whatever is not normal.

    Parameters
    ----------
    x, y : array_like, shape (n,)
    given : sequence of array_like (n,), or array (n, k)
        Numbers and categories.

    Raises
    ------
    DataError : both are discrete, one is a block, or a value is missing.
    ShapeError : the lengths differ.

    References
    ----------
    Lauritzen, Wermuth (1989), Graphical models for associations between variables, some of which are qualitative
    and some quantitative, Ann. Statist. 17(1), 31-57.

    Examples
    --------
    >>> price = np.arange(60) % 13
    >>> conditional_gaussian(price, ["shown", "hidden"] * 30).p_value > 0.05
    True
    """
    pair = (as_variable(x, name="x"), as_variable(y, name="y"))
    others = as_variables(given)
    n = same_length((*pair, *others))
    _check((*pair, *others), pair)
    response, other = (pair[1], pair[0]) if pair[1].kind == "continuous" else pair
    covariates = [variable for variable in others if variable.kind == "continuous"]
    stratum = strata([variable for variable in others if variable.kind == "discrete"], n)
    parts = [_stratum(response, other, covariates, stratum == k) for k in range(stratum.max() + 1)]
    statistic, dof, n_effective, used = (sum(column) for column in zip(*parts, strict=True))
    note = f"{n - used} rows in strata that say nothing" if used < n else ""
    if not dof:
        return untestable(METHOD, n, "no stratum with enough rows in which both vary")
    from scipy.stats import chi2

    return IndependenceTest(float(statistic), float(chi2.sf(statistic, dof)), dof, used, METHOD, n_effective, note)


def _check(variables: tuple[Variable, ...], pair: tuple[Variable, Variable]) -> None:
    if any(variable.kind == "block" for variable in variables):
        raise DataError("The conditional Gaussian test takes one column each; use `projection` for blocks.")
    if all(variable.kind == "discrete" for variable in pair):
        raise DataError("Both are discrete: use `g_test`, or `projection` where a given variable is continuous.")


def _stratum(
    response: Variable, other: Variable, covariates: list[Variable], rows: np.ndarray
) -> tuple[float, int, float, int]:
    """Statistic, degrees of freedom, effective rows and rows of one stratum."""
    given = [Variable(variable.values[rows], "continuous") for variable in covariates]
    left, rank = residuals(np.column_stack([response.values[rows], other.columns[rows]]), given)
    y, regressors = left[:, 0], left[:, 1:]
    regressors = regressors[:, regressors.any(axis=0)]
    if not y.any() or not regressors.shape[1]:
        return 0.0, 0, 0.0, 0
    basis = orthonormal(regressors)
    dof, n = basis.shape[1], int(rows.sum())
    factor = n - rank - 1 - dof / 2 - 1  # Bartlett: the mean of the statistic is then its degrees of freedom
    if n - rank - 1 - dof < 2 or factor <= 0:
        return 0.0, 0, 0.0, 0
    explained = float(np.square(basis.T @ y).sum() / (y @ y))
    return -factor * float(np.log(max(1 - explained, 1e-15))), dof, factor, n
