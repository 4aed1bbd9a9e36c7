"""Every specification's estimate, and which choices each is made of."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from causalrec.charts.style import ACCENT, FAINT, MUTED, SIZE, Numbers, bare, blank, same_length, shown
from causalrec.errors import ShapeError

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = ["specification_chart"]

ROW, TOP = 0.21, 2.3  # inches


def specification_chart(
    values: Numbers, lower: Numbers, upper: Numbers, choices: Mapping[str, Sequence[str]], *,
    original: float | None = None, unit: str = "", title: str = "",
) -> Figure:  # fmt: skip
    """Estimates from the smallest to the largest, above a grid that says how each was made.

    Parameters
    ----------
    values, lower, upper : sequence of float, length n_specifications
        Estimates and their intervals, in `unit`.
    choices : mapping of str to sequence of str, each of length n_specifications
        Kind of choice, such as "estimator" or "adjusted for", to what each specification took.
    original : float, optional
        The effect that was reported.
    unit, title : str

    Raises
    ------
    ShapeError : columns of different lengths, or no choices.
    """
    if not choices:
        raise ShapeError("A specification chart needs at least one kind of choice.")
    value, low, high, *taken = same_length(values=values, lower=lower, upper=upper, **choices)
    order = np.argsort(value, kind="stable")
    value, low, high = (column[order].astype(float) for column in (value, low, high))
    rows = [
        (kind, option) for kind, column in zip(choices, taken, strict=True) for option in dict.fromkeys(column.tolist())
    ]
    figure, axes = blank(title, TOP + ROW * len(rows) + 0.4)
    axes.remove()
    upper_axes, grid = figure.subplots(2, 1, sharex=True, height_ratios=[TOP, ROW * len(rows) + 0.3])
    for one in (upper_axes, grid):
        bare(one)
        one.tick_params(labelcolor=MUTED)
    _curve(upper_axes, value, low, high, original, unit)
    _options(grid, rows, dict(zip(choices, taken, strict=True)), order)
    return figure


def _curve(axes: Axes, value: np.ndarray, low: np.ndarray, high: np.ndarray, original: float | None, unit: str) -> None:
    place = np.arange(len(value))
    colours = [ACCENT if a > 0 or b < 0 else MUTED for a, b in zip(low, high, strict=True)]
    axes.axhline(0, color=MUTED, lw=1)
    if original is not None:
        axes.axhline(original, color=ACCENT, lw=1, ls=(0, (4, 3)))
    axes.vlines(place, low, high, colors=colours, lw=1.4, alpha=0.6)
    axes.scatter(place, value, c=colours, s=16, linewidths=0, zorder=3)
    axes.set_ylabel(shown(unit, 40), color=MUTED, size=SIZE, parse_math=False)
    axes.grid(axis="y", color=FAINT, lw=0.7)
    axes.tick_params(labelbottom=False)


def _options(
    axes: Axes, rows: list[tuple[str, str]], taken: Mapping[str, np.ndarray], order: np.ndarray
) -> None:  # fmt: skip
    for at, (kind, option) in enumerate(rows):
        axes.scatter(np.flatnonzero(taken[kind][order] == option), [at] * int((taken[kind] == option).sum()),
                     marker="|", s=46, color=ACCENT, linewidths=1.6)  # fmt: skip
        if at and rows[at - 1][0] != kind:
            axes.axhline(at - 0.5, color=FAINT, lw=0.8)
    axes.set_yticks(range(len(rows)), [shown(f"{kind}: {option}", 40) for kind, option in rows], parse_math=False)
    axes.set_ylim(len(rows) - 0.4, -0.6)
    axes.set_xticks([])
    axes.set_xlabel(f"{len(order)} specifications", color=MUTED, size=SIZE)
