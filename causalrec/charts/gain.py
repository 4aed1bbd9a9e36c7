"""What treating the top k gains, ranking by ranking."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from causalrec.charts.style import FAINT, INK, MUTED, PALETTE, SIZE, blank, shown
from causalrec.errors import ShapeError

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["gain_chart"]

MARKERS = "osD^vP"


def gain_chart(
    names: Sequence[str], ks: Sequence[int | None], values: np.ndarray, lower: np.ndarray, upper: np.ndarray, *,
    unit: str = "", title: str = "",
) -> Figure:  # fmt: skip
    """Gain at each k; rankings side by side, each with its own colour and marker.

    Parameters
    ----------
    names : sequence of str, length n_rankings
        At most 6.
    ks : sequence of int or None, length n_ks
        None stands for whole lists.
    values, lower, upper : float64, shape (n_rankings, n_ks)
    unit, title : str

    Raises
    ------
    ShapeError : arrays that do not fit, or more than 6 rankings.
    """
    arrays = [np.asarray(array, dtype=float) for array in (values, lower, upper)]
    expected = (len(names), len(ks))
    if any(array.shape != expected for array in arrays) or not 0 < len(names) <= len(MARKERS):
        raise ShapeError(
            f"Values and intervals must be {expected} for {len(names)} rankings (6 at most) and {len(ks)} ks; "
            f"they are {[array.shape for array in arrays]}."
        )
    figure, axes = blank(title, 3.2)
    offset = (np.arange(len(names)) - (len(names) - 1) / 2) * min(0.16, 0.7 / len(names))
    for row, name in enumerate(names):
        value, low, high = (array[row] for array in arrays)
        place = np.arange(len(ks)) + offset[row]
        axes.vlines(place, low, high, colors=PALETTE[row], lw=2)
        axes.plot(place, value, MARKERS[row], color=PALETTE[row], ms=6, label=shown(name, 24))
    axes.axhline(0, color=MUTED, lw=1, zorder=1)
    axes.set_xticks(np.arange(len(ks)), ["whole lists" if k is None else f"top {k}" for k in ks])
    axes.set_xlim(-0.5, len(ks) - 0.5)
    axes.set_ylabel(shown(unit, 60), color=MUTED, size=SIZE, parse_math=False)
    axes.grid(axis="y", color=FAINT, lw=0.7)
    legend = axes.legend(
        loc="lower left", bbox_to_anchor=(0, 1), ncols=len(names), frameon=False, fontsize=SIZE, labelcolor=INK,
        handletextpad=0.2, columnspacing=1.4, borderaxespad=0.2,
    )  # fmt: skip
    for text in legend.get_texts():
        text.set_parse_math(False)
    return figure
