"""Arcs between two nodes that run around all others: of many simple curves the one that disturbs least."""

from collections.abc import Mapping, Sequence
from functools import cache

import numpy as np

from causalrec.graph.drawing.boxes import Box
from causalrec.graph.drawing.curves import Curve, polyline, sampled
from causalrec.graph.drawing.occupancy import Occupancy
from causalrec.graph.drawing.ports import side_port

__all__ = ["arcs_between"]

_BULGES = (24.0, 44.0, 80.0, 140.0, 240.0)
_FEW = 60  # arcs for which every curve is tried; of more, some
_SHORT, _SHARP = 50.0, 12.0
_HIT, _TOUCH, _TURN = 4000.0, 10.0, 26.0  # what a node met, a curve met and a radian turned cost, in pixels of length
_STEP = 12.0  # pixels between the points at which a curve is looked at

Pair = tuple[int, int]


def arcs_between(
    pairs: Sequence[Pair],
    boxes: Sequence[Box],
    others: Sequence[Curve],
    *,
    lanes: Mapping[Pair, Curve] | None = None,
    straight: bool = False,
) -> tuple[dict[Pair, Curve], int]:
    """A curve for each pair, from border to border; and how many of them run through a node or all around.

    Parameters
    ----------
    pairs : sequence of (int, int)
    boxes : sequence of Box
        All nodes: no arc runs through one as long as there is a way around.
    others : sequence of Curve
        What is drawn already, to be crossed as little as possible.
    lanes : mapping of (int, int) to Curve, optional
        Ways that are known to be free, for pairs in either order.
    straight : bool
        Whether a straight line is the first choice.
    """
    if not pairs:
        return {}, 0
    taken = Occupancy(boxes)
    for curve in others:
        taken.draw(curve)
    taken.widen()
    bulges = _BULGES if len(pairs) <= _FEW else _BULGES[1::2]
    ways = {pair[::-1]: lane[::-1] for pair, lane in (lanes or {}).items()} | dict(lanes or {})
    arcs: dict[Pair, Curve] = {}
    n_poor = 0
    for one, other in pairs:
        lane = ways.get((one, other))
        arcs[one, other], is_free = _arc(boxes, one, other, taken, bulges, lane, straight)
        taken.draw(arcs[one, other], beside=8.0)
        n_poor += not is_free
    return arcs, n_poor


def _arc(
    boxes: Sequence[Box],
    one: int,
    other: int,
    taken: Occupancy,
    bulges: Sequence[float],
    lane: Curve | None,
    straight: bool,
) -> tuple[Curve, bool]:
    candidates = _candidates(boxes[one], boxes[other], tuple(bulges))
    points = _points(candidates)
    hits, cost = _costs(points, taken, one, other)
    cost[0] = 0.2 * cost[0] if straight else np.inf  # elsewhere it would look like a directed edge
    best = int(np.argmin(cost))
    if lane is None and not hits[best]:
        return candidates[best], True
    way = _around(boxes[one], boxes[other], taken) if lane is None else lane
    if _costs(sampled(way, 40)[None], taken, one, other)[1][0] >= cost[best]:
        return candidates[best], not hits[best]
    taken.n_around += lane is None
    return way, lane is not None


def _points(candidates: np.ndarray) -> np.ndarray:
    """Points along curves, shape (n_curves, n_points, 2), as many as the distance of their ends asks for."""
    distance = float(np.hypot(*(candidates[0, 3] - candidates[0, 0])))
    t = np.linspace(0, 1, int(np.clip(1.6 * distance / _STEP, 25, 120)))[:, None]
    basis = ((1 - t) ** 3, 3 * (1 - t) ** 2 * t, 3 * (1 - t) * t**2, t**3)
    return sum(weight * candidates[:, k, None, :] for k, weight in enumerate(basis))


def _costs(points: np.ndarray, taken: Occupancy, one: int, other: int) -> tuple[np.ndarray, np.ndarray]:
    steps = np.diff(points, axis=1)
    length = np.hypot(steps[..., 0], steps[..., 1])
    angle = np.arctan2(steps[..., 1], steps[..., 0])
    turned = np.abs((np.diff(angle, axis=1) + np.pi) % (2 * np.pi) - np.pi) * (length[:, 1:] > 1e-9)
    bent = turned.sum(axis=1) + _SHARP * np.maximum(0.0, turned - 8 / points.shape[1]).sum(axis=1)
    hits, touches = taken.met(points, one, other)
    total = length.sum(axis=1)
    short = np.maximum(0.0, _SHORT - total)  # two arrowheads and dashes need room
    return hits, _HIT * hits + _TOUCH * 25 / points.shape[1] * touches + _TURN * bent + total + 6.0 * short


@cache
def _combinations(bulges: tuple[float, ...]) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    grid = np.meshgrid(np.arange(6), np.arange(6), np.arange(len(bulges)), np.arange(len(bulges)), indexing="ij")
    first, last, bulge, end_bulge = (axis.ravel() for axis in grid)
    near = np.abs(bulge - end_bulge) <= 1
    return first[near], last[near], np.array(bulges)[bulge[near]], np.array(bulges)[end_bulge[near]]


def _candidates(one: Box, other: Box, bulges: tuple[float, ...]) -> np.ndarray:
    """Curves as control points, shape (n_candidates, 4, 2), the straight line first."""
    start, end = _border(one, other), _border(other, one)
    line = np.array([[start, start + (end - start) / 3, start + 2 * (end - start) / 3, end]])
    first, last, bulge, end_bulge = _combinations(bulges)
    (from_points, from_normals), (to_points, to_normals) = _anchors(one), _anchors(other)
    begin, finish = from_points[first], to_points[last]
    leave = begin + bulge[:, None] * from_normals[first]
    arrive = finish + end_bulge[:, None] * to_normals[last]
    return np.concatenate([line, np.stack([begin, leave, arrive, finish], axis=1)])


def _anchors(box: Box) -> tuple[np.ndarray, np.ndarray]:
    """Points on the border at which arcs begin, and the directions in which they leave; each shape (6, 2)."""
    left, right = side_port(box, -np.inf), side_port(box, np.inf)
    points = [(left, box.top), (right, box.top), (left, box.bottom), (right, box.bottom), (box.left, box.y),
              (box.right, box.y)]  # fmt: skip
    return np.array(points), np.array([(0, -1), (0, -1), (0, 1), (0, 1), (-1, 0), (1, 0)], dtype=float)


def _border(box: Box, towards: Box) -> np.ndarray:
    dx, dy = towards.x - box.x, towards.y - box.y
    shares = [box.width / 2 / abs(dx) if dx else 1.0, box.height / 2 / abs(dy) if dy else 1.0, 1.0]
    return np.array([box.x + dx * min(shares), box.y + dy * min(shares)])


def _around(one: Box, other: Box, taken: Occupancy) -> Curve:
    # Up into the free space above the layer, out to the side of the whole picture, and back in.
    away = 18 + 7 * taken.n_around
    left, right = taken.left - away, taken.right + away
    side = right if right - max(one.right, other.right) <= min(one.left, other.left) - left else left
    above = one.top - 20, other.top - 20
    return polyline([(one.x, one.top), (one.x, above[0]), (side, above[0]), (side, above[1]), (other.x, above[1]),
                     (other.x, other.top)])  # fmt: skip
