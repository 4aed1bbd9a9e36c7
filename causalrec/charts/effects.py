"""Effects under each other, each with its interval and its numbers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from causalrec.charts.style import ACCENT, FAINT, INK, MUTED, SIZE, Numbers, blank, decimals, number, same_length, shown

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = ["effects_chart", "kinds_chart"]


def effects_chart(
    names: Sequence[str], values: Numbers, lower: Numbers, upper: Numbers, *,
    unit: str = "", title: str = "", highlight: str | None = None, reference: float = 0.0,
) -> Figure:  # fmt: skip
    """One row an adjustment, in the order given, the one to trust in colour.

    Parameters
    ----------
    names : sequence of str, length n_rows
    values, lower, upper : sequence of float, length n_rows
        Estimates and their intervals, in `unit`.
    unit : str
    title : str
        What the picture says, as a sentence.
    highlight : str, optional
        Name of the row to colour.
    reference : float
        Where "no effect" is.

    Raises
    ------
    ShapeError : columns of different lengths.
    """
    labels, value, low, high = same_length(names=names, values=values, lower=lower, upper=upper)
    figure, axes = blank(title, 0.55 + 0.31 * len(labels))
    colours = [ACCENT if label == highlight or not highlight else MUTED for label in labels]
    axes.axvline(reference, color=MUTED, lw=1, zorder=1)
    place = np.arange(len(labels))
    axes.hlines(place, low, high, colors=colours, lw=2, zorder=2)
    axes.scatter(value, place, c=colours, s=34, zorder=3, linewidths=0)
    axes.set_yticks(place, [shown(label) for label in labels], parse_math=False)
    _bold(axes, labels.tolist(), highlight)
    _numbers(axes, value, low, high)
    axes.set_ylim(len(labels) - 0.4, -0.6)
    axes.set_xlabel(shown(unit, 90), color=MUTED, size=SIZE, parse_math=False)
    axes.grid(axis="x", color=FAINT, lw=0.7)
    axes.locator_params(axis="x", nbins=5 if max(map(len, map(shown, labels))) < 34 else 3)
    return figure


def kinds_chart(
    names: Sequence[str], values: Numbers, lower: Numbers, upper: Numbers, *,
    unit: str = "", title: str = "", counts: Sequence[int] | None = None, reference: float = 0.0,
) -> Figure:  # fmt: skip
    """Effect by kind, the largest on top; parameters as in `effects_chart`.

    Parameters
    ----------
    counts : sequence of int, optional
        How many items each kind has, written behind its name.
    """
    labels, value, low, high = same_length(names=names, values=values, lower=lower, upper=upper)
    order = np.argsort(-value, kind="stable")
    if counts is not None:
        labels = np.array([f"{shown(name, 30)} ({count:,})" for name, count in zip(labels, counts, strict=True)])
    return effects_chart(
        labels[order].tolist(), value[order].tolist(), low[order].tolist(), high[order].tolist(),
        unit=unit, title=title, reference=reference,
    )  # fmt: skip


def _bold(axes: Axes, names: Sequence[str], highlight: str | None) -> None:
    for label, name in zip(axes.get_yticklabels(), names, strict=True):
        label.set_fontweight("bold" if name == highlight else "normal")


def _numbers(axes: Axes, values: np.ndarray, lower: np.ndarray, upper: np.ndarray) -> None:
    """Estimate and interval as text at the right edge of each row."""
    digits = decimals(upper - lower)
    for place, row in enumerate(zip(values, lower, upper, strict=True)):
        value, low, high = (number(x, digits) for x in row)
        axes.annotate(
            f"{value}  ({low} to {high})", (1, place), xycoords=("axes fraction", "data"), xytext=(8, 0),
            textcoords="offset points", va="center", ha="left", size=SIZE - 1, color=INK, annotation_clip=False,
        )  # fmt: skip
