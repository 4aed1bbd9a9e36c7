"""How strong a hidden confounder would have to be."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from causalrec.charts.style import FAINT, INK, MUTED, PALETTE, SIZE, blank, shown
from causalrec.errors import ShapeError

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["sensitivity_chart"]


def sensitivity_chart(
    treatment_r2: np.ndarray, outcome_r2: np.ndarray, adjusted: np.ndarray, *, title: str = "",
    benchmarks: Sequence[tuple[str, float, float]] = (),
) -> Figure:  # fmt: skip
    """Contours of what the effect would be, by what a confounder explains of treatment and outcome.

    Parameters
    ----------
    treatment_r2 : float64, shape (n_columns,)
        Share of the treatment's remaining variance that the confounder explains, in [0, 1).
    outcome_r2 : float64, shape (n_rows,)
        Share of the outcome's, in [0, 1].
    adjusted : float64, shape (n_rows, n_columns)
        The effect that would be left.
    title : str
    benchmarks : sequence of (name, treatment_r2, outcome_r2)
        Measured covariates to compare with.

    Raises
    ------
    ShapeError : arrays that do not fit each other.

    References
    ----------
    Cinelli, Hazlett (2020), Journal of the Royal Statistical Society B 82(1).
    """
    if adjusted.shape != (len(outcome_r2), len(treatment_r2)):
        raise ShapeError(f"`adjusted` {adjusted.shape} must be ({len(outcome_r2)}, {len(treatment_r2)}).")
    from matplotlib.ticker import MaxNLocator

    figure, axes = blank(title, 3.8)
    levels = MaxNLocator(8).tick_values(adjusted.min(), adjusted.max())
    lines = axes.contour(treatment_r2, outcome_r2, adjusted, levels=levels[levels != 0], colors=MUTED, linewidths=0.9)
    axes.clabel(lines, fontsize=SIZE - 1.5, colors=INK)
    if adjusted.min() < 0 < adjusted.max():
        zero = axes.contour(treatment_r2, outcome_r2, adjusted, levels=[0], colors=PALETTE[1], linewidths=2.2)
        axes.clabel(zero, fontsize=SIZE, colors=PALETTE[1], fmt=lambda level: "no effect left")
    for name, x, y in benchmarks:
        axes.plot(x, y, "D", color=PALETTE[0], ms=6)
        axes.annotate(
            shown(name, 30), (x, y), xytext=(7, 3), textcoords="offset points", size=SIZE, color=INK, parse_math=False
        )
    axes.set_xlabel("share of the treatment explained by the confounder", color=MUTED, size=SIZE)
    axes.set_ylabel("share of the outcome explained", color=MUTED, size=SIZE)
    axes.grid(color=FAINT, lw=0.5)
    return figure
