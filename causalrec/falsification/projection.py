"""Projection test: blocks of columns, and two discrete variables given continuous ones."""

from __future__ import annotations

from typing import Any

import numpy as np

from causalrec.falsification.independence_test import IndependenceTest, untestable
from causalrec.falsification.regression import Residuals, given_basis, residual_columns, variance_factor
from causalrec.falsification.variable import as_variable, as_variables, same_length

__all__ = ["projection"]

METHOD = "projection"
MIN_ROWS = 20  # beyond the given columns: fewer leave nothing that a normal law describes
MAX_PAIRS = 1024  # of columns; beyond that, blocks are cut to their leading principal components
N_LEADING = 16


def projection(x: Any, y: Any, given: Any = (), *, n_draws: int = 1999, random_state: int = 0) -> IndependenceTest:
    """Generalised covariance measure: is any residual of `x` correlated with any residual of `y`.

    Each column is fitted on `given`: a number by least squares, a category by multinomial logistic regression
    (by least squares where a given variable is a block). The statistic is the largest studentised covariance over
    all pairs of columns, its variance corrected for the columns fitted. Its law is the maximum of normal variables
    with the correlation of the products of residuals, of which `n_draws` are drawn (the Gaussian multiplier
    bootstrap, whose law given the data this is); p is never above Bonferroni's bound.

    Right in level where the fits are right; no law of the noise and no equal variance is assumed. There is no
    penalty: what a penalty takes away from both sides would look like dependence. So the rows must outnumber the
    given columns by twenty. Finds dependence of means only. Two blocks with more than 1,024 pairs of columns are
    compared in their sixteen leading principal components each.

    Parameters
    ----------
    x, y : array_like, shape (n,) or (n, n_columns)
    given : sequence of array_like (n,) or (n, n_columns), or array (n, k)

    Raises
    ------
    DataError : a value is missing.
    ShapeError : the lengths differ.

    References
    ----------
    Shah, Peters (2020), The hardness of conditional independence testing and the generalised covariance measure,
    Ann. Statist. 48(3), 1514-1538.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> text, price = rng.normal(size=(200, 5)), rng.normal(size=200)
    >>> projection(text, price).p_value > 0.05, projection(text, price + text[:, 3]).p_value < 0.001
    (True, True)
    """
    pair = (as_variable(x, name="x"), as_variable(y, name="y"))
    others = as_variables(given)
    n = same_length((*pair, *others))
    basis = given_basis(others, n)
    n_effective = n - 1.0 - basis.shape[1]
    if n_effective < MIN_ROWS:
        return untestable(METHOD, n, f"{n} rows are too few for {basis.shape[1]} given columns")
    first, second = (residual_columns(variable, others, basis) for variable in pair)
    if not first.n_columns or not second.n_columns:
        return untestable(METHOD, n, "a variable that does not vary")
    if first.n_columns * second.n_columns > MAX_PAIRS:
        first, second = first.leading(N_LEADING), second.leading(N_LEADING)
    studentised, correlation = _products(first, second)
    statistic = float(np.abs(studentised).max()) * variance_factor(basis)
    p_value = _p_value(statistic, correlation, n_draws, random_state)
    return IndependenceTest(statistic, p_value, len(studentised), n, METHOD, n_effective)


def _products(first: Residuals, second: Residuals) -> tuple[np.ndarray, np.ndarray]:
    """Studentised covariance of each pair of columns, shape (n_pairs,), and the correlation of the products."""
    n = len(first.values)
    products = (first.values[:, :, None] * second.values[:, None, :]).reshape(n, -1)
    scaled = products / np.sqrt(np.square(products).sum(axis=0))
    return scaled.sum(axis=0), scaled.T @ scaled


def _p_value(statistic: float, correlation: np.ndarray, n_draws: int, random_state: int) -> float:
    from scipy.stats import norm

    bound = min(1.0, len(correlation) * 2 * float(norm.sf(statistic)))
    if len(correlation) == 1:
        return bound
    values, vectors = np.linalg.eigh(correlation)
    root = vectors * np.sqrt(np.maximum(values, 0.0))
    drawn = np.random.default_rng(random_state).normal(size=(n_draws, len(values))) @ root.T
    as_large = int((np.abs(drawn).max(axis=1) >= statistic).sum())
    return min(bound, (1 + as_large) / (1 + n_draws))
