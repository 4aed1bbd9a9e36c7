"""Propensities of both arms, one above the axis and one below."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from causalrec.charts.style import FAINT, INK, MUTED, PALETTE, SIZE, Numbers, blank, same_length
from causalrec.errors import ShapeError

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["propensity_histogram"]


def propensity_histogram(
    propensity: Numbers, treated: Numbers, *, title: str = "", n_bins: int = 40,
    bounds: tuple[float, float] = (0.01, 0.99)
) -> Figure:  # fmt: skip
    """Share of each arm by propensity: the treated upwards, the untreated downwards.

    Each arm adds up to 1, so that a small arm can be seen beside a large one.

    Parameters
    ----------
    propensity : sequence of float, length n_units
        In [0, 1].
    treated : sequence of float, length n_units
        1 or 0.
    title : str
    n_bins : int
    bounds : pair of float
        Marked; beyond them a unit has hardly a counterpart.

    Raises
    ------
    ShapeError : columns of different lengths, propensities outside [0, 1], or an arm without units.
    """
    e, t = same_length(propensity=propensity, treated=treated)
    e, on = e.astype(float), t.astype(float) == 1
    if not ((e >= 0) & (e <= 1)).all() or not on.any() or on.all():
        raise ShapeError("A propensity histogram needs propensities in [0, 1] and units of both arms.")
    figure, axes = blank(title, 2.6)
    edges = np.linspace(0, 1, n_bins + 1)
    top = 0.0
    for arm, sign, colour, word in ((on, 1, PALETTE[0], "treated"), (~on, -1, PALETTE[1], "untreated")):
        share = np.histogram(e[arm], edges)[0] / arm.sum()
        top = max(top, float(share.max()))
        axes.bar(edges[:-1], sign * share, width=np.diff(edges), align="edge", color=colour, alpha=0.85, lw=0)
        axes.annotate(
            f"{word} ({arm.sum():,})", (0.985, 0.97 if sign > 0 else 0.03), xycoords="axes fraction", ha="right",
            va="top" if sign > 0 else "bottom", size=SIZE, weight="bold", color=colour,
        )  # fmt: skip
    for bound in bounds:
        axes.axvline(bound, color=MUTED, lw=1, ls=(0, (4, 3)))
    axes.axhline(0, color=INK, lw=0.8)
    axes.set_xlim(-0.01, 1.01)
    axes.set_ylim(-1.15 * top, 1.15 * top)
    axes.yaxis.set_major_formatter(lambda value, _: f"{abs(value):.0%}")
    axes.set_ylabel("share of the arm", color=MUTED, size=SIZE)
    axes.set_xlabel("propensity", color=MUTED, size=SIZE)
    axes.grid(axis="y", color=FAINT, lw=0.7)
    return figure
