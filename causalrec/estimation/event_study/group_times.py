"""Effects of each cohort in each period."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from causalrec.estimation.event_study.panel import Panel

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["Cells", "GroupTimes"]


@dataclass(frozen=True, slots=True, eq=False)
class Cells:
    """Cohorts in periods as they are computed, one entry each; cohort and period are positions among the periods."""

    cohort: list[int] = field(default_factory=list)
    period: list[int] = field(default_factory=list)
    value: list[float] = field(default_factory=list)
    stderr: list[float] = field(default_factory=list)
    n_treated: list[int] = field(default_factory=list)
    n_others: list[int] = field(default_factory=list)

    def add(self, cohort: int, period: int, value: float, stderr: float, n_treated: int, n_others: int) -> None:
        """One more."""
        columns = (self.cohort, self.period, self.value, self.stderr, self.n_treated, self.n_others)
        for column, entry in zip(columns, (cohort, period, value, stderr, n_treated, n_others), strict=True):
            column.append(entry)  # type: ignore[attr-defined]


@dataclass(frozen=True, slots=True, eq=False)
class GroupTimes:
    """Effect of each cohort in each period against the cohort's base period, where somebody is compared with.

    Attributes
    ----------
    cohort, period : tuple, length k
        Period in which treatment starts, and that of the outcome; by cohort, then period.
    event_time : int64, shape (k,)
        Periods since treatment started; placebos below 0.
    value, stderr : float64, shape (k,)
        In the outcome's unit; the error is NaN where one side is a single unit or cluster, which
        shows no spread.
    n_treated, n_others : int64, shape (k,)
        Units of the cohort, and those they are compared with.
    """

    cohort: tuple
    period: tuple
    event_time: np.ndarray
    value: np.ndarray
    stderr: np.ndarray
    n_treated: np.ndarray
    n_others: np.ndarray

    @classmethod
    def of(cls, panel: Panel, cells: Cells) -> GroupTimes:
        """From positions of periods to their names."""
        cohort, period = (tuple(panel.periods[at] for at in places) for places in (cells.cohort, cells.period))
        event = panel.clock[cells.period] - panel.clock[cells.cohort]
        numbers = (np.array(column) for column in (cells.value, cells.stderr, cells.n_treated, cells.n_others))
        return cls(cohort, period, event, *numbers)

    def to_frame(self) -> pd.DataFrame:
        """One row a cohort and period."""
        import pandas as pd

        return pd.DataFrame({name: getattr(self, name) for name in self.__slots__})
