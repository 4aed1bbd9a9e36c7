"""What a fit on the given variables leaves of a variable's columns, for the projection test."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from causalrec.falsification.linear import orthonormal, strata
from causalrec.falsification.variable import Variable

__all__ = ["Residuals", "given_basis", "residual_columns", "variance_factor"]

MAX_STRATA = 64  # up to so many combinations of discrete given variables, each has its own mean


@dataclass(frozen=True, slots=True, eq=False)
class Residuals:
    """Residuals of the columns of a variable that vary.

    Attributes
    ----------
    values : float64, shape (n, n_columns)
    """

    values: np.ndarray

    @property
    def n_columns(self) -> int:
        """Number of columns."""
        return self.values.shape[1]

    def leading(self, n_columns: int) -> Residuals:
        """The leading principal components in place of the columns."""
        if self.n_columns <= n_columns:
            return self
        _, _, rotation = np.linalg.svd(self.values, full_matrices=False)
        return Residuals(self.values @ rotation[:n_columns].T)


def given_basis(given: Sequence[Variable], n: int) -> np.ndarray:
    """Orthonormal directions, the constant apart, of what is given; float64, shape (n, rank).

    Where all are discrete and make few combinations, each combination has its own mean.
    """
    if not given:
        return np.empty((n, 0))
    columns = np.column_stack([variable.columns for variable in given])
    if all(variable.kind == "discrete" for variable in given):
        label = strata(given, n)
        if label.max() < MAX_STRATA:
            columns = (label[:, None] == np.arange(1, label.max() + 1)).astype(float)
    return orthonormal(columns)


def residual_columns(variable: Variable, given: Sequence[Variable], basis: np.ndarray) -> Residuals:
    """What a fit on `given`, whose directions are `basis`, leaves of each column of `variable`."""
    columns = variable.columns
    columns = columns[:, np.ptp(columns, axis=0) > 0]
    if variable.kind == "discrete" and columns.shape[1] and _takes_logistic(given):
        values = _logistic(variable, basis)
    else:
        values = columns - columns.mean(axis=0)
        for _ in range(2):  # twice is enough for orthogonality to rounding
            values = values - basis @ (basis.T @ values)
    solid = np.linalg.norm(values, axis=0) > 1e-8 * np.sqrt(len(values)) * (1 + np.abs(columns).max(axis=0, initial=0))
    return Residuals(values[:, solid])


def variance_factor(basis: np.ndarray) -> float:
    """Factor that makes the variance of a studentised covariance of residuals 1.

    Independent noise of equal variance, residuals by I - A: the sum of products then has variance n - 1 - rank,
    and the sum of squared products has mean sum_i (1 - A_ii)². Without it, fitting r columns to n rows makes the
    variance n / (n - r): too many rejections.
    """
    n, rank = basis.shape
    left = 1 - 1 / n - np.square(basis).sum(axis=1)
    return float(np.sqrt(np.square(left).sum() / (n - 1 - rank)))


def _takes_logistic(given: Sequence[Variable]) -> bool:
    kinds = {other.kind for other in given}
    return "continuous" in kinds and "block" not in kinds


def _logistic(variable: Variable, basis: np.ndarray) -> np.ndarray:
    from sklearn.exceptions import ConvergenceWarning
    from sklearn.linear_model import LogisticRegression

    levels, codes = np.unique(variable.codes, return_inverse=True)
    scaled = basis * np.sqrt(len(basis))
    model = LogisticRegression(C=1e4, solver="newton-cholesky", tol=1e-8)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)  # separation: the probabilities are right all the same
        model.fit(scaled, codes)
    indicator = codes[:, None] == np.arange(len(levels))
    return (indicator - model.predict_proba(scaled))[:, 1:]
