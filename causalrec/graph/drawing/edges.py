"""An edge as shapes: a line with its arrowheads; a biasing one is hollow, so that it is told without colours."""

import numpy as np

from causalrec.graph.drawing.curves import Curve
from causalrec.graph.drawing.scene import Outline, Shape
from causalrec.graph.drawing.style import ACCENT, ALARM, LINE, PAPER

__all__ = ["edge_shapes"]

_DASH = (6.0, 4.0)
_LENGTH, _HALF = 9.0, 4.0  # of an arrowhead
_HALO = 1.8


def edge_shapes(curve: Curve, kind: str, emphasis: str = "") -> tuple[Shape, ...]:
    """Line and heads.

    Parameters
    ----------
    curve : Curve
    kind : {"->", "<->", "--"}
    emphasis : {"", "causal", "biasing"}
    """
    colour, width = {"causal": (ACCENT, 2.8), "biasing": (ALARM, 4.2)}.get(emphasis, (LINE, 1.4))
    grow = 1.45 if emphasis else 1.0
    tip = _LENGTH * grow
    line = _shortened(curve, tip * 0.8 if kind == "<->" else 0.0, tip * 0.8 if kind in {"->", "<->"} else 0.0)
    dash = _DASH if kind == "<->" else ()
    heads = [_head(curve, grow, colour)] if kind in {"->", "<->"} else []
    heads += [_head(curve[::-1], grow, colour)] if kind == "<->" else []
    path = _outline(line)
    shapes = [Shape(path, stroke=PAPER, width=width + 2 * _HALO), Shape(path, stroke=colour, width=width, dash=dash)]
    if emphasis == "biasing":
        shapes.append(Shape(path, stroke=PAPER, width=1.3))
    return (*shapes, *heads)


def _shortened(curve: Curve, start: float, end: float) -> Curve:
    # Ends move along their tangents: the line stops inside its arrowhead.
    curve = curve.astype(float).copy()
    if end:
        back = _direction(curve) * end
        curve[-1] -= back
        curve[-2] -= back
    if start:
        back = _direction(curve[::-1]) * start
        curve[0] -= back
        curve[1] -= back
    return curve


def _direction(curve: Curve) -> np.ndarray:
    """Unit vector along which the curve comes to its end."""
    for before in curve[-2::-1]:
        step = curve[-1] - before
        length = float(np.hypot(*step))
        if length > 1e-6:
            return step / length
    return np.array([0.0, 1.0])


def _head(curve: Curve, grow: float, colour: str) -> Shape:
    along = _direction(curve)
    side = np.array([-along[1], along[0]]) * _HALF * grow
    tip, base = curve[-1], curve[-1] - along * _LENGTH * grow
    notch = base + along * 0.18 * _LENGTH * grow
    points = [tip, base + side, notch, base - side]
    outline = (("M", _pair(points[0])), *(("L", _pair(point)) for point in points[1:]), ("Z", ()))
    return Shape(outline, fill=colour, stroke=colour, width=0.6)


def _outline(curve: Curve) -> Outline:
    pieces = curve[1:].reshape(-1, 6)
    return (("M", _pair(curve[0])), *(("C", tuple(map(float, piece))) for piece in pieces))


def _pair(point: np.ndarray) -> tuple[float, float]:
    return float(point[0]), float(point[1])
