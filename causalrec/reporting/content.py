"""What a report holds, free of any layout."""

from __future__ import annotations

import base64
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from causalrec.errors import DataError, ShapeError

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["Headline", "Picture", "Section", "Table"]

ACTIVE = re.compile(r"<script|<foreignObject|<[^>]+\son\w+\s*=|href\s*=\s*[\"'](?!#)", re.IGNORECASE)
SVG_LIMIT = 150_000  # characters; a larger drawing is embedded as pixels


@dataclass(frozen=True, slots=True)
class Headline:
    """The number that the report is about.

    Attributes
    ----------
    number : str
        Such as "+0.0063".
    interval : str
        Such as "95% interval +0.0059 to +0.0067".
    meaning : str
        What the number means, in words.
    """

    number: str
    interval: str
    meaning: str


@dataclass(frozen=True, slots=True)
class Table:
    """Rows of cells; numbers stand to the right.

    Attributes
    ----------
    columns : tuple of str
    rows : tuple of tuple
        Text, numbers, or None for what is not known.
    caption : str
    highlight : int or None
        Row that is set in bold.

    Raises
    ------
    ShapeError : a row that has not one cell for each column.

    Examples
    --------
    >>> Table.of([{"k": 10, "gain": 51.2}, {"k": 50}]).rows
    ((10, 51.2), (50, None))
    """

    columns: tuple[str, ...]
    rows: tuple[tuple[object, ...], ...]
    caption: str = ""
    highlight: int | None = None

    def __post_init__(self) -> None:
        strange = [row for row in self.rows if len(row) != len(self.columns)]
        if strange:
            columns = ", ".join(self.columns)
            raise ShapeError(f"A row needs {len(self.columns)} cells ({columns}); one is {strange[0]!r}.")

    @classmethod
    def of(
        cls, rows: Sequence[Mapping[str, object]] | Mapping[str, Sequence[object]], caption: str = "",
        highlight: int | None = None,
    ) -> Table:  # fmt: skip
        """From a list of rows, each a mapping, or from a mapping of columns of one length."""
        if isinstance(rows, Mapping):
            columns = tuple(rows)
            if len({len(column) for column in rows.values()}) > 1:
                raise ShapeError(f"Columns of a table differ in length: { {n: len(c) for n, c in rows.items()} }.")
            return cls(columns, tuple(zip(*rows.values(), strict=True)), caption, highlight)
        columns = tuple(dict.fromkeys(name for row in rows for name in row))
        return cls(columns, tuple(tuple(row.get(name) for name in columns) for row in rows), caption, highlight)


@dataclass(frozen=True, slots=True)
class Picture:
    """A drawing as SVG text, or as the bytes of a PNG.

    Attributes
    ----------
    content : str or bytes
    alt : str
        What the picture says, for those who cannot see it.
    caption : str

    Raises
    ------
    DataError : an SVG with a script, an event handler, or a link to another file.
    """

    content: str | bytes
    alt: str
    caption: str = ""

    def __post_init__(self) -> None:
        if isinstance(self.content, str):
            active = ACTIVE.search(self.content)
            if active:
                raise DataError(f"An SVG in a report draws only; this one has {active.group()[-40:]!r}.")

    @classmethod
    def of(cls, figure: Figure, alt: str, caption: str = "") -> Picture:
        """From a matplotlib figure; SVG unless that would be large."""
        from causalrec.charts import figure_png_bytes, figure_svg

        svg = figure_svg(figure)
        return cls(svg if len(svg) < SVG_LIMIT else figure_png_bytes(figure), alt, caption)

    @property
    def is_svg(self) -> bool:
        """Whether the content is SVG text."""
        return isinstance(self.content, str)

    @property
    def data_uri(self) -> str:
        """The picture as a data URI."""
        content = self.content.encode() if isinstance(self.content, str) else self.content
        kind = "svg+xml" if self.is_svg else "png"
        return f"data:image/{kind};base64,{base64.b64encode(content).decode()}"


@dataclass(frozen=True, slots=True)
class Section:
    """A part of a report with a title, shown in the order of the fields.

    Attributes
    ----------
    title : str
    paragraphs : tuple of str
    pictures : tuple of Picture
    tables : tuple of Table
    items : tuple of str
        A list of points.
    sections : tuple of Section
        Parts of this part.
    folded : bool
        Whether only the title is shown until it is clicked; opened in print.
    numbered : bool
        Whether `items` are numbered.
    """

    title: str
    paragraphs: tuple[str, ...] = ()
    pictures: tuple[Picture, ...] = ()
    tables: tuple[Table, ...] = ()
    items: tuple[str, ...] = ()
    sections: tuple[Section, ...] = ()
    folded: bool = False
    numbered: bool = False
