"""Switchback experiments: a market is switched on and off, interval by interval."""

from __future__ import annotations

from dataclasses import replace
from typing import Self

import numpy as np

from causalrec.data.design import Design
from causalrec.data.ids import crossed
from causalrec.errors import DataError, EstimationError
from causalrec.estimation.estimators import InfluenceEstimator
from causalrec.estimation.event_study.periods import clock_of
from causalrec.estimation.event_study.unit_periods import unit_and_time
from causalrec.estimation.linear.absorbed_regression import AbsorbedRegression
from causalrec.estimation.linear.ols import OLS

__all__ = ["Switchback", "refuse_periods"]


class Switchback(InfluenceEstimator):
    """Effect of being on all the time against off, where the treatment of an interval carries over into the next.

    The first `carry_over` periods of each interval still feel the one before and are left out; what is left of an
    interval depends on its own treatment alone, so intervals are the clusters. Where all units are switched
    together an interval of all of them is one cluster; where they are not, periods are compared within themselves.
    Levels of units are held fixed. Assumes that intervals were switched at random,
    independently, and that nothing carries over for longer than `carry_over` periods (Bojinov, Simchi-Levi, Zhao
    2023, Management Science 69(7), who also show how to test it).

    The adjustment set holds two nodes bound with `absorbed`, one a unit and one a period; further covariates, such as
    the hour of the day, are adjusted for linearly.

    Parameters
    ----------
    unit, time : str
        Columns of units (markets, stores) and periods.
    interval : int
        Periods between two switches.
    carry_over : int
        Periods for which a treatment still acts after it was switched off; less than `interval`.
    first : int
        Position of the first period of an interval, counted from the first period of the data.

    Attributes
    ----------
    value_ : float64, shape (1,)
    n_intervals_ : int
        Intervals that were assigned on their own.

    Examples
    --------
    >>> on = np.repeat([1.0, 0, 1, 1, 0, 0, 1, 0], 2)[:, None]
    >>> shop, hour = np.zeros(16, dtype=int), np.arange(16)
    >>> rows = Design(3 * on[:, 0] + 0.1 * (hour % 5), on, np.empty((16, 0)), (shop, hour), {})
    >>> found = Switchback("shop", "hour", interval=2, carry_over=1).fit(rows)
    >>> found.value_.round(1), found.n_intervals_
    (array([3.]), 8)
    """

    def __init__(self, unit: str, time: str, *, interval: int, carry_over: int = 0, first: int = 0):
        self.unit = unit
        self.time = time
        self.interval = interval
        self.carry_over = carry_over
        self.first = first

    def fit(self, design: Design) -> Self:
        """Estimate from a design of a flat table, one row a unit and period.

        Raises
        ------
        DataError : a parameter out of range, or a design without the two columns.
        EstimationError : a treatment that changes within an interval, or too few intervals.
        """
        self._refuse()
        unit, period = _unit_and_period(design, self.unit, self.time)
        place, since = np.divmod(period - self.first, self.interval)
        place -= place.min()
        t = design.treatments[:, 0]
        _refuse_changes(design, crossed(unit, place)[0], self.interval)
        together = _same_within(t, place)
        group = np.zeros_like(unit) if together else unit
        kept = since >= self.carry_over
        if not kept.any():
            raise EstimationError("No period is left once the first of each interval are: nothing remains to compare.")
        rows = _rows(design, unit, None if together else period, crossed(group, place)[0], kept)
        fitted = _regress(rows)
        self.n_intervals_ = rows.n_clusters["interval"]
        return self._keep(
            rows, value=fitted.value_, influence=fitted.influence_, n_parameters=fitted.n_parameters_,
            method=f"switchback in intervals of {self.interval}, the first {self.carry_over} of each left out",
            diagnostics={
                "intervals": float(self.n_intervals_), "share of rows left out": float(1 - kept.mean()),
                **_carried_over(rows, _before(group, place, t)[kept]),
            },
        )  # fmt: skip

    def _refuse(self) -> None:
        for name, least in (("interval", 1), ("carry_over", 0), ("first", 0)):
            refuse_periods(name, getattr(self, name), least)
        if self.carry_over >= self.interval:
            raise DataError(
                f"A carry-over of {self.carry_over} leaves nothing of intervals of {self.interval} periods: make them "
                f"longer."
            )


