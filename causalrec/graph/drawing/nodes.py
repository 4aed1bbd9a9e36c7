"""A node as shapes and texts: its form tells its role without colours too."""

from causalrec.graph.drawing.boxes import Box
from causalrec.graph.drawing.labels import label_lines, printable, text_width
from causalrec.graph.drawing.scene import Group, Outline, Shape, Text
from causalrec.graph.drawing.style import FAINT, PAPER, RING, Look, look_of

__all__ = ["SIZE", "node_group", "node_size", "swatch"]

SIZE, _LINE_HEIGHT = 13.0, 16.0
_PAD_X, _PAD_Y, _ROUND, _CUT = 13.0, 9.0, 7.0, 8.0
_K = 0.5523  # a quarter of a circle as a cubic curve
_PER_EDGE, _WIDEST, _RING = 11.0, 360.0, 5.5  # the ring is outside the box, edges end at it


def node_size(name: str, roles: frozenset[str], n_across: int = 0, n_along: int = 0) -> tuple[float, float]:
    """Width and height for a node's name, its ring, and edges side by side at its top or at its left."""
    look, lines = look_of(roles), label_lines(name)
    text = max(text_width(line, SIZE, look.bold) for line in lines)
    room = text + 2 * _PAD_X + (6 if look.barred else 0) + (8 if look.corner in {"capsule", "cut"} else 0)
    width = max(room, 46.0, min(_WIDEST, 24 + _PER_EDGE * n_across))
    height = max(len(lines) * _LINE_HEIGHT + 2 * _PAD_Y, min(_WIDEST, 14 + 0.8 * _PER_EDGE * n_along))
    ring = 2 * _RING if "adjusted" in roles else 0.0
    return width + ring, height + ring


def node_group(name: str, roles: frozenset[str], box: Box) -> Group:
    """The node in its box, with its whole name and its roles as the tooltip."""
    look, lines = look_of(roles), label_lines(name)
    box = box.grown(-_RING) if "adjusted" in roles else box
    first = box.y - (len(lines) - 1) * _LINE_HEIGHT / 2 + 0.35 * SIZE
    texts = tuple(
        Text(line, box.x + (3 if look.barred else 0), first + number * _LINE_HEIGHT, SIZE, look.ink,
             bold=look.bold, italic=look.italic)
        for number, line in enumerate(lines)
    )  # fmt: skip
    said = f"{printable(name)}: {', '.join(sorted(roles))}" if roles else printable(name)
    return Group(said, _shapes(box, look, "adjusted" in roles, 1.0) + texts)


def swatch(roles: frozenset[str], x: float, y: float) -> tuple[Shape, ...]:
    """The look of these roles as a small box for the legend, its left middle at (x, y)."""
    box = Box(x + 13, y, 20, 10) if "adjusted" in roles else Box(x + 13, y, 26, 15)
    return _shapes(box, look_of(roles - {"adjusted"}), "adjusted" in roles, 0.55)


def _shapes(box: Box, look: Look, ringed: bool, scale: float) -> tuple[Shape, ...]:
    dash = (5.0, 3.5) if look.dashed and scale == 1 else (3.0, 2.2) if look.dashed else ()
    radius = _ROUND * (1 if scale == 1 else 0.6)
    shapes = []
    if ringed:
        gap = 4.5 if scale == 1 else 3.0
        ring = _outline(box.grown(gap), look.corner, radius + gap * 0.7)
        shapes.append(Shape(ring, fill=PAPER, stroke=RING, width=2.4 if scale == 1 else 1.8))
    if look.stacked:
        # Sheets behind stay inside the room of the node: the front one moves as much to the other side.
        step = 2.5 if scale == 1 else 1.6
        for k in (1, 0):
            sheet = Box(box.x + step * k, box.y - step * k, box.width - step, box.height - step)
            shapes.append(Shape(_outline(sheet, look.corner, radius), PAPER, look.stroke, look.width, dash))
        box = Box(box.x - step / 2, box.y + step / 2, box.width - step, box.height - step)
    shapes.append(Shape(_outline(box, look.corner, radius), look.fill, look.stroke, look.width, dash))
    if look.barred:
        bar = Box(box.left + 4.5 * scale + 1, box.y, 4.0 * scale + 0.8, box.height - 8 * scale)
        shapes.append(Shape(_outline(bar, "square", 0), fill=look.stroke if look.fill != look.stroke else FAINT))
    return tuple(shapes)


def _outline(box: Box, corner: str, radius: float) -> Outline:
    left, right, top, bottom = box.left, box.right, box.top, box.bottom
    if corner == "square":
        return _polygon([(left, top), (right, top), (right, bottom), (left, bottom)])
    if corner == "cut":
        cut = min(_CUT, box.height / 3)
        return _polygon([(left + cut, top), (right - cut, top), (right, box.y), (right - cut, bottom),
                         (left + cut, bottom), (left, box.y)])  # fmt: skip
    if corner == "fold":
        cut = min(_CUT, box.height / 3)
        return _polygon([(left, top), (right - cut, top), (right, top + cut), (right, bottom), (left, bottom)])
    return _rounded(box, box.height / 2 if corner == "capsule" else min(radius, box.height / 2))


def _polygon(points: list[tuple[float, float]]) -> Outline:
    return (("M", points[0]), *(("L", point) for point in points[1:]), ("Z", ()))


def _rounded(box: Box, r: float) -> Outline:
    left, right, top, bottom, k = box.left, box.right, box.top, box.bottom, r * (1 - _K)
    return (
        ("M", (left + r, top)), ("L", (right - r, top)), ("C", (right - k, top, right, top + k, right, top + r)),
        ("L", (right, bottom - r)), ("C", (right, bottom - k, right - k, bottom, right - r, bottom)),
        ("L", (left + r, bottom)), ("C", (left + k, bottom, left, bottom - k, left, bottom - r)),
        ("L", (left, top + r)), ("C", (left, top + k, left + k, top, left + r, top)), ("Z", ()),
    )  # fmt: skip
