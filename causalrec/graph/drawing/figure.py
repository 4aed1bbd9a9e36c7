"""A scene as a matplotlib Figure; pyplot and its state are left alone."""

from __future__ import annotations

from typing import TYPE_CHECKING

from causalrec.graph.drawing.scene import Outline, Scene, Shape, Text

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from matplotlib.path import Path

__all__ = ["figure_of"]

_PIXELS, _POINTS = 96.0, 72.0  # to the inch
_MANY = 6000  # shapes and texts
_LEGIBLE = 0.5  # points: smaller texts are left out
_LARGEST = 60.0  # inches: a larger picture is made smaller


def figure_of(scene: Scene) -> Figure:
    """The picture at its size, 96 pixels to the inch."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    scale = min(1.0, _LARGEST * _PIXELS / max(scene.width, scene.height))
    inches = scene.width / _PIXELS * scale, scene.height / _PIXELS * scale
    figure = Figure(figsize=inches, dpi=_PIXELS * 1.5, facecolor="white")
    figure.set_layout_engine("none")
    FigureCanvasAgg(figure)
    axes = figure.add_axes((0, 0, 1, 1))
    axes.set_axis_off()
    axes.set_xlim(0, scene.width)
    axes.set_ylim(scene.height, 0)
    unit = _POINTS / _PIXELS * scale  # points to a pixel of the scene
    items = [item for group in scene.groups for item in group.items]
    is_many = len(items) > _MANY
    if is_many:
        _add_all(axes, [item for item in items if isinstance(item, Shape)], unit)
    for order, item in enumerate(items):
        if isinstance(item, Text):
            if item.size * unit >= _LEGIBLE:
                _add_text(axes, item, unit, order)
        elif not is_many:
            _add_shape(axes, item, unit, order)
    return figure


def _add_all(axes: Axes, shapes: list[Shape], unit: float) -> None:
    # One artist instead of thousands; all texts come above it.
    from matplotlib.collections import PathCollection

    axes.add_collection(PathCollection(
        [_path(shape.outline) for shape in shapes], facecolors=[shape.fill or "none" for shape in shapes],
        edgecolors=[shape.stroke or "none" for shape in shapes], linewidths=[shape.width * unit for shape in shapes],
        linestyles=[_dashes(shape) for shape in shapes], zorder=-1, clip_on=False, transform=axes.transData,
    ), autolim=False)  # fmt: skip


def _dashes(shape: Shape) -> str | tuple[int, tuple[float, ...]]:
    return (0, tuple(length / shape.width for length in shape.dash)) if shape.dash else "solid"


def _add_shape(axes: Axes, shape: Shape, unit: float, order: int) -> None:
    from matplotlib.patches import PathPatch

    width = shape.width * unit
    axes.add_patch(PathPatch(
        _path(shape.outline), facecolor=shape.fill or "none", edgecolor=shape.stroke or "none", linewidth=width,
        linestyle=_dashes(shape), joinstyle="round", capstyle="butt", zorder=order, clip_on=False, snap=False,
    ))  # fmt: skip


def _add_text(axes: Axes, text: Text, unit: float, order: int) -> None:
    axes.text(
        text.x, text.y, text.text, size=text.size * unit, color=text.colour, va="baseline",
        ha={"middle": "center", "start": "left"}[text.anchor], family="DejaVu Sans",
        weight="bold" if text.bold else "normal", style="italic" if text.italic else "normal",
        parse_math=False, usetex=False, zorder=order, clip_on=False,
    )  # fmt: skip


def _path(outline: Outline) -> Path:
    from matplotlib.path import Path

    codes = {"M": int(Path.MOVETO), "L": int(Path.LINETO), "C": int(Path.CURVE4)}
    points: list[tuple[float, float]] = []
    steps: list[int] = []
    for code, values in outline:
        if code == "Z":
            points.append(points[0])
            steps.append(int(Path.CLOSEPOLY))
            continue
        pairs = [(values[at], values[at + 1]) for at in range(0, len(values), 2)]
        points += pairs
        steps += [codes[code]] * len(pairs)
    return Path(points, steps)