def refuse_periods(name: str, value: int, least: int) -> None:
    """
    Raises
    ------
    DataError : not a whole number, or less than `least`.
    """
    if isinstance(value, bool) or not isinstance(value, int | np.integer) or value < least:
        raise DataError(f"`{name}` is {value!r}; it is a number of periods, {least} or more.")


def _unit_and_period(design: Design, unit: str, time: str) -> tuple[np.ndarray, np.ndarray]:
    """Codes of the unit, and the period counted from the first, of each row."""
    units, times = unit_and_time(design, unit, time, "a switchback", alone=True)
    if not design.n:
        raise EstimationError("The table is empty: there is nothing to estimate from.")
    clock, _, place = clock_of(design, times, time)
    return design.absorbed[units], clock[place]


def _refuse_changes(design: Design, own: np.ndarray, interval: int) -> None:
    name, t = design.treatment_names[0], design.treatments[:, 0]
    if design.treatments.shape[1] != 1 or not np.isin(t, (0.0, 1.0)).all():
        raise EstimationError(f"A switchback has one treatment, on or off; {name!r} has other values.")
    count, on = np.bincount(own), np.bincount(own, t)
    if mixed := int(((on > 0) & (on < count)).sum()):
        raise EstimationError(
            f"{name!r} changes within {mixed:,} of {len(count):,} intervals of {interval} periods: give the `interval` "
            f"between two switches, and `first`, the position where the first one begins."
        )


def _same_within(t: np.ndarray, place: np.ndarray) -> bool:
    """Whether all units are switched together."""
    count, on = np.bincount(place), np.bincount(place, t)
    return bool(((on == 0) | (on == count)).all())


def _rows(
    design: Design, unit: np.ndarray, period: np.ndarray | None, block: np.ndarray, kept: np.ndarray
) -> Design:  # fmt: skip
    """The rows that count, clustered by interval, with levels of units and of periods that differ held fixed."""
    held = [codes for codes in (unit, period) if codes is not None and codes[kept].any() and np.ptp(codes[kept])]
    rows = replace(design, absorbed=tuple(held), absorbed_names=(), absorbed_levels=()).rows(kept)
    codes = np.unique(block[kept], return_inverse=True)[1]
    return replace(rows, clusters={"interval": codes, **rows.clusters})


def _regress(rows: Design) -> InfluenceEstimator:
    return (AbsorbedRegression() if rows.absorbed else OLS()).fit(rows)


def _before(group: np.ndarray, place: np.ndarray, t: np.ndarray) -> np.ndarray:
    """Treatment of the interval before each row's, NaN where there is none; float64, shape (n,)."""
    joint = group * (int(place.max()) + 2) + place + 1  # one number is left free between two groups
    keys, first = np.unique(joint, return_index=True)
    at = np.minimum(np.searchsorted(keys, joint - 1), len(keys) - 1)
    return np.where(keys[at] == joint - 1, t[first[at]], np.nan)


def _carried_over(rows: Design, before: np.ndarray) -> dict[str, float]:
    """What the interval before still does in the periods that count, with its error; it should be nothing."""
    known = np.isfinite(before)
    if len(np.unique(before[known])) < 2:
        return {}
    names = (rows.treatment_names[0], "interval before")
    both = replace(
        rows, treatments=np.column_stack([rows.treatments[:, 0], np.nan_to_num(before)]), treatment_names=names
    )
    try:
        fitted = _regress(both.rows(known))
        return {"carry-over left": float(fitted.value_[1]), "its standard error": float(fitted.stderr_[1])}
    except EstimationError:
        return {}
