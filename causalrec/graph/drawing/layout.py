"""Where nodes stand and how edges run between them: integers and pixels, no names and no colours.

Everything is computed for layers from the top down; from left to right, x and y are exchanged at
the end.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from causalrec.graph.drawing.arcs import arcs_between
from causalrec.graph.drawing.bends import Bends, bends_of
from causalrec.graph.drawing.boxes import Box
from causalrec.graph.drawing.coordinates import places
from causalrec.graph.drawing.crossings import ordered
from causalrec.graph.drawing.curves import Curve, Pass, chain, flipped
from causalrec.graph.drawing.layers import layers_of
from causalrec.graph.drawing.ports import ports, side_port

__all__ = ["Layout", "Pair", "cropped", "layered"]

_GAP, _BEND_GAP = 18.0, 9.0  # beside nodes and beside edges that pass
_LEAST, _MOST = 50.0, 130.0  # between layers
_TWICE = 300  # nodes up to which a second layout is tried
_SMOOTH = 4000  # bends up to which each is looked at
_STRAIGHT = (1.0, 2.0, 8.0)  # how much an edge between none, one, two bends pulls

Pair = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Layout:
    """A picture's geometry, in pixels, its least corner at (0, 0).

    Attributes
    ----------
    boxes : tuple of Box, length n_nodes
    directed, bidirected : dict of (int, int) to Curve
        Run of each edge, from the first node's border to the second's.
    width, height : float
    layer : tuple of int, length n_nodes
        Empty where positions were given.
    """

    boxes: tuple[Box, ...]
    directed: dict[Pair, Curve]
    bidirected: dict[Pair, Curve]
    width: float
    height: float
    layer: tuple[int, ...] = ()


def layered(
    sizes: Sequence[tuple[float, float]], edges: Sequence[Pair], bidirected: Sequence[Pair], *, sideways: bool = False
) -> Layout:
    """Layout in layers, causes first.

    Parameters
    ----------
    sizes : sequence of (float, float), length n_nodes
        Width and height of each node.
    edges : sequence of (int, int)
        Acyclic.
    bidirected : sequence of (int, int)
    sideways : bool
        Layers from left to right.
    """
    # Lanes for arcs make the picture wider: only where one finds no other way around the nodes.
    layout, n_poor = _laid(sizes, edges, bidirected, sideways, lanes=False)
    if n_poor and len(sizes) <= _TWICE:
        layout, _ = _laid(sizes, edges, bidirected, sideways, lanes=True)
    return layout


def _laid(
    sizes: Sequence[tuple[float, float]], edges: Sequence[Pair], ties: Sequence[Pair], sideways: bool, *, lanes: bool
) -> tuple[Layout, int]:
    layer = layers_of(len(sizes), edges, ties)
    bends = bends_of(layer, edges, ties if lanes else ())
    x, rows = _across(bends, [size[sideways] for size in sizes])
    bands = _bands(rows, [size[1 - sideways] for size in sizes], bends, x)
    boxes = [Box(x[node], _middle(bands[layer[node]]), size[sideways], size[1 - sideways])
             for node, size in enumerate(sizes)]  # fmt: skip
    start, end = ports(bends.directed, boxes, x)
    passes = _passes(rows, boxes, x, bands)

    def route(way: Sequence[int], begin: float, finish: float) -> Curve:
        start, end = (begin, boxes[way[0]].bottom), (finish, boxes[way[-1]].top)
        return chain(start, [passes[bend] for bend in way[1:-1]], end, smooth=len(passes) <= _SMOOTH)

    directed = {pair: route(way, start[pair], end[pair]) for pair, way in bends.directed.items()}
    free = {
        pair: route(way, side_port(boxes[pair[0]], x[way[1]]), side_port(boxes[pair[1]], x[way[-2]]))
        for pair, way in bends.bidirected.items()
    }
    arcs, n_poor = arcs_between(ties, boxes, list(directed.values()), lanes=free)
    return cropped(boxes, directed, arcs, tuple(layer), sideways), n_poor


def _across(bends: Bends, widths: Sequence[float]) -> tuple[list[float], list[list[int]]]:
    n_nodes, n_all = len(widths), len(bends.layer)
    up: list[list[int]] = [[] for _ in range(n_all)]
    down: list[list[int]] = [[] for _ in range(n_all)]
    pulls: list[list[tuple[int, float]]] = [[] for _ in range(n_all)]
    for one, other in bends.steps():
        weight = _STRAIGHT[(one >= n_nodes) + (other >= n_nodes)]
        pulls[one].append((other, weight))
        pulls[other].append((one, weight))
        if bends.layer[other] == bends.layer[one] + 1:
            down[one].append(other)
            up[other].append(one)
    rows: list[list[int]] = [[] for _ in range(max(bends.layer, default=-1) + 1)]
    for node, index in enumerate(bends.layer):
        rows[index].append(node)
    rows = ordered(rows, up, down)
    gaps = [_GAP if node < n_nodes else _BEND_GAP for node in range(n_all)]
    return places(rows, pulls, [*widths, *[0.0] * (n_all - n_nodes)], gaps), rows


def _bands(
    rows: Sequence[Sequence[int]], heights: Sequence[float], bends: Bends, x: Sequence[float]
) -> list[tuple[float, float]]:
    # Top and bottom of each layer; where edges run far across, layers stand further apart.
    reach = [0.0] * (len(rows) + 1)
    for one, other in bends.steps():
        reach[bends.layer[one]] = max(reach[bends.layer[one]], abs(x[one] - x[other]))
    bands, at = [], 0.0
    for index, row in enumerate(rows):
        tall = max((heights[node] for node in row if node < len(heights)), default=0.0)
        bands.append((at, at + tall))
        at += tall + min(_MOST, max(_LEAST, 30 + 0.26 * reach[index]))
    return bands


def _passes(
    rows: Sequence[Sequence[int]], boxes: Sequence[Box], x: Sequence[float], bands: Sequence[tuple[float, float]]
) -> dict[int, Pass]:
    # The slope at each bend is such that a curve through it meets no node of the layer.
    passes = {}
    for row, (top, bottom) in zip(rows, bands, strict=True):
        left, before = float("-inf"), []
        for node in row:
            before.append(left)
            left = boxes[node].right if node < len(boxes) else left
        right = float("inf")
        for node, free in zip(reversed(row), reversed(before), strict=True):
            if node < len(boxes):
                right = boxes[node].left
            else:
                room = min(x[node] - free, right - x[node]) - 5.0
                passes[node] = x[node], top, bottom, max(0.0, room) / max(1.0, (bottom - top) / 2)
    return passes


def _middle(band: tuple[float, float]) -> float:
    return (band[0] + band[1]) / 2


def cropped(
    boxes: Sequence[Box],
    directed: dict[Pair, Curve],
    arcs: dict[Pair, Curve],
    layer: tuple[int, ...] = (),
    sideways: bool = False,
) -> Layout:
    """Layout whose least corner is at (0, 0)."""
    curves = [*directed.values(), *arcs.values()]
    left = min([box.left for box in boxes] + [float(curve[:, 0].min()) for curve in curves], default=0.0)
    top = min([box.top for box in boxes] + [float(curve[:, 1].min()) for curve in curves], default=0.0)
    right = max([box.right for box in boxes] + [float(curve[:, 0].max()) for curve in curves], default=0.0)
    bottom = max([box.bottom for box in boxes] + [float(curve[:, 1].max()) for curve in curves], default=0.0)
    size = (right - left, bottom - top)

    def placed(curve: Curve) -> Curve:
        return flipped(curve - (left, top)) if sideways else curve - (left, top)

    moved = [box.moved(-left, -top) for box in boxes]
    return Layout(
        tuple(box.flipped() if sideways else box for box in moved),
        {pair: placed(curve) for pair, curve in directed.items()},
        {pair: placed(curve) for pair, curve in arcs.items()},
        size[sideways],
        size[1 - sideways],
        layer,
    )
