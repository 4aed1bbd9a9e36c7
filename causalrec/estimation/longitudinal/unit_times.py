"""Where the rows of a panel stand: which unit, which period, and what was there some periods before."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from causalrec.data.design import Design
from causalrec.errors import DataError
from causalrec.estimation.event_study.periods import clock_of
from causalrec.estimation.event_study.unit_periods import is_mostly_empty, rows_by_period, unit_and_time

__all__ = ["UnitTimes", "unit_times"]

GAPS = ("refuse", "drop")


@dataclass(frozen=True, slots=True, eq=False)
class UnitTimes:
    """One row a unit and period, at most.

    Attributes
    ----------
    unit, period : int64, shape (n,)
        Unit and time of each row; times are counted in periods from 0.
    row : int64, shape (n_units, n_periods)
        Row of each unit in each period, -1 where it was not seen.

    Examples
    --------
    >>> seen = UnitTimes(np.array([0, 0]), np.array([0, 1]), np.array([[0, 1]]))
    >>> seen.shifted(np.array([5.0, 7.0]), 1).tolist()
    [nan, 5.0]
    """

    unit: np.ndarray
    period: np.ndarray
    row: np.ndarray

    def shifted(self, values: np.ndarray, lag: int) -> np.ndarray:
        """What the unit had `lag` periods before each row (after it where negative), NaN where it was not seen.

        float64, shape (n,).
        """
        then = self.period - lag
        inside = (then >= 0) & (then < self.row.shape[1])
        place = np.where(inside, self.row[self.unit, np.where(inside, then, 0)], -1)
        return np.where(place >= 0, values[place], np.nan)

    def with_gaps(self) -> np.ndarray:
        """Units that were not seen in some period between their first and their last; bool, shape (n_units,)."""
        seen = self.row >= 0
        first, last = seen.argmax(axis=1), seen.shape[1] - 1 - seen[:, ::-1].argmax(axis=1)
        return seen.sum(axis=1) < last - first + 1


def unit_times(design: Design, unit: str, time: str, *, gaps: str = "refuse") -> UnitTimes:
    """The rows of a design by unit and period, which its adjustment set holds fixed.

    Raises
    ------
    DataError : units or times that the design does not hold fixed; a unit twice in a period; periods without an order;
        with gaps="refuse", a unit that was not seen in between.
    """
    if gaps not in GAPS:
        raise DataError(f"gaps is {gaps!r}; choose {' or '.join(map(repr, GAPS))}.")
    units, times = unit_and_time(design, unit, time, "a regression on earlier treatments", alone=False)
    levels, u = np.unique(design.absorbed[units], return_inverse=True)
    clock, _, place = clock_of(design, times, time)
    found = UnitTimes(u, clock[place], _rows(u, clock[place], len(levels), unit, time))
    if gaps == "refuse" and (n_torn := int(found.with_gaps().sum())):
        raise DataError(
            f"{n_torn:,} of {len(levels):,} values of {unit!r} were not seen in some {time} between their first and "
            f"their last, so that their earlier treatments are not known. Fill in those rows, or pass gaps='drop' to "
            f"leave out the rows whose earlier {time}s are missing."
        )
    return found


def _rows(u: np.ndarray, period: np.ndarray, n_units: int, unit: str, time: str) -> np.ndarray:
    n_periods = int(period.max(initial=-1)) + 1
    if is_mostly_empty(len(u), n_units, n_periods):
        raise DataError(
            f"{len(u):,} rows are spread over {n_units:,} values of {unit!r} and {n_periods:,} {time}s, so that hardly "
            f"any has the periods before it. Take coarser periods."
        )
    return rows_by_period(u, period, (n_units, n_periods), unit, time)
