"""From one vector a window to one vector a text, as soon as all windows of the text are there."""

from __future__ import annotations

import numpy as np

from causalrec.embedding.windows import Windows

__all__ = ["WindowMeans"]


class WindowMeans:
    """Means of the windows' vectors, weighted by the tokens in each: the mean of all tokens where each is a mean.

    A text of one window keeps that window's vector to the last bit. The windows of one text come in an order
    that does not depend on other texts, and so do the bits of their sum.
    """

    def __init__(self, windows: Windows):
        self._windows = windows
        self._open = np.bincount(windows.owner)
        self._single = self._open == 1
        self._sums: dict[int, np.ndarray] = {}
        self._weights = np.bincount(windows.owner, windows.weight)

    def add(self, positions: np.ndarray, vectors: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Positions and float32 vectors of the texts that these windows complete."""
        owners = self._windows.owner[positions]
        single = self._single[owners]
        if single.all():
            return owners, vectors
        done, rows = list(owners[single]), list(vectors[single])
        for position, owner, vector in zip(positions[~single], owners[~single], vectors[~single], strict=True):
            if self._added(int(owner), vector.astype(np.float64) * self._windows.weight[position]):
                done.append(owner)
                rows.append((self._sums.pop(int(owner)) / self._weights[owner]).astype(np.float32))
        return np.array(done, dtype=np.int64), np.array(rows, dtype=np.float32).reshape(len(done), vectors.shape[1])

    def _added(self, owner: int, weighted: np.ndarray) -> bool:
        known = self._sums.get(owner)
        self._sums[owner] = weighted if known is None else known + weighted
        self._open[owner] -= 1
        return self._open[owner] == 0
