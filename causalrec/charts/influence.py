"""How much each behaviour moves an outcome, directly and by other ways."""

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
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = ["influence_chart"]


def influence_chart(
    names: Sequence[str], values: Numbers, lower: Numbers, upper: Numbers, direct: Numbers, *, unit: str = "",
    title: str = "",
) -> Figure:  # fmt: skip
    """Each total as a dot with its interval, over a bar of what is direct and one of what goes other ways.

    Bars of one sign stand one after the other and end at the total; of two signs, each starts at 0.

    Parameters
    ----------
    names : sequence of str, length n_behaviours
        From the top down.
    values, lower, upper : sequence of float, length n_behaviours
        Totals and the ends of their intervals.
    direct : sequence of float, length n_behaviours
        Part of each total that is direct.
    unit, title : str

    Raises
    ------
    ShapeError : columns of different lengths.
    """
    name, value, low, high, straight = same_length(names=names, values=values, lower=lower, upper=upper, direct=direct)
    others = value - straight
    figure, axes = blank(title, 0.95 + 0.36 * len(name))
    place = np.arange(len(name))
    after = np.where(straight * others >= 0, straight, 0.0)
    axes.barh(place, straight, height=0.5, color=ACCENT, alpha=0.55, linewidth=0, label="direct")
    axes.barh(place, others, left=after, height=0.5, color=PALETTE[4], alpha=0.6, linewidth=0, label="through others")
    axes.hlines(place, low, high, color=INK, lw=1.6, zorder=3)
    axes.scatter(value, place, color=INK, s=26, linewidths=0, zorder=4, label="total, 95% interval")
    axes.axvline(0, color=MUTED, lw=1, zorder=2)
    ends = np.max([high, straight, after + others, np.zeros(len(name))], axis=0)
    _labels(axes, place, value, ends, decimals(high - low))
    axes.set_yticks(place, [shown(one) for one in name], parse_math=False)
    axes.set_ylim(len(name) - 0.4, -0.6)
    axes.margins(x=0.12)
    axes.set_xlabel(shown(unit, 90), color=MUTED, size=SIZE, parse_math=False)
    axes.grid(axis="x", color=FAINT, lw=0.7)
    figure.legend(loc="outside lower right", ncols=3, frameon=False, fontsize=SIZE - 1, labelcolor=INK)
    return figure


def _labels(axes: Axes, place: np.ndarray, values: np.ndarray, ends: np.ndarray, digits: int) -> None:
    for at, value, end in zip(place, values, ends, strict=True):
        axes.annotate(
            number(value, digits, sign=True), (end, at), xytext=(5, 0), textcoords="offset points", ha="left",
            va="center", size=SIZE - 1, color=INK,
        )  # fmt: skip
