"""Estimates in standard deviations: of the latent variables alone, or of all variables."""

from __future__ import annotations

import numpy as np

from causalrec.structural.linear_sem.ram import Structure, matrices, moments

__all__ = ["explained", "row_values", "standardized"]


def row_values(shape: Structure, theta: np.ndarray) -> np.ndarray:
    """Value of each row of the model, fixed or free; shape (n_rows,)."""
    fixed = np.array([0.0 if row.value is None else row.value for row in shape.rows], dtype=theta.dtype)
    return np.where(shape.index < 0, fixed, theta[shape.index] if len(theta) else fixed)


def standardized(shape: Structure, theta: np.ndarray, *, latent_only: bool) -> np.ndarray:
    """Each row where latent variables (or all) have variance 1; covariances of residuals become correlations.

    NaN where a variance is not positive.
    """
    found = matrices(shape, theta)
    total = _roots(np.diag(moments(found).covariance))
    left = _roots(np.diag(found.S))
    if latent_only:
        total[: shape.n_observed] = left[: shape.n_observed] = 1.0
    values = row_values(shape, theta)
    return np.array([value * _factor(cell, total, left) for value, cell in zip(values, shape.cells, strict=True)])


def explained(shape: Structure, theta: np.ndarray, names: tuple[str, ...]) -> np.ndarray:
    """Share of the variance of each name that its causes explain (Bentler and Raykov's R2)."""
    found = matrices(shape, theta)
    place = [shape.names.index(name) for name in names]
    return 1 - np.diag(found.S)[place] / np.diag(moments(found).covariance)[place]


def _factor(cell: tuple[str, int, int], total: np.ndarray, left: np.ndarray) -> complex:
    kind, i, j = cell
    if kind == "A":
        return total[j] / total[i]
    if kind == "m":
        return 1 / total[i]
    return 1 / total[i] ** 2 if i == j else 1 / (left[i] * left[j])


def _roots(variances: np.ndarray) -> np.ndarray:
    positive = np.real(variances) > 0
    return np.where(positive, np.sqrt(np.where(positive, variances, 1.0)), np.nan)
