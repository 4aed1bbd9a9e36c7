"""What is left of a treatment once the rest is held fixed, and whether one row holds it all."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from causalrec.errors import EstimationError

__all__ = ["MAX_ROW_SHARE", "RowShare", "left_over", "variation_of"]

MAX_ROW_SHARE = 0.9
"""Share of a treatment's remaining variation in one row above which no error can be learned from the others."""


class RowShare:
    """How much of what is left of each treatment one row holds, added up batch by batch.

    Examples
    --------
    >>> found = RowShare()
    >>> found.add(np.array([[1.0], [1.0], [2.0]]))
    >>> found.diagnostics(("shown",))
    {'largest share of one row': 0.5}
    """

    def __init__(self) -> None:
        self.n, self.most, self.total = 0, np.zeros(1), np.zeros(1)

    def add(self, squares: np.ndarray) -> None:
        """Weighted squares of what is left of each treatment; float64, shape (m, k)."""
        self.n += len(squares)
        self.most = np.maximum(self.most, squares.max(axis=0, initial=0.0))
        self.total = self.total + squares.sum(axis=0)

    def diagnostics(self, names: Sequence[str]) -> dict[str, float]:
        """The largest share.

        Raises
        ------
        EstimationError : one row holds nearly all: its residual is 0 whatever its outcome, and the error too small.
        """
        shares = np.divide(self.most, self.total, out=np.ones_like(self.total), where=self.total > 0)
        if shares.max() > MAX_ROW_SHARE:
            raise EstimationError(
                f"One of {self.n:,} rows holds {shares.max():.0%} of what varies in {names[int(shares.argmax())]!r} "
                f"once the rest is held fixed, so its outcome is explained exactly and no error can be learned. Find "
                f"more rows like it."
            )
        return {"largest share of one row": float(shares.max())}


def left_over(t: np.ndarray, X: np.ndarray, weight: np.ndarray | None = None) -> np.ndarray:
    """Treatment less its least squares on a constant and X; float64, shape (n,)."""
    rows = np.column_stack([np.ones(len(X)), X])
    root = np.ones((len(X), 1)) if weight is None else np.sqrt(weight)[:, None]
    return t - rows @ np.linalg.lstsq(rows * root, t * root[:, 0], rcond=None)[0]


def variation_of(name: str, t: np.ndarray, left: np.ndarray, weight: np.ndarray | None = None) -> dict[str, float]:
    """Diagnostics of a treatment and what is left of it.

    Parameters
    ----------
    name : str
        The treatment's, for the words.
    t, left : float64, shape (n,)
    weight : float64, shape (n,), optional

    Returns
    -------
    dict of str to float
        The share of its variance that is left, and the share of that which one row holds.

    Raises
    ------
    EstimationError : one row holds nearly all of it.

    Examples
    --------
    >>> t = np.array([0.0, 0.0, 1.0, 1.0])
    >>> variation_of("shown", t, t - 0.5)
    {'variation of shown': 1.0, 'largest share of one row': 0.25}
    """
    weight = np.ones(len(t)) if weight is None else weight
    squares, total = weight * left**2, float(weight @ (t - np.average(t, weights=weight)) ** 2)
    of_rows = RowShare()
    of_rows.add(squares[:, None])
    share = float(squares.sum()) / total if total > 0 else 0.0
    return {f"variation of {name}": share} | of_rows.diagnostics((name,))
