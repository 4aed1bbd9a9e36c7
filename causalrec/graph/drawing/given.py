"""Layout by positions that a person chose."""

import math
from collections.abc import Mapping, Sequence

import numpy as np

from causalrec.errors import GraphError, UnknownNodeError
from causalrec.graph.drawing.arcs import arcs_between
from causalrec.graph.drawing.boxes import Box
from causalrec.graph.drawing.layout import Layout, Pair, cropped

__all__ = ["checked_positions", "positioned"]

_GAP, _LARGEST = 22.0, 12_000.0


def checked_positions(positions: Mapping[str, tuple[float, float]], nodes: Sequence[str]) -> list[tuple[float, float]]:
    """Position of each node, in their order.

    Raises
    ------
    UnknownNodeError : a position of a node that the graph does not have.
    GraphError : a node without one, a position that is not two finite numbers, two nodes on one spot.
    """
    known = frozenset(nodes)
    if unknown := [name for name in positions if name not in known]:
        raise UnknownNodeError(unknown, nodes)
    if missing := [name for name in nodes if name not in positions]:
        raise GraphError(f"`positions` has no place for {', '.join(map(repr, missing))}: give all nodes one, or none.")
    found: dict[tuple[float, float], str] = {}
    for name in nodes:
        point = _point(name, positions[name])
        if point in found:
            raise GraphError(f"`positions` puts {found[point]!r} and {name!r} on one spot, {point}. Move one of them.")
        found[point] = name
    return list(found)


def positioned(
    sizes: Sequence[tuple[float, float]],
    positions: Sequence[tuple[float, float]],
    edges: Sequence[Pair],
    bidirected: Sequence[Pair],
) -> Layout:
    """Layout with nodes where `positions` put them, x to the right and y down, scaled until no two overlap."""
    scale = _scale(np.array(sizes, dtype=float), np.array(positions, dtype=float).reshape(-1, 2))
    boxes = [Box(x * scale, y * scale, *size) for (x, y), size in zip(positions, sizes, strict=True)]
    directed, _ = arcs_between(edges, boxes, (), straight=True)
    arcs, _ = arcs_between(bidirected, boxes, list(directed.values()))
    return cropped(boxes, directed, arcs)


def _point(name: str, value: tuple[float, float]) -> tuple[float, float]:
    try:
        x, y = map(float, value)
    except (TypeError, ValueError):
        raise GraphError(f"The position of {name!r} must be two numbers, got {value!r}.") from None
    if not (math.isfinite(x) and math.isfinite(y)):
        raise GraphError(f"The position of {name!r} must be finite, got {value!r}.")
    return x, y


def _scale(sizes: np.ndarray, points: np.ndarray) -> float:
    # Each pair needs its boxes apart in x or in y, whichever comes first; one row of pairs at a time.
    need = 0.0
    for node in range(len(points) - 1):
        room = (sizes[node] + sizes[node + 1 :]) / 2 + _GAP
        distance = np.abs(points[node] - points[node + 1 :])
        with np.errstate(divide="ignore"):
            need = max(need, float((room / distance).min(axis=1).max()))
    spread = float(np.ptp(points, axis=0).max()) if len(points) else 0.0
    return min(need, _LARGEST / spread) if spread else 1.0
