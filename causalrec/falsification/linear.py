"""Least squares of several columns on the given variables."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from causalrec.falsification.variable import Variable

__all__ = ["residuals", "strata"]

RANK_TOLERANCE = 1e-10
"""Share of a column's own size below which what is left of it counts as nothing."""


def residuals(targets: np.ndarray, given: Sequence[Variable]) -> tuple[np.ndarray, int]:
    """What a linear fit on `given` and a constant leaves of each column, and the rank of `given`.

    Parameters
    ----------
    targets : float64, shape (n, n_targets)
    given : sequence of Variable, each with n rows

    Returns
    -------
    left : float64, shape (n, n_targets)
        A column of which nothing but rounding is left is exactly zero.
    rank : int
    """
    basis = orthonormal(np.column_stack([variable.columns for variable in given])) if given else None
    centred = targets - targets.mean(axis=0)
    left = centred
    if basis is not None:
        left = left - basis @ (basis.T @ left)
        left = left - basis @ (basis.T @ left)  # twice is enough for orthogonality to rounding
    tiny = np.linalg.norm(left, axis=0) <= RANK_TOLERANCE * np.linalg.norm(targets, axis=0)
    return np.where(tiny, 0.0, left), 0 if basis is None else basis.shape[1]


def orthonormal(columns: np.ndarray) -> np.ndarray:
    """Orthonormal basis of the centred, scaled columns; shape (n, rank)."""
    centred = columns - columns.mean(axis=0)
    size = np.linalg.norm(centred, axis=0)
    varies = size > RANK_TOLERANCE * np.maximum(np.linalg.norm(columns, axis=0), 1e-300)
    left, singular, _ = np.linalg.svd(centred[:, varies] / size[varies], full_matrices=False)
    return left[:, singular > 1e-8 * singular.max(initial=0.0)]


def strata(given: Sequence[Variable], n: int) -> np.ndarray:
    """One number for each combination of categories that occurs; int64, shape (n,)."""
    label = np.zeros(n, dtype=np.int64)
    for variable in given:
        _, label = np.unique(label * max(variable.n_levels, 1) + variable.codes, return_inverse=True)
        label = label.reshape(-1)
    return label
