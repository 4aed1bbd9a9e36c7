"""From content to HTML."""

from __future__ import annotations

import itertools
import numbers
import re
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from causalrec.charts.style import ACCENT, FAINT, INK, MUTED

if TYPE_CHECKING:
    import jinja2

    from causalrec.reporting.content import Table
    from causalrec.reporting.report import Report

__all__ = ["formatted_rows", "inline_svg", "render"]


def render(report: Report) -> str:
    """The page of a report."""
    from markupsafe import Markup

    ids = itertools.count(1)
    return _environment().get_template("report.html.jinja").render(
        report=report,
        rows=formatted_rows,
        is_number=_is_number,
        inline=lambda picture: Markup(inline_svg(picture.content, f"p{next(ids)}-")),
    )  # fmt: skip


def formatted_rows(table: Table) -> list[list[str]]:
    """Cells as text, floats of a column with the same decimals.

    >>> from causalrec.reporting.content import Table
    >>> formatted_rows(Table(("n", "effect"), ((1200, -0.00631), (None, 0.0184))))
    [['1,200', '−0.0063'], ['–', '0.0184']]
    """
    digits = [_decimals(column) for column in zip(*table.rows, strict=True)]
    return [[_text(cell, d) for cell, d in zip(row, digits, strict=True)] for row in table.rows]


def inline_svg(svg: str, prefix: str) -> str:
    """A drawing as part of a page: ids of its own, ink that follows the page's light or dark colours."""
    svg = re.sub(r'\bid="', f'id="{prefix}', svg)
    svg = re.sub(r'(href="#|url\(#)', rf"\1{prefix}", svg)
    svg = re.sub(r"<style.*?</style>", "", svg, flags=re.DOTALL)
    svg = re.sub(r"font-family: [^;\"]*", "font-family: inherit", svg)
    svg = re.sub(r' d="[^"]*"', _short_path, svg)
    for colour, name in ((INK, "ink"), (MUTED, "muted"), (FAINT, "faint"), (ACCENT, "accent")):
        svg = svg.replace(colour, f"var(--{name})")
    return re.sub(r'(<svg[^>]*?) width="[^"]*" height="[^"]*"', r'\1 aria-hidden="true"', svg, count=1)


def _short_path(path: re.Match[str]) -> str:
    """Coordinates to a hundredth of a point, in one line."""
    return re.sub(r"(\.\d\d)\d+", r"\1", path.group()).replace("\n", "")


@cache
def _environment() -> jinja2.Environment:
    import jinja2

    folder = Path(__file__).parent / "templates"
    return jinja2.Environment(
        loader=jinja2.FileSystemLoader(folder), autoescape=True, undefined=jinja2.StrictUndefined,
        trim_blocks=True, lstrip_blocks=True,
    )  # fmt: skip


def _is_number(table: Table, column: int) -> bool:
    cells = [row[column] for row in table.rows if row[column] is not None]
    return bool(cells) and all(isinstance(cell, numbers.Real) and not isinstance(cell, bool) for cell in cells)


def _decimals(column: tuple[object, ...]) -> int:
    """Decimals that give the middle of the column's numbers three digits."""
    sizes = np.abs([float(c) for c in column if isinstance(c, numbers.Real) and not isinstance(c, numbers.Integral)])
    sizes = sizes[np.isfinite(sizes) & (sizes > 0)]
    return int(np.clip(2 - np.floor(np.log10(np.median(sizes))), 0, 6)) if len(sizes) else 0


def _text(cell: object, digits: int) -> str:
    if cell is None or (isinstance(cell, numbers.Real) and not np.isfinite(float(cell))):
        return "–"
    if isinstance(cell, bool | np.bool_):
        return "yes" if cell else "no"
    if isinstance(cell, numbers.Integral):
        return f"{int(cell):,}".replace("-", "−")
    if isinstance(cell, numbers.Real):
        return f"{float(cell):,.{digits}f}".replace("-", "−")
    return str(cell)
