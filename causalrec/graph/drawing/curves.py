"""Smooth curves as chains of cubic Bezier pieces."""

from collections.abc import Sequence
from itertools import pairwise

import numpy as np

__all__ = ["Curve", "Pass", "chain", "flipped", "polyline", "sampled"]

Curve = np.ndarray
"""Control points, float64, shape (3 * n_pieces + 1, 2): each piece begins where the one before ends."""

Point = tuple[float, float]
Knot = tuple[float, float, float]  # x, y, slope dx / dy
Pass = tuple[float, float, float, float]
"""How a curve passes a layer: its x in the middle, the layer's top and bottom, the largest slope dx / dy there."""

_STEEPEST = 1.1  # slope dx / dy at the ends: arrowheads point down


def chain(start: Point, passes: Sequence[Pass], end: Point, *, smooth: bool = True) -> Curve:
    """Curve from `start` down to `end` that keeps to its free place in each layer on the way.

    Between two points x never leaves what lies between them (as in Fritsch, Carlson 1980, SIAM J.
    Numer. Anal. 17(2)): so a curve that meets no node inside the layers meets none at all. It bends
    inside a layer where there is room for that, and goes straight through where there is not.

    Parameters
    ----------
    start, end : (float, float)
    passes : sequence of Pass
    smooth : bool
        Whether to look for room; else straight through all layers.
    """
    straight = [not smooth] * len(passes)
    while True:
        knots, owners = _knots(start, passes, end, straight)
        tight = [
            at for at, is_straight in enumerate(straight) if not is_straight and _leaves(passes[at], knots, owners, at)
        ]
        if not tight:
            return _through(knots)
        for at in tight:
            straight[at] = True


def _knots(start: Point, passes: Sequence[Pass], end: Point, straight: Sequence[bool]) -> tuple[list[Knot], list[int]]:
    # Points with their slopes, and for each pass the number of its first.
    middles = [start, *((x, (top + bottom) / 2) for x, top, bottom, _ in passes), end]
    slopes = [(x1 - x0) / (y1 - y0) for (x0, y0), (x1, y1) in pairwise(middles)]
    knots: list[Knot] = [(*start, _within(slopes[0], _STEEPEST))]
    owners = []
    for (x, top, bottom, limit), (before, after), is_straight in zip(passes, pairwise(slopes), straight, strict=True):
        slope = _within(min(before, after, key=abs), limit) if before * after > 0 else 0.0
        half = (bottom - top) / 2 if is_straight else 0.0
        owners.append(len(knots))
        knots.append((x - slope * half, (top + bottom) / 2 - half, slope))
        if is_straight:
            knots.append((x + slope * half, bottom, slope))
    knots.append((*end, _within(slopes[-1], _STEEPEST)))
    return knots, owners


def _leaves(passed: Pass, knots: Sequence[Knot], owners: Sequence[int], at: int) -> bool:
    x, top, bottom, limit = passed
    knot = owners[at]
    ends = _x_at(top, knots[knot - 1], knots[knot]), _x_at(bottom, knots[knot], knots[knot + 1])
    return max(abs(end - x) for end in ends) > limit * (bottom - top) / 2 + 1e-9


def _x_at(y: float, upper: Knot, lower: Knot) -> float:
    """Where the piece between two knots has this y."""
    xs, ys = _handles(upper, lower)
    low, high = 0.0, 1.0
    for _ in range(24):
        middle = (low + high) / 2
        low, high = (middle, high) if _cubic(middle, upper[1], *ys, lower[1]) < y else (low, middle)
    return _cubic(low, upper[0], *xs, lower[0])


def _cubic(t: float, a: float, b: float, c: float, d: float) -> float:
    s = 1 - t
    return s * s * s * a + 3 * s * s * t * b + 3 * s * t * t * c + t * t * t * d


def _handles(upper: Knot, lower: Knot) -> tuple[tuple[float, float], tuple[float, float]]:
    # Steep pieces get longer handles: an S that is upright at its ends and slants in its middle.
    (x0, y0, slope0), (x1, y1, slope1) = upper, lower
    height = y1 - y0
    reach = height / 3 if abs(x1 - x0) <= _STEEPEST * height else 0.45 * height
    return (x0 + slope0 * reach, x1 - slope1 * reach), (y0 + reach, y1 - reach)


def _through(knots: Sequence[Knot]) -> Curve:
    out: list[Point] = [knots[0][:2]]
    for upper, lower in pairwise(knots):
        xs, ys = _handles(upper, lower)
        out += [(xs[0], ys[0]), (xs[1], ys[1]), lower[:2]]
    return np.array(out)


def _within(value: float, limit: float) -> float:
    return max(-limit, min(limit, value))


def polyline(points: Sequence[Point], radius: float = 14.0) -> Curve:
    """Straight pieces with rounded corners."""
    corners = np.array(points, dtype=float)
    out = [corners[0]]
    for before, corner, after in zip(corners, corners[1:], corners[2:], strict=False):
        arrive, leave = corner - before, after - corner
        lengths = float(np.hypot(*arrive)), float(np.hypot(*leave))
        if min(lengths) == 0:
            continue
        cut = min(radius, lengths[0] / 2, lengths[1] / 2)
        begin, finish = corner - arrive / lengths[0] * cut, corner + leave / lengths[1] * cut
        out += [*_straight(out[-1], begin), begin + (corner - begin) * 0.6, finish + (corner - finish) * 0.6, finish]
    out += _straight(out[-1], corners[-1])
    return np.array(out)


def _straight(start: np.ndarray, end: np.ndarray) -> list[np.ndarray]:
    return [start + (end - start) / 3, start + 2 * (end - start) / 3, end]


def sampled(curve: Curve, n_points: int = 24) -> np.ndarray:
    """Points along each piece, shape (n_pieces * n_points, 2)."""
    t = np.linspace(0, 1, n_points)[:, None]
    starts = curve[:-1].reshape(-1, 3, 2)
    ends = curve[3::3]
    pieces = [
        (1 - t) ** 3 * a + 3 * (1 - t) ** 2 * t * b + 3 * (1 - t) * t**2 * c + t**3 * d
        for (a, b, c), d in zip(starts, ends, strict=True)
    ]
    return np.concatenate(pieces)


def flipped(curve: Curve) -> Curve:
    """The curve with x and y exchanged."""
    return curve[:, ::-1].copy()
