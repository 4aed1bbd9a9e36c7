"""A scene as SVG: no ids, no style sheets, no scripts, so that many fit in one page and none disturbs it."""

from html import escape

from causalrec.graph.drawing.scene import Group, Outline, Scene, Shape, Text
from causalrec.graph.drawing.style import FONTS

__all__ = ["svg_text"]


def svg_text(scene: Scene) -> str:
    """The picture as an ``<svg>`` element without an XML header."""
    width, height = _number(scene.width), _number(scene.height)
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" viewBox="0 0 {width} {height}" '
        f'role="img" aria-label="{_quoted(scene.title)}" font-family="{FONTS}" fill="none" '
        f'style="max-width:100%;height:auto" stroke-linejoin="round">'
    )
    words = f"<title>{_quoted(scene.title)}</title>\n<desc>{_quoted(scene.description)}</desc>"
    return "\n".join([head, words, *map(_group, scene.groups), "</svg>\n"])


def _group(group: Group) -> str:
    title = f"<title>{_quoted(group.title)}</title>" if group.title else ""
    return f"<g>{title}{''.join(_text(item) if isinstance(item, Text) else _shape(item) for item in group.items)}</g>"


def _shape(shape: Shape) -> str:
    parts = [f'd="{_steps(shape.outline)}"']
    parts += [f'fill="{shape.fill}"'] if shape.fill else []
    parts += [f'stroke="{shape.stroke}" stroke-width="{_number(shape.width)}"'] if shape.stroke else []
    parts += [f'stroke-dasharray="{" ".join(map(_number, shape.dash))}"'] if shape.dash else []
    return f"<path {' '.join(parts)}/>"


def _text(text: Text) -> str:
    style = ' font-weight="bold"' * text.bold + ' font-style="italic"' * text.italic
    return (
        f'<text x="{_number(text.x)}" y="{_number(text.y)}" font-size="{_number(text.size)}" fill="{text.colour}" '
        f'text-anchor="{text.anchor}"{style}>{_quoted(text.text)}</text>'
    )


def _steps(outline: Outline) -> str:
    return "".join(code + " ".join(map(_number, values)) for code, values in outline)


def _number(value: float) -> str:
    text = f"{value:.1f}".removesuffix(".0")
    return "0" if text == "-0" else text


def _quoted(text: str) -> str:
    return escape(text, quote=True)
