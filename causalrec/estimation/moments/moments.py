"""Second moments, the one pass that linear estimators need."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from causalrec.errors import ShapeError

__all__ = ["Moments", "block_moments", "moments"]


@dataclass(frozen=True, slots=True, eq=False)
class Moments:
    """Weighted Gram matrix of some columns; moments of disjoint rows add up.

    Attributes
    ----------
    gram : float64, shape (p, p)
        Sum over rows of weight times the outer product of the row.
    n : int
        Rows.

    Examples
    --------
    >>> half = moments(np.ones((2, 1)))
    >>> (half + half).gram.item(), (half + half).n
    (4.0, 4)
    """

    gram: np.ndarray
    n: int

    def __add__(self, other: Moments) -> Moments:
        return Moments(self.gram + other.gram, self.n + other.n)

    def __sub__(self, other: Moments) -> Moments:
        """Moments of the rows that `other` does not hold: all folds but one, without a second pass."""
        return Moments(self.gram - other.gram, self.n - other.n)


def moments(rows: np.ndarray, weight: np.ndarray | None = None) -> Moments:
    """Moments of an array of shape (n, p); `weight` has shape (n,)."""
    weighted = rows if weight is None else rows * weight[:, None]
    return Moments(rows.T @ weighted, len(rows))


def block_moments(batches: Iterable[tuple[np.ndarray, np.ndarray, np.ndarray | None]], block: np.ndarray) -> Moments:
    """Moments of [row columns, block columns] with the block kept once per item.

    A block of q columns is constant within an item. Its moments need each item's count and sums
    alone: cross moments are sum_i (sum of the item's rows)' B_i, own moments sum_i n_i B_i B_i'. The
    block is never expanded to rows, so it costs nothing per row.

    Parameters
    ----------
    batches : iterable of (rows, item, weight)
        rows float64 (n, p), item int64 (n,), weight float64 (n,) or None.
    block : float64, shape (n_items, q)

    Returns
    -------
    Moments of p + q columns.

    Raises
    ------
    ShapeError : an item's code has no row in the block.
    """
    own: np.ndarray | float = 0.0
    sums: np.ndarray | float = 0.0
    counts = np.zeros(len(block))
    n = 0
    for rows, item, weight in batches:
        if item.max(initial=-1) >= len(block):
            raise ShapeError(f"A row names item {int(item.max())}; the block has {len(block)} items.")
        weighted = rows if weight is None else rows * weight[:, None]
        own = own + rows.T @ weighted
        sums = sums + sums_by(weighted, item, len(block))
        counts += np.bincount(item, weights=weight, minlength=len(block))
        n += len(rows)
    cross = np.atleast_2d(sums).T @ block
    return Moments(np.block([[own, cross], [cross.T, (block * counts[:, None]).T @ block]]), n)


def add_by(total: np.ndarray, rows: np.ndarray, group: np.ndarray) -> None:
    """Add the sum of each group's rows to its row of `total`, shape (n_groups, p), at the cost of the rows alone."""
    order = np.argsort(group, kind="stable")
    ordered = group[order]
    starts = np.flatnonzero(np.diff(ordered, prepend=-1))
    if len(starts):
        total[ordered[starts]] += np.add.reduceat(rows[order], starts, axis=0)


def sums_by(rows: np.ndarray, group: np.ndarray, n_groups: int) -> np.ndarray:
    """Sum of the rows of each group; shape (n_groups, p)."""
    return np.column_stack([np.bincount(group, weights=column, minlength=n_groups) for column in rows.T])
