"""A coarse grid over the picture that knows which cells nodes and curves take."""

from collections.abc import Sequence

import numpy as np

from causalrec.graph.drawing.boxes import Box
from causalrec.graph.drawing.curves import Curve, sampled

__all__ = ["Occupancy"]

_CELL, _MOST_CELLS = 4.0, 4_000_000
_MARGIN, _BORDER = 7.0, 320.0  # pixels around nodes that curves leave free; room around the picture
# Curves count to their sides too: two that run close together are hard to tell apart.
_BESIDE = 20.0


class Occupancy:
    """What stands where; grows as curves are drawn.

    Parameters
    ----------
    boxes : sequence of Box
    """

    def __init__(self, boxes: Sequence[Box]):
        self.left, self.top = min(box.left for box in boxes), min(box.top for box in boxes)
        self.right, self.bottom = max(box.right for box in boxes), max(box.bottom for box in boxes)
        self.n_around = 0
        self._boxes = boxes
        width, height = self.right - self.left + 2 * _BORDER, self.bottom - self.top + 2 * _BORDER
        self._cell = max(_CELL, (width * height / _MOST_CELLS) ** 0.5)
        shape = (int(height / self._cell) + 1, int(width / self._cell) + 1)
        self._owner = np.zeros(shape, dtype=np.int32)  # number of the node that stands there, from 1
        self._lines = np.zeros(shape, dtype=np.int16)
        for number, box in enumerate(boxes, start=1):
            grown = box.grown(_MARGIN)
            (x0, y0), (x1, y1) = self._cells(np.array([[grown.left, grown.top], [grown.right, grown.bottom]]))
            self._owner[y0 : y1 + 1, x0 : x1 + 1] = number

    def draw(self, curve: Curve, *, beside: float = 0.0) -> None:
        """Take note of a curve, and of what lies `beside` pixels from it."""
        if len(curve) > 1:
            away = np.array([(dx, dy) for dx in (-beside, 0.0, beside) for dy in (-beside, 0.0, beside)])
            points = sampled(curve)[:, None] + (away if beside else 0.0)
            x, y = np.unique(self._cells(points).reshape(-1, 2), axis=0).T
            self._lines[y, x] += 1

    def widen(self) -> None:
        """Let all curves drawn so far count to their sides too."""
        for axis in (0, 1):
            wide = self._lines.copy()
            for step in range(1, int(_BESIDE / self._cell) + 1):
                ahead = (slice(step, None), slice(None))[:: 1 - 2 * axis]
                behind = (slice(None, -step), slice(None))[:: 1 - 2 * axis]
                np.maximum(wide[ahead], self._lines[behind], out=wide[ahead])
                np.maximum(wide[behind], self._lines[ahead], out=wide[behind])
            self._lines = wide

    def met(self, points: np.ndarray, one: int, other: int) -> tuple[np.ndarray, np.ndarray]:
        """How often curves run over nodes, and over curves drawn before.

        Parameters
        ----------
        points : float64, shape (n_curves, n_points, 2)
        one, other : int
            Nodes at the curves' ends: their margin may be entered, their inside may not.

        Returns
        -------
        hits, touches : float64, shape (n_curves,)
        """
        cells = self._cells(points)
        owner = self._owner[cells[..., 1], cells[..., 0]]
        hits = ((owner > 0) & (owner != one + 1) & (owner != other + 1)).sum(axis=1).astype(float)
        for node in (one, other):
            box = self._boxes[node]
            inside = np.abs(points - (box.x, box.y)) < (box.width / 2 - 0.5, box.height / 2 - 0.5)
            hits += inside.all(axis=-1).sum(axis=1)
        touches = np.minimum(self._lines[cells[..., 1], cells[..., 0]], 3).sum(axis=1).astype(float)
        return hits, touches

    def _cells(self, points: np.ndarray) -> np.ndarray:
        at = (points - (self.left - _BORDER, self.top - _BORDER)) / self._cell
        limit = (self._owner.shape[1] - 1, self._owner.shape[0] - 1)
        return np.clip(at.astype(np.int64), 0, limit)
