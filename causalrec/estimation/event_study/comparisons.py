"""Which units are compared with which, for each cohort and period."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from causalrec.errors import EstimationError
from causalrec.estimation.event_study.changes import difference_of_changes
from causalrec.estimation.event_study.panel import Panel

__all__ = ["COMPARISONS", "Comparison", "comparisons"]

COMPARISONS = ("not yet treated", "never treated")


@dataclass(frozen=True, slots=True, eq=False)
class Comparison:
    """One cohort in one period, against its base period and other units.

    Attributes
    ----------
    cohort, period, base : int
        Positions among the periods; the cohort's is that in which its treatment starts.
    treated, others : bool, shape (n_units,)
        Units of the cohort, and those they are compared with: seen in both periods.
    """

    cohort: int
    period: int
    base: int
    treated: np.ndarray
    others: np.ndarray

    @property
    def possible(self) -> bool:
        """Whether there are units on both sides."""
        return bool(self.treated.any() and self.others.any())

    @property
    def after(self) -> bool:
        """Whether the period is one of treatment."""
        return self.period >= self.cohort

    def effect(self, panel: Panel) -> tuple[float, np.ndarray, np.ndarray]:
        """The cohort's effect in the period, positions of the units it rests on, and the influence of each.

        Raises
        ------
        EstimationError : covariates tell the cohort and the others apart.
        """
        units = np.flatnonzero(self.treated | self.others)
        now, before = panel.row[units, self.period], panel.row[units, self.base]
        X = np.column_stack([np.ones(len(units)), panel.covariates[before]])
        change = panel.outcome[now] - panel.outcome[before]
        try:
            value, influence = difference_of_changes(change, self.treated[units], X, panel.weight[units])
        except EstimationError as error:
            raise EstimationError(
                f"Units treated from {panel.periods[self.cohort]} on ({self.treated.sum():,}) cannot be compared with "
                f"the {self.others.sum():,} others in {panel.periods[self.period]}: {error} Adjust for fewer "
                f"covariates, or leave that cohort out."
            ) from error
        return value, units, influence


def comparisons(panel: Panel, comparison: str, anticipation: int) -> Iterator[Comparison]:
    """Every cohort in every period but its base period, the last one before treatment is anticipated.

    Others are units that are never treated, or that are not treated in either period, nor about to be.
    """
    clock, n_periods = panel.clock, panel.n_periods
    starts = np.append(clock, np.iinfo(np.int64).max)[panel.start]
    for cohort in np.unique(panel.start[panel.known & ~panel.never & (panel.weight > 0)]):
        earlier = np.flatnonzero(clock < clock[cohort] - anticipation)
        if not len(earlier):
            continue
        base = int(earlier[-1])
        for period in [t for t in range(n_periods) if t != base]:
            seen = panel.seen(period, base)
            late = panel.never if comparison == "never treated" else starts > clock[max(period, base)] + anticipation
            of_cohort = (panel.start == cohort) & panel.known
            yield Comparison(int(cohort), period, base, seen & of_cohort, seen & late & ~of_cohort)
