"""Effects by lag, and what they add up to."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from causalrec.charts.style import ACCENT, FAINT, MUTED, PALETTE, SIZE, Numbers, blank, same_length, shown

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = ["lag_chart"]


def lag_chart(
    lags: Numbers, values: Numbers, lower: Numbers, upper: Numbers, sums: Numbers, sums_lower: Numbers,
    sums_upper: Numbers, *, time: str = "period", unit: str = "", title: str = "",
) -> Figure:  # fmt: skip
    """One dot a lag with its interval, leads in grey, and the running sum of the lags as a line with a band.

    Parameters
    ----------
    lags : sequence of int, length n_lags
        Ascending; negative ones are leads.
    values, lower, upper : sequence of float, length n_lags
    sums, sums_lower, sums_upper : sequence of float, one for each lag of 0 or more
    time, unit : str
        Names of the two axes.
    title : str

    Raises
    ------
    ShapeError : columns of different lengths.
    """
    lag, value, low, high = same_length(lags=lags, values=values, lower=lower, upper=upper)
    later, total, total_low, total_high = same_length(
        lags=lag[lag >= 0], sums=sums, sums_lower=sums_lower, sums_upper=sums_upper
    )  # fmt: skip
    figure, axes = blank(title, 2.9)
    axes.axhline(0, color=MUTED, lw=1, zorder=1)
    axes.fill_between(later, total_low, total_high, color=PALETTE[1], alpha=0.12, linewidth=0, zorder=1)
    axes.plot(later, total, color=PALETTE[1], lw=1.6, zorder=2)
    colours = np.where(lag < 0, MUTED, ACCENT)
    axes.vlines(lag, low, high, colors=colours, lw=2, zorder=3)
    axes.scatter(lag, value, c=colours, s=36, linewidths=0, zorder=4)
    _label(axes, later, total, "sum so far")
    axes.set_xticks(lag)
    axes.set_xlabel(shown(f"{time}s since the treatment{' (leads: before it)' if (lag < 0).any() else ''}", 90),
                    color=MUTED, size=SIZE, parse_math=False)  # fmt: skip
    axes.set_ylabel(shown(unit, 60), color=MUTED, size=SIZE, parse_math=False)
    axes.grid(axis="y", color=FAINT, lw=0.7)
    return figure


def _label(axes: Axes, lags: np.ndarray, sums: np.ndarray, text: str) -> None:
    axes.annotate(
        text, (lags[-1], sums[-1]), xytext=(8, 0), textcoords="offset points", va="center", ha="left", size=SIZE,
        color=PALETTE[1], annotation_clip=False,
    )  # fmt: skip
