"""Mean outcome by dose, with its intervals and the band that holds for all doses."""

from __future__ import annotations

from typing import TYPE_CHECKING

from causalrec.charts.style import ACCENT, FAINT, MUTED, SIZE, Numbers, blank, same_length, shown

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["dose_chart"]


def dose_chart(
    doses: Numbers, values: Numbers, lower: Numbers, upper: Numbers, band_lower: Numbers, band_upper: Numbers, *,
    dose_name: str = "", unit: str = "", title: str = "",
) -> Figure:  # fmt: skip
    """A curve through the doses, an interval at each, and a band around them all.

    Parameters
    ----------
    doses : sequence of float, length n_doses
        In ascending order.
    values, lower, upper : sequence of float, length n_doses
        Estimates and the interval of each by itself.
    band_lower, band_upper : sequence of float, length n_doses
        Intervals that hold together.
    dose_name, unit : str
        Names of the two axes.
    title : str

    Raises
    ------
    ShapeError : columns of different lengths.
    """
    dose, value, low, high, band_low, band_high = same_length(
        doses=doses, values=values, lower=lower, upper=upper, band_lower=band_lower, band_upper=band_upper
    )  # fmt: skip
    figure, axes = blank(title, 2.9)
    axes.fill_between(dose, band_low, band_high, color=ACCENT, alpha=0.13, linewidth=0, zorder=1)
    axes.vlines(dose, low, high, colors=ACCENT, lw=2, zorder=3)
    axes.plot(dose, value, color=ACCENT, lw=1.4, zorder=2)
    axes.scatter(dose, value, c=ACCENT, s=36, linewidths=0, zorder=4)
    axes.set_xlabel(shown(dose_name, 90), color=MUTED, size=SIZE, parse_math=False)
    axes.set_ylabel(shown(unit, 60), color=MUTED, size=SIZE, parse_math=False)
    axes.grid(axis="y", color=FAINT, lw=0.7)
    return figure
