"""Strata of units that were about equally likely to be treated, and permutations within them."""

from __future__ import annotations

import numpy as np

from causalrec.data import Design

__all__ = ["N_STRATA", "permuted_within", "treatment_strata"]

N_STRATA = 5
"""Enough to remove nine tenths of the imbalance (Rosenbaum, Rubin 1984, JASA 79(387))."""
LEAST = 8
"""Units of a stratum, so that a permutation has something to exchange."""
ROWS_PER_COLUMN = 10


def treatment_strata(design: Design, codes: np.ndarray) -> np.ndarray:
    """Stratum of each unit by its expected treatment given the covariates; int64, shape (n_units,).

    The expectation is linear in the covariates and their squares, where there are ten rows for each.

    Parameters
    ----------
    design : Design
        With one treatment.
    codes : int64, shape (n,)
        Unit of each row, 0 to n_units - 1.
    """
    expected = np.bincount(codes, _expected(design)) / np.bincount(codes)
    n_strata = max(1, min(N_STRATA, len(expected) // LEAST))
    edges = np.quantile(expected, np.arange(1, n_strata) / n_strata)
    return np.searchsorted(edges, expected, side="right")


def permuted_within(strata: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """A random permutation that stays within strata; int64, shape (n,)."""
    permutation = np.empty(len(strata), dtype=np.int64)
    permutation[np.argsort(strata, kind="stable")] = np.lexsort((rng.random(len(strata)), strata))
    return permutation


def _expected(design: Design) -> np.ndarray:
    X, t = design.matrix(), design.treatments[:, 0]
    if not X.shape[1] or X.shape[1] * ROWS_PER_COLUMN > design.n:
        return np.full(design.n, t.mean())
    spread = X.std(axis=0)
    Z = (X - X.mean(axis=0)) / np.where(spread > 0, spread, 1.0)
    columns = [np.ones((design.n, 1)), Z]
    if 2 * X.shape[1] * ROWS_PER_COLUMN <= design.n:
        columns.append(Z**2)
    A = np.column_stack(columns)
    return A @ np.linalg.lstsq(A, t, rcond=None)[0]
