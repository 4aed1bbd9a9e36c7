"""What one score is made of."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from causalrec.charts.style import (
    ACCENT,
    FAINT,
    INK,
    MUTED,
    PALETTE,
    SIZE,
    Numbers,
    blank,
    decimals,
    number,
    same_length,
    shown,
)

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["contributions_chart"]


def contributions_chart(
    names: Sequence[str], values: Numbers, *, unit: str = "score", title: str = "", n_shown: int = 8
) -> Figure:
    """Bars that sum to the score, the largest on top; the small ones share one bar.

    Parameters
    ----------
    names : sequence of str, length n_parts
    values : sequence of float, length n_parts
        Contributions, which sum to the score.
    unit, title : str
    n_shown : int
        Bars besides the one of "all others" and the sum.

    Raises
    ------
    ShapeError : columns of different lengths.
    """
    parts, value = same_length(names=names, values=values)
    order = np.argsort(-np.abs(value), kind="stable")
    first, rest = order[:n_shown], order[n_shown:]
    labels = [shown(parts[i]) for i in first] + ([f"{len(rest)} others"] if len(rest) else []) + ["sum: the score"]
    bars = [*value[first], *([value[rest].sum()] if len(rest) else []), value.sum()]
    figure, axes = blank(title, 0.5 + 0.29 * len(bars))
    place = np.arange(len(bars))
    colours = [ACCENT if bar >= 0 else PALETTE[1] for bar in bars[:-1]] + [MUTED]
    axes.barh(place, bars, height=0.62, color=colours)
    axes.axvline(0, color=INK, lw=0.8)
    axes.set_yticks(place, labels, parse_math=False)
    axes.set_ylim(len(bars) - 0.4, -0.6)
    digits = decimals(np.array(bars))
    for at, bar in zip(place, bars, strict=True):
        axes.annotate(
            number(bar, digits, sign=True), (bar, at), xytext=(4 if bar >= 0 else -4, 0), textcoords="offset points",
            ha="left" if bar >= 0 else "right", va="center", size=SIZE - 1, color=INK,
        )  # fmt: skip
    axes.margins(x=0.14)
    axes.set_xlabel(shown(unit, 90), color=MUTED, size=SIZE, parse_math=False)
    axes.grid(axis="x", color=FAINT, lw=0.7)
    return figure
