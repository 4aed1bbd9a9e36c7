"""How strong a hidden confounder would have to be."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from causalrec.charts.style import FAINT, INK, MUTED, PALETTE, SIZE, blank, shown
from causalrec.errors import ShapeError

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = ["sensitivity_chart"]


def sensitivity_chart(
    treatment_r2: np.ndarray, outcome_r2: np.ndarray, adjusted: np.ndarray, *, title: str = "",
    benchmarks: Sequence[tuple[str, float, float]] = (), interval_end: np.ndarray | None = None,
    robustness: Sequence[tuple[str, float]] = (),
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
    interval_end : float64, shape (n_rows, n_columns), optional
        The end of its interval on the side of 0; a broken line shows where that reaches 0.
    robustness : sequence of (name, value)
        Strengths with treatment and outcome alike, marked on the diagonal.

    Raises
    ------
    ShapeError : arrays that do not fit each other.

    References
    ----------
    Cinelli, Hazlett (2020), Journal of the Royal Statistical Society B 82(1).
    """
    for name, values in {
        "adjusted": adjusted,
        "interval_end": adjusted if interval_end is None else interval_end,
    }.items():
        if values.shape != (len(outcome_r2), len(treatment_r2)):
            raise ShapeError(f"`{name}` {values.shape} must be ({len(outcome_r2)}, {len(treatment_r2)}).")
    from matplotlib.ticker import MaxNLocator

    figure, axes = blank(title, 3.8)
    levels = MaxNLocator(8).tick_values(adjusted.min(), adjusted.max())
    lines = axes.contour(treatment_r2, outcome_r2, adjusted, levels=levels[levels != 0], colors=MUTED, linewidths=0.9)
    axes.clabel(lines, fontsize=SIZE - 1.5, colors=INK)
    _zero(axes, treatment_r2, outcome_r2, adjusted, "no effect left", "solid")
    if interval_end is not None:
        _zero(axes, treatment_r2, outcome_r2, interval_end, "interval holds 0", "dashed")
    diagonal = [(name, value, value, "o", PALETTE[1]) for name, value in robustness]
    for name, x, y, marker, colour in [*((*one, "D", PALETTE[0]) for one in benchmarks), *diagonal]:
        axes.plot(x, y, marker, color=colour, ms=6, clip_on=False)
        right = x < treatment_r2[0] + 0.7 * (treatment_r2[-1] - treatment_r2[0])
        axes.annotate(
            shown(name, 30), (x, y), xytext=(7 if right else -7, 3), textcoords="offset points", size=SIZE, color=INK,
            ha="left" if right else "right", parse_math=False,
        )  # fmt: skip
    axes.set_xlabel("share of the treatment explained by the confounder", color=MUTED, size=SIZE)
    axes.set_ylabel("share of the outcome explained", color=MUTED, size=SIZE)
    axes.grid(color=FAINT, lw=0.5)
    return figure


def _zero(axes: Axes, x: np.ndarray, y: np.ndarray, values: np.ndarray, name: str, line: str) -> None:
    """The strengths at which nothing is left, where there are any."""
    if values.min() < 0 < values.max():
        axes.contour(x, y, values, levels=[0], colors=PALETTE[1], linewidths=2.2, linestyles=line)
        axes.plot([], [], color=PALETTE[1], lw=2.2, ls=line, label=name)
        axes.legend(loc="upper right", fontsize=SIZE, labelcolor=INK, framealpha=0.9, edgecolor=FAINT)
