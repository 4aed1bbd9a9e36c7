"""Partial correlation: continuous variables."""

from __future__ import annotations

from typing import Any

import numpy as np

from causalrec.errors import DataError
from causalrec.falsification.independence_test import IndependenceTest, untestable
from causalrec.falsification.linear import RANK_TOLERANCE, residuals
from causalrec.falsification.variable import Variable, as_variable, as_variables, same_length

__all__ = ["partial_correlation"]

METHOD = "partial correlation"
MIN_EIGENVALUE = 1e-6
"""Of correlations: below it the normal equations lose too many digits."""


def partial_correlation(x: Any, y: Any, given: Any = ()) -> IndependenceTest:
    """Fisher's z test of the correlation that is left of `x` and `y` after a linear fit of each on `given`.

    Right in level where both depend on `given` linearly; finds linear dependence only.

    Parameters
    ----------
    x, y : array_like, shape (n,)
    given : sequence of array_like (n,), or array (n, k)

    Raises
    ------
    DataError : a value is missing, or a variable is not a column of numbers.
    ShapeError : the lengths differ.

    References
    ----------
    Fisher (1924), The distribution of the partial correlation coefficient, Metron 3, 329-332.

    Examples
    --------
    >>> z = np.arange(40.0)
    >>> test = partial_correlation(z + np.sin(z), z + np.cos(3 * z), [z])
    >>> test.p_value > 0.05
    True
    """
    pair = [as_variable(values, name=name, kind=_kind(values)) for name, values in (("x", x), ("y", y))]
    others = as_variables(given)
    n = same_length((*pair, *others))
    if any(variable.kind == "block" for variable in pair):
        raise DataError("Partial correlation takes one column each; use `projection` for blocks.")
    sums = _from_correlations((*pair, *others))
    rank = sum(variable.columns.shape[1] for variable in others)
    if sums is None:
        left, rank = residuals(np.column_stack([variable.values for variable in pair]), others)
        sums = left.T @ left
    n_effective = n - rank - 3.0
    if n_effective <= 0 or not np.diag(sums).all():
        return untestable(METHOD, n, "too few rows" if n_effective <= 0 else "a variable that does not vary")
    return _fisher(sums, n, n_effective)


def _from_correlations(variables: tuple[Variable, ...]) -> np.ndarray | None:
    """Residual sums of squares and products of the first two, from one matrix of correlations.

    None where that is not precise: a column that does not vary, or one that the others nearly determine.
    """
    rows = np.concatenate([variable.columns.T for variable in variables])
    before = _sizes(rows)
    rows = rows - rows.mean(axis=1, keepdims=True)
    size = _sizes(rows)
    if len(rows) >= rows.shape[1] or (size <= RANK_TOLERANCE * before).any():
        return None
    rows /= size[:, None]
    correlation = rows @ rows.T
    given = correlation[2:, 2:]
    if len(given) and np.linalg.eigvalsh(given)[0] < MIN_EIGENVALUE:
        return None
    left = correlation[:2, :2] - correlation[:2, 2:] @ np.linalg.solve(given, correlation[2:, :2])
    return left if np.diag(left).min() > MIN_EIGENVALUE else None


def _sizes(rows: np.ndarray) -> np.ndarray:
    return np.sqrt(np.einsum("ij,ij->i", rows, rows))


def _fisher(sums: np.ndarray, n: int, n_effective: float) -> IndependenceTest:
    from scipy.special import ndtr

    r = float(np.clip(sums[0, 1] / np.sqrt(sums[0, 0] * sums[1, 1]), -1, 1))
    z = np.arctanh(min(abs(r), 1 - 1e-15)) * np.sqrt(n_effective)
    return IndependenceTest(float(np.copysign(z, r)), float(2 * ndtr(-z)), 1, n, METHOD, n_effective)


def _kind(values: Any) -> str | None:
    # Few distinct numbers are still numbers here; text is refused by the reading itself.
    return "continuous" if np.ndim(getattr(values, "values", values)) < 2 else None
