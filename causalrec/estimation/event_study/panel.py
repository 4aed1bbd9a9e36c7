"""Units in periods: when each was treated first, and where its rows stand."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from causalrec.data.design import Design
from causalrec.errors import DataError, EstimationError
from causalrec.estimation.event_study.periods import clock_of
from causalrec.estimation.event_study.unit_periods import is_mostly_empty, rows_by_period, unit_and_time

__all__ = ["Panel", "panel_of"]


@dataclass(frozen=True, slots=True, eq=False)
class Panel:
    """One row a unit and period, at most; treatment starts once and stays.

    Attributes
    ----------
    unit : int64, shape (n,)
        Unit of each row, 0 to n_units - 1.
    period : int64, shape (n,)
        Period of each row, 0 to n_periods - 1.
    row : int64, shape (n_units, n_periods)
        Row of each unit in each period, -1 where it was not seen.
    start : int64, shape (n_units,)
        Period in which a unit's treatment starts, `n_periods` where it never does.
    known : bool, shape (n_units,)
        Whether a unit was seen before its treatment started; the others have nothing to be compared with.
    clock : int64, shape (n_periods,)
        Time of each period, in periods.
    periods : tuple
        What the periods are called.
    outcome : float64, shape (n,)
    covariates : float64, shape (n, p)
        Standardised.
    weight : float64, shape (n_units,)
    treatment : str
    """

    unit: np.ndarray
    period: np.ndarray
    row: np.ndarray
    start: np.ndarray
    known: np.ndarray
    clock: np.ndarray
    periods: tuple
    outcome: np.ndarray
    covariates: np.ndarray
    weight: np.ndarray
    treatment: str

    @property
    def n_units(self) -> int:
        """Number of units."""
        return len(self.start)

    @property
    def n_periods(self) -> int:
        """Number of periods."""
        return len(self.clock)

    @property
    def never(self) -> np.ndarray:
        """Units that are never treated, as far as they were seen; bool, shape (n_units,)."""
        return self.start == self.n_periods

    def seen(self, *periods: int) -> np.ndarray:
        """Units that count and were seen in each of some periods; bool, shape (n_units,)."""
        return (self.row[:, list(periods)] >= 0).all(axis=1) & (self.weight > 0)


def panel_of(design: Design, unit: str, time: str) -> Panel:
    """The rows of a design as a panel.

    Raises
    ------
    DataError : groups that the design does not hold fixed; a unit twice in a period; periods without an order; a
        treatment that is not 0 and 1; weights that change within a unit.
    EstimationError : treatment that is switched off, or on between two periods that were seen; one period; units that
        are seen once.
    """
    units, times = unit_and_time(design, unit, time, "a difference of differences", alone=True)
    if not design.n:
        raise EstimationError("The table is empty: there is nothing to estimate from.")
    levels, u = np.unique(design.absorbed[units], return_inverse=True)
    clock, periods, t = clock_of(design, times, time)
    treated = _treated(design)
    row = _rows(u, t, len(levels), len(clock), unit, time)
    if (row >= 0).sum(axis=1).max() < 2:
        raise EstimationError(
            f"Each {unit} is seen in one period: these are repeated cross-sections. A difference of differences by "
            f"{unit} needs a panel; name as `unit` what is seen again, such as a region, with one row a {time}."
        )
    start, known = _starts(row, treated, unit, time, design.treatment_names[0])
    covariates = design.matrix()
    if not (np.isfinite(design.outcome).all() and np.isfinite(covariates).all()):
        raise EstimationError("Outcome or covariates are not finite in some rows; drop them or fill them in.")
    return Panel(
        u, t, row, start, known, clock, periods, np.asarray(design.outcome), _standardised(covariates),
        _weights(design, u, len(levels), unit), design.treatment_names[0],
    )  # fmt: skip


def _treated(design: Design) -> np.ndarray:
    name = design.treatment_names[0]
    if design.treatments.shape[1] != 1:
        raise DataError(f"Difference in differences takes one treatment, not {design.treatments.shape[1]}.")
    treated = design.treatments[:, 0]
    if not np.isin(treated, (0.0, 1.0)).all():
        raise DataError(f"{name!r} must be 0 or 1 in every row; difference in differences has no doses yet.")
    return treated == 1


def _rows(u: np.ndarray, t: np.ndarray, n_units: int, n_periods: int, unit: str, time: str) -> np.ndarray:
    if n_periods < 2:
        raise EstimationError(f"There is one {time} in the table, so nothing shows what was before the treatment.")
    if is_mostly_empty(len(u), n_units, n_periods):
        raise EstimationError(
            f"{len(u):,} rows are spread over {n_units:,} values of {unit!r} and {n_periods:,} of {time!r}, so that "
            f"hardly any is seen before and after. Take coarser periods, such as weeks or months."
        )
    return rows_by_period(u, t, (n_units, n_periods), unit, time)


def _starts(row: np.ndarray, treated: np.ndarray, unit: str, time: str, name: str) -> tuple[np.ndarray, np.ndarray]:
    """First treated period of each unit, and whether a period before it was seen."""
    n_periods = row.shape[1]
    seen, on = row >= 0, (row >= 0) & treated[row]
    start = np.where(on.any(axis=1), on.argmax(axis=1), n_periods)
    after = np.arange(n_periods) >= start[:, None]
    if off := int((seen & after & ~on).any(axis=1).sum()):
        raise EstimationError(
            f"{name!r} is switched off again in {off:,} of {len(row):,} values of {unit!r}; here treatment starts once "
            f"and stays. Ask for the effect of having been treated (1 from the first time on), or hold the groups "
            f"fixed with AbsorbedRegression, which takes the effect as one number."
        )
    before = np.where(seen & ~after, np.arange(n_periods), -1).max(axis=1)
    gap = (start < n_periods) & (before >= 0) & (before < start - 1)
    if gap.any():
        raise EstimationError(
            f"In {int(gap.sum()):,} values of {unit!r} {name!r} starts after a {time} that was not seen, so that the "
            f"start is not known. Leave those out, or fill in their rows."
        )
    return start, (start == n_periods) | (before >= 0)


def _weights(design: Design, u: np.ndarray, n_units: int, unit: str) -> np.ndarray:
    if design.weight is None:
        return np.ones(n_units)
    if not (np.isfinite(design.weight).all() and (design.weight >= 0).all()):
        raise DataError("Weights must be finite and 0 or more.")
    if not design.weight.any():
        raise DataError("The weight is 0 in every row; no unit would count.")
    weight = np.zeros(n_units)
    weight[u] = design.weight
    if (moved := np.unique(u[weight[u] != design.weight])).size:
        raise DataError(f"The weight changes within {len(moved):,} values of {unit!r}; a unit has one weight.")
    return weight


def _standardised(covariates: np.ndarray) -> np.ndarray:
    """Columns of mean 0 and spread 1, which changes no estimate and keeps logistic steps well-conditioned."""
    spread = covariates.std(axis=0)
    return (covariates - covariates.mean(axis=0)) / np.where(spread > 0, spread, 1.0)
