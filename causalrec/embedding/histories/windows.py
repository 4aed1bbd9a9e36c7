"""Long histories in pieces that a network can read."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

__all__ = ["Windows", "windows"]


@dataclass(frozen=True, slots=True, eq=False)
class Windows:
    """Pieces of histories, each in its order.

    Attributes
    ----------
    items : int64, shape (n_windows, size)
        Filled up with zeros at the end.
    lengths : int64, shape (n_windows,)
        Two or more.
    """

    items: np.ndarray
    lengths: np.ndarray

    def cut(self, rows: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Items of some windows as wide as the longest of them, and which of the entries are items."""
        lengths = self.lengths[rows]
        width = int(lengths.max())
        return self.items[rows, :width], np.arange(width) < lengths[:, None]


def windows(histories: Sequence[np.ndarray], size: int) -> Windows:
    """Pieces of `size` items at most, counted from the end, so that the newest has the most to look back at.

    Two neighbours share one item: each step from an item to the next stands in one window, and no window has one item.

    Examples
    --------
    >>> found = windows([np.arange(6)], 3)
    >>> found.items.tolist(), found.lengths.tolist()
    ([[3, 4, 5], [1, 2, 3], [0, 1, 0]], [3, 3, 2])
    """
    pieces = []
    for history in histories:
        end = len(history)
        while end > 1:
            start = max(0, end - size)
            pieces.append(history[start:end])
            end = start + 1
    items = np.zeros((len(pieces), size), dtype=np.int64)
    for row, piece in enumerate(pieces):
        items[row, : len(piece)] = piece
    return Windows(items, np.array([len(piece) for piece in pieces], dtype=np.int64))
