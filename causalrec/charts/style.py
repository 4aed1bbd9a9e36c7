"""One look for all charts: ink, two accents, no frames, a statement as the title."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

import numpy as np

from causalrec.errors import ShapeError

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = [
    "ACCENT",
    "FAINT",
    "INK",
    "MUTED",
    "PALETTE",
    "SIZE",
    "Numbers",
    "bare",
    "blank",
    "decimals",
    "number",
    "same_length",
    "shown",
]

INK, MUTED, FAINT = "#1f2933", "#6b7480", "#d5dae0"
# Okabe and Ito's colours, told apart with every kind of colour vision.
PALETTE = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9")
ACCENT = PALETTE[0]
Numbers = Sequence[float] | np.ndarray
WIDTH, SIZE, TITLE_SIZE = 7.2, 9.5, 11.5  # inches; points
TITLE_LINE = 0.22  # inches


def blank(title: str, height: float) -> tuple[Figure, Axes]:
    """An empty figure of report width with its title in place; `height` in inches is that of the plot."""
    from matplotlib.figure import Figure
    from matplotlib.layout_engine import ConstrainedLayoutEngine

    lines = textwrap.wrap(shown(title, 400), 80)
    head = TITLE_LINE * len(lines) + 0.12 if lines else 0.05
    layout = ConstrainedLayoutEngine(rect=(0, 0, 1, height / (height + head)), w_pad=0.05, h_pad=0.05)
    figure = Figure(figsize=(WIDTH, height + head), dpi=150, layout=layout)
    figure.patch.set_alpha(0)
    figure.text(
        0.008, 1 - 0.04 / (height + head), "\n".join(lines), ha="left", va="top", color=INK, size=TITLE_SIZE,
        weight="bold", linespacing=1.25, parse_math=False, in_layout=False,
    )  # fmt: skip
    axes = figure.add_subplot()
    bare(axes)
    return figure, axes


def bare(axes: Axes) -> None:
    """Take frame, ticks and background off."""
    axes.patch.set_alpha(0)
    axes.spines[:].set_visible(False)
    axes.tick_params(colors=MUTED, labelcolor=INK, labelsize=SIZE, length=0, pad=5)
    axes.set_axisbelow(True)


def shown(value: object, width: int = 44) -> str:
    """Text as charts show it: one line, no control characters, cut to a width."""
    line = " ".join("".join(c if c.isprintable() else " " for c in str(value)).split())
    return line if len(line) <= width else line[: width - 1].rstrip() + "…"


def decimals(*arrays: np.ndarray) -> int:
    """Decimals that show the narrowest of these positive lengths with two digits."""
    lengths = np.abs(np.concatenate([np.ravel(array) for array in arrays]))
    lengths = lengths[np.isfinite(lengths) & (lengths > 0)]
    return int(np.clip(1 - np.floor(np.log10(np.median(lengths))), 0, 6)) if len(lengths) else 2


def number(value: float, digits: int, *, sign: bool = False) -> str:
    """A number with a true minus.

    >>> number(-0.5, 2)
    '−0.50'
    """
    return f"{value:{'+' if sign else ''},.{digits}f}".replace("-", "−")


def same_length(**columns: Iterable) -> list[np.ndarray]:
    """The columns as arrays.

    Raises
    ------
    ShapeError : they differ in length, or are empty.
    """
    arrays = {name: np.asarray(column) for name, column in columns.items()}
    lengths = {name: len(array) for name, array in arrays.items()}
    if len(set(lengths.values())) != 1 or 0 in lengths.values():
        raise ShapeError(f"A chart needs columns of one length, at least 1; these have {lengths}.")
    return list(arrays.values())
