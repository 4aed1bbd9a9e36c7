"""How an effect changes with an ordered quantity."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from causalrec.charts.style import ACCENT, FAINT, MUTED, SIZE, Numbers, blank, same_length, shown

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["lift_chart"]


def lift_chart(
    groups: Sequence[str], values: Numbers, lower: Numbers, upper: Numbers, *,
    group_name: str = "", unit: str = "", title: str = "", reference: float = 1.0,
) -> Figure:  # fmt: skip
    """One point a group, in the order given, such as the lift by number of past purchases.

    Parameters
    ----------
    groups : sequence of str, length n_groups
        Such as "0", "1-2", "3-5".
    values, lower, upper : sequence of float, length n_groups
    group_name, unit : str
        Names of the two axes.
    title : str
    reference : float
        Where "no effect" is; 1 for ratios.

    Raises
    ------
    ShapeError : columns of different lengths.
    """
    labels, value, low, high = same_length(groups=groups, values=values, lower=lower, upper=upper)
    figure, axes = blank(title, 2.9)
    place = np.arange(len(labels))
    axes.axhline(reference, color=MUTED, lw=1, zorder=1)
    axes.plot(place, value, color=ACCENT, lw=1, alpha=0.35, zorder=2)
    axes.vlines(place, low, high, colors=ACCENT, lw=2, zorder=3)
    axes.scatter(place, value, c=ACCENT, s=36, linewidths=0, zorder=4)
    axes.set_xticks(place, [shown(group, 16) for group in labels], parse_math=False)
    axes.set_xlim(-0.5, len(labels) - 0.5)
    axes.set_xlabel(shown(group_name, 90), color=MUTED, size=SIZE, parse_math=False)
    axes.set_ylabel(shown(unit, 60), color=MUTED, size=SIZE, parse_math=False)
    axes.grid(axis="y", color=FAINT, lw=0.7)
    return figure
