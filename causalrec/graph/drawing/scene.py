"""A picture as a flat list of shapes and texts, which SVG and matplotlib show alike."""

from dataclasses import dataclass

__all__ = ["Group", "Outline", "Scene", "Shape", "Text"]

Outline = tuple[tuple[str, tuple[float, ...]], ...]
"""Steps of a path as in SVG: ("M", (x, y)), ("L", (x, y)), ("C", (x1, y1, x2, y2, x, y)), ("Z", ())."""


@dataclass(frozen=True, slots=True)
class Shape:
    """An outline, filled or stroked; lengths in pixels, an empty colour means none."""

    outline: Outline
    fill: str = ""
    stroke: str = ""
    width: float = 0.0
    dash: tuple[float, ...] = ()


@dataclass(frozen=True, slots=True)
class Text:
    """A line of text whose baseline is at (x, y)."""

    text: str
    x: float
    y: float
    size: float
    colour: str
    anchor: str = "middle"
    bold: bool = False
    italic: bool = False


@dataclass(frozen=True, slots=True)
class Group:
    """What belongs to one node or edge; `title` is its tooltip."""

    title: str
    items: tuple[Shape | Text, ...]


@dataclass(frozen=True, slots=True)
class Scene:
    """A picture of `width` x `height` pixels, y downwards, drawn in the order of `groups`.

    Attributes
    ----------
    title, description : str
        For who cannot see it.
    """

    width: float
    height: float
    title: str
    description: str
    groups: tuple[Group, ...]
