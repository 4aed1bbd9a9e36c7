"""How long the intervals of a switchback should be, and how many it needs, from what was seen before."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from causalrec.errors import DataError
from causalrec.estimation.experiments.plan import ExperimentPlan
from causalrec.estimation.experiments.switchback import refuse_periods

__all__ = ["SwitchbackPlan", "switchback_plan"]

FEWEST = 10  # intervals of a length that tell its variance


@dataclass(frozen=True, slots=True)
class SwitchbackPlan:
    """Lengths of an interval, and what each costs.

    Attributes
    ----------
    effect, power, carry_over
        What was asked.
    intervals : tuple of int
        Lengths, in periods.
    spread : tuple of float
        Standard deviation of the mean of one interval, its first `carry_over` periods left out.
    n_intervals : tuple of int
        Intervals that see the effect with that chance.
    n_periods : tuple of int
        Unit-periods that they take.
    """

    effect: float
    power: float
    carry_over: int
    intervals: tuple[int, ...]
    spread: tuple[float, ...]
    n_intervals: tuple[int, ...]
    n_periods: tuple[int, ...]

    @property
    def best(self) -> int:
        """Length that takes the fewest unit-periods."""
        return self.intervals[int(np.argmin(self.n_periods))]

    def __str__(self) -> str:
        head = (
            f"Switchback that sees an effect of {self.effect:g} with a chance of {self.power:.0%}, carry-over "
            f"{self.carry_over} periods; the best interval is {self.best}"
        )
        rows = zip(self.intervals, self.spread, self.n_intervals, self.n_periods, strict=True)
        lines = [f"  {i:>8,}  {s:>10.4g}  {n:>9,}  {p:>12,}" for i, s, n, p in rows]
        return "\n".join(
            [head, f"  {'interval':>8}  {'deviation':>10}  {'intervals':>9}  {'unit-periods':>12}", *lines]
        )


def switchback_plan(
    history: np.ndarray, effect: float, *, carry_over: int = 0, intervals: tuple[int, ...] = (1, 2, 4, 8, 12, 24),
    power: float = 0.8, level: float = 0.05,
) -> SwitchbackPlan:  # fmt: skip
    """Plan a switchback from a history without switches.

    Short intervals give many comparisons, but lose their first periods to carry-over; long ones average out what
    neighbouring periods share less well. The history says which weighs more.

    Parameters
    ----------
    history : float64, shape (n_units, n_periods)
        Outcome of each unit in each period, in time.
    effect : float
        Smallest effect that matters, in the outcome's unit.
    carry_over : int
        Periods for which a treatment still acts.
    intervals : tuple of int
        Lengths to compare; those no longer than the carry-over, or too long for the history, are left out.
    power, level : float

    Raises
    ------
    DataError : a history that is no table of finite numbers, or too short for every length; a number of periods that
        is none.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> plan = switchback_plan(rng.normal(size=(4, 500)), 0.2, carry_over=1)
    >>> plan.best
    24
    """
    refuse_periods("carry_over", carry_over, 0)
    if not isinstance(intervals, Iterable):
        raise DataError(f"`intervals` is {intervals!r}; it is the lengths to compare, such as (1, 2, 4).")
    intervals = tuple(intervals)
    for interval in intervals:
        refuse_periods("intervals", interval, 1)
    try:
        history = np.asarray(history, dtype=float)
    except (TypeError, ValueError):
        raise DataError(
            "`history` must be numbers, one row a unit and one column a period, all rows as long."
        ) from None
    if history.ndim != 2 or not np.isfinite(history).all():
        raise DataError(f"`history` {history.shape} must be finite numbers, one row a unit and one column a period.")
    fitting = [i for i in intervals if i > carry_over and history.shape[0] * (history.shape[1] // i) >= FEWEST]
    if not fitting:
        raise DataError(
            f"No interval of {', '.join(map(str, intervals))} is longer than the carry-over of {carry_over} and occurs "
            f"{FEWEST} times in {history.shape[1]:,} periods of {history.shape[0]:,} units."
        )
    spread = [_spread(history, interval, carry_over) for interval in fitting]
    needed = [ExperimentPlan(s, level=level).sample_size(effect, power) for s in spread]
    periods = tuple(n * interval for n, interval in zip(needed, fitting, strict=True))
    return SwitchbackPlan(effect, power, carry_over, tuple(fitting), tuple(spread), tuple(needed), periods)


def _spread(history: np.ndarray, interval: int, carry_over: int) -> float:
    """Standard deviation of an interval's mean, levels of units taken off."""
    n_units, n_blocks = len(history), history.shape[1] // interval
    blocks = history[:, : n_blocks * interval].reshape(n_units, n_blocks, interval)[:, :, carry_over:].mean(axis=2)
    left = blocks - blocks.mean(axis=1, keepdims=True)
    return float(np.sqrt((left**2).sum() / max(1, n_units * (n_blocks - 1))))
