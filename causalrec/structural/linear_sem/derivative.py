"""Derivatives of what is computed from parameters, and the errors that follow from them."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

__all__ = ["delta_errors", "jacobian"]

STEP = 1e-30  # complex step: no cancellation, so it is exact to rounding
ROUNDING = 1e-9  # share of a value that may be imaginary


def jacobian(function: Callable[[np.ndarray], np.ndarray], theta: np.ndarray) -> np.ndarray:
    """Derivatives of a vector-valued function; float64, shape (n_values, n_parameters)."""
    columns = [np.imag(function(theta + 1j * STEP * unit)) / STEP for unit in np.eye(len(theta))]
    return np.column_stack(columns) if columns else np.zeros((len(function(theta)), 0))


def delta_errors(
    function: Callable[[np.ndarray], np.ndarray], theta: np.ndarray, covariance: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Values at theta and their standard errors by the delta method; both float64, shape (n_values,).

    Both are NaN where a value is no real number, such as the logarithm of a negative one.
    """
    found = function(theta.astype(complex))
    is_real = np.abs(found.imag) <= ROUNDING * np.abs(found)
    slopes = jacobian(function, theta.astype(complex))
    variance = np.einsum("ij,jk,ik->i", slopes, covariance, slopes)
    return np.where(is_real, found.real, np.nan), np.where(is_real, np.sqrt(np.maximum(variance, 0)), np.nan)
