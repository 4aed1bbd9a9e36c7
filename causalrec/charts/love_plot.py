"""How alike both arms are, before and after weighting."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from causalrec.charts.style import ACCENT, FAINT, INK, MUTED, SIZE, Numbers, blank, same_length, shown

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["love_plot"]

MAX_ROWS = 30


def love_plot(
    names: Sequence[str], before: Numbers, after: Numbers, *, title: str = "", bound: float = 0.1
) -> Figure:  # fmt: skip
    """Absolute standardised differences, one row a covariate, the largest of either on top.

    Parameters
    ----------
    names : sequence of str, length n_covariates
        The 30 largest are drawn.
    before, after : sequence of float, length n_covariates
        Standardised differences; their sign is left out.
    title : str
        What the picture says, as a sentence.
    bound : float
        Difference beyond which the arms are not alike.

    Raises
    ------
    ShapeError : columns of different lengths, or empty.
    """
    labels, first, then = same_length(names=names, before=before, after=after)
    first, then = np.abs(first.astype(float)), np.abs(then.astype(float))
    order = np.argsort(-np.maximum(first, then), kind="stable")[:MAX_ROWS]
    labels, first, then = labels[order], first[order], then[order]
    figure, axes = blank(title, 0.85 + 0.27 * len(labels))
    place = np.arange(len(labels))
    axes.axvline(bound, color=MUTED, lw=1, ls=(0, (4, 3)), zorder=1)
    axes.hlines(place, first, then, color=FAINT, lw=2, zorder=2)
    axes.scatter(first, place, facecolors="white", edgecolors=MUTED, s=34, zorder=3, label="before")
    axes.scatter(then, place, color=ACCENT, s=34, zorder=4, linewidths=0, label="after")
    axes.set_yticks(place, [shown(label) for label in labels], parse_math=False)
    axes.set_ylim(len(labels) - 0.4, -0.6)
    axes.set_xlim(left=0)
    axes.set_xlabel("absolute standardised difference", color=MUTED, size=SIZE)
    axes.grid(axis="x", color=FAINT, lw=0.7)
    legend = axes.legend(loc="lower right", frameon=False, fontsize=SIZE, labelcolor=INK, handletextpad=0.2)
    legend.set_zorder(5)
    return figure
