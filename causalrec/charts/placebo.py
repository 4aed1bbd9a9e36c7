"""Draws of a reference distribution, and where the effect stands."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from causalrec.charts.style import ACCENT, FAINT, INK, MUTED, SIZE, Numbers, blank, decimals, number, shown
from causalrec.errors import ShapeError

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["placebo_chart"]


def placebo_chart(draws: Numbers, original: float, *, unit: str = "", title: str = "") -> Figure:
    """Histogram of drawn effects, of placebos or of samples, with the original marked.

    Parameters
    ----------
    draws : sequence of float, length n_draws
        Effects of treatments that cannot work, or of drawn rows.
    original : float
    unit, title : str

    Raises
    ------
    ShapeError : no draws.
    """
    drawn = np.asarray(draws, dtype=float)
    if drawn.ndim != 1 or not len(drawn):
        raise ShapeError(f"A placebo chart needs a vector of draws, not an array of shape {drawn.shape}.")
    figure, axes = blank(title, 2.4)
    n_bins = int(np.clip(np.sqrt(len(drawn)) * 1.5, 6, 40))
    axes.hist(drawn, bins=n_bins, color=MUTED, alpha=0.75)
    axes.axvline(original, color=ACCENT, lw=2.2)
    right = original >= np.median(drawn)
    digits = decimals(np.array([original]), np.array([np.std(drawn)]))
    axes.annotate(
        f"the effect: {number(original, digits)}", (original, 0.94), xycoords=("data", "axes fraction"),
        xytext=(-6 if right else 6, 0), textcoords="offset points", ha="right" if right else "left", va="top",
        size=SIZE, weight="bold", color=ACCENT,
    )  # fmt: skip
    axes.annotate(
        f"{len(drawn)} draws", (float(np.mean(drawn)), 1.0), xycoords=("data", "axes fraction"), xytext=(0, 2),
        textcoords="offset points", ha="center", va="bottom", size=SIZE, color=INK,
    )  # fmt: skip
    axes.margins(x=0.06)
    axes.set_yticks([])
    axes.axhline(0, color=FAINT, lw=1)
    axes.set_xlabel(shown(unit, 90), color=MUTED, size=SIZE, parse_math=False)
    return figure
