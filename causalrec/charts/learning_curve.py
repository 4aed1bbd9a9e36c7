"""Curves by number of labels, and what each gains over the last one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from causalrec.charts.style import FAINT, INK, MUTED, PALETTE, SIZE, Numbers, blank, shown
from causalrec.errors import ShapeError

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["learning_curve_chart"]

MARKERS = "osD^v"


def learning_curve_chart(
    names: Sequence[str], n_labels: Numbers, values: np.ndarray, lower: np.ndarray, upper: np.ndarray, *,
    unit: str = "accuracy", title: str = "",
) -> Figure:  # fmt: skip
    """One line a strategy; the last is the one that the others are held against, and is drawn in grey.

    Parameters
    ----------
    names : sequence of str, length n_curves
        At most 6.
    n_labels : sequence of float, length n_points
    values : float64, shape (n_curves, n_points)
    lower, upper : float64, shape (n_curves, n_points)
        Where the interval of the difference to the last curve ends, set upon that curve; NaN draws none.
    unit, title : str

    Raises
    ------
    ShapeError : arrays that do not fit, or more than 6 curves.
    """
    arrays = [np.asarray(array, dtype=float) for array in (values, lower, upper)]
    expected = (len(names), len(n_labels))
    if any(array.shape != expected for array in arrays) or not 0 < len(names) <= len(MARKERS) + 1:
        raise ShapeError(
            f"Values and intervals must be {expected} for {len(names)} curves (6 at most) and {len(n_labels)} numbers "
            f"of labels; they are {[array.shape for array in arrays]}."
        )
    figure, axes = blank(title, 3.2)
    at = np.asarray(n_labels, dtype=float)
    gap = np.diff(at).min() if len(at) > 1 else 1.0
    axes.plot(at, arrays[0][-1], color=MUTED, lw=1.4, label=shown(names[-1], 24), zorder=2)
    for row, name in enumerate(names[:-1]):
        value, low, high = (array[row] for array in arrays)
        place = at + (row - (len(names) - 2) / 2) * 0.1 * gap
        has = np.isfinite(low) & np.isfinite(high)
        axes.vlines(place[has], low[has], high[has], colors=PALETTE[row], lw=2, zorder=3)
        axes.plot(place, value, f"{MARKERS[row]}-", color=PALETTE[row], ms=5, lw=1, label=shown(name, 24), zorder=4)
    axes.set_xticks(at, [f"{n:,.0f}" for n in at])
    axes.set_xlabel("labels", color=MUTED, size=SIZE)
    axes.set_ylabel(shown(unit, 60), color=MUTED, size=SIZE, parse_math=False)
    axes.grid(axis="y", color=FAINT, lw=0.7)
    legend = axes.legend(loc="lower right", frameon=False, fontsize=SIZE, labelcolor=INK)
    for text in legend.get_texts():
        text.set_parse_math(False)
    return figure
