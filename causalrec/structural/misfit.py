"""Whether residuals still depend on the parents: by their mean, or by their spread."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

__all__ = ["Misfit", "misfit"]

MAX_TERMS = 40  # squares, cubes and products; more would need more rows than there are


@dataclass(frozen=True, slots=True)
class Misfit:
    """A test of residuals against curves of the parents.

    Attributes
    ----------
    p_value : float
        Of the hypothesis that no curve says anything of the residuals; NaN where nothing could be tested.
    explained : float
        Share of their variance that the curves explain, beyond what chance would.
    """

    p_value: float
    explained: float


def misfit(residuals: np.ndarray, columns: np.ndarray, *, lines: bool = False) -> Misfit:
    """F test of squares, cubes and products of the columns, given the columns (Ramsey 1969, J. R. Statist. Soc. B).

    Parameters
    ----------
    residuals : float64, shape (n,)
    columns : float64, shape (n, p)
    lines : bool
        Test the columns themselves too, which a regression on them leaves nothing of.

    Examples
    --------
    >>> x = np.linspace(-1, 1, 200)[:, None]
    >>> misfit(x[:, 0] ** 2, x).p_value < 1e-6
    True
    """
    from scipy.stats import f

    n = len(residuals)
    scale = columns.std(axis=0)
    scaled = (columns - columns.mean(axis=0))[:, scale > 0] / scale[scale > 0]
    ones = np.ones((n, 1))
    first = ones if lines else np.column_stack([ones, scaled])
    both = np.column_stack([ones, scaled, curves(scaled)])
    left, rank = _left(residuals, first)
    less, full = _left(residuals, both)
    added = full - rank
    if added <= 0 or n <= full + 1 or left <= 1e-20 * max(float(residuals @ residuals), 1e-300):
        return Misfit(float("nan"), 0.0)
    ratio = ((left - less) / added) / max(less / (n - full), 1e-300)
    return Misfit(float(f.sf(ratio, added, n - full)), 1 - (less / (n - full)) / (left / (n - rank)))


def curves(scaled: np.ndarray) -> np.ndarray:
    """Squares, cubes and products of columns, at most `MAX_TERMS`; float64, shape (n, n_terms)."""
    p = scaled.shape[1]
    pairs = [scaled[:, j] * scaled[:, k] for j in range(p) for k in range(j + 1, p)]
    terms = [*(scaled**2).T, *(scaled**3).T, *pairs][:MAX_TERMS]
    return np.column_stack([np.empty((len(scaled), 0)), *terms])


def _left(residuals: np.ndarray, rows: np.ndarray) -> tuple[float, int]:
    """Sum of squares that a regression leaves, and the rank of its rows."""
    coef, _, rank, _ = np.linalg.lstsq(rows, residuals, rcond=1e-9)
    rest = residuals - rows @ coef
    return float(rest @ rest), int(rank)
