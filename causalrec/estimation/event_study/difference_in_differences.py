"""Difference in differences with staggered adoption, and the event study of its leads and lags."""

from __future__ import annotations

from dataclasses import replace
from typing import Self

import numpy as np

from causalrec.data.design import Design
from causalrec.errors import DataError, EstimationError
from causalrec.estimation.effect import EffectEstimate
from causalrec.estimation.estimators import InfluenceEstimator
from causalrec.estimation.event_study.averages import OVERALL, Averages, averages_of
from causalrec.estimation.event_study.comparisons import COMPARISONS
from causalrec.estimation.event_study.effects_by import EffectsBy
from causalrec.estimation.event_study.group_times import GroupTimes
from causalrec.estimation.event_study.panel import Panel, panel_of
from causalrec.estimation.event_study.two_way_weights import two_way_weights
from causalrec.estimation.event_study.unit_clusters import covariance_of, unit_clusters
from causalrec.estimation.uncertainty.simultaneous import EqualityTest
from causalrec.identification import Estimand

__all__ = ["DifferenceInDifferences"]

ROUNDING = 1e-9  # of an even weight
FEW_UNITS = 10  # treated, or to be compared with, below which the normal theory of the error is not to be trusted


class DifferenceInDifferences(InfluenceEstimator):
    """Effect on the treated of a treatment that starts at different times and stays (Callaway, Sant'Anna 2021).

    Each cohort, the units whose treatment starts in one period, is compared in every period with units that are not
    treated yet (or never), both against the cohort's last period before treatment. The overall effect is the mean
    over all treated rows that have such a comparison, so no weight is negative. Assumes that without treatment the
    outcomes of both would have moved alike (within values of the covariates, where there are some), and that nobody
    reacts to the treatment more than `anticipation` periods ahead.

    The adjustment set holds two nodes bound with `absorbed`, one a unit and one a period; its other nodes are
    covariates, taken in the base period alone, and doubly robust (Sant'Anna, Zhao 2020). Rows of one unit depend on
    each other: errors are clustered by unit unless the design has coarser clusters.

    Parameters
    ----------
    unit, time : str
        Columns of units and periods.
    comparison : {"not yet treated", "never treated"}
        Which units a cohort is compared with.
    anticipation : int
        Periods before treatment in which units may already react.

    Attributes
    ----------
    by_event_time_, by_cohort_, by_period_ : EffectsBy
        Averages by periods since treatment started, before which they are placebos; by the period in which
        treatment started; by the period of the outcome. Left out is what rests on one unit or cluster on either
        side, whose spread nothing shows.
    group_times_ : GroupTimes
        Effects of each cohort in each period.
    leads_test_ : EqualityTest or None
        Joint test that the effects before treatment, and before its anticipation, are 0; None where there are none,
        or more of them than units or clusters.

    References
    ----------
    Callaway, Sant'Anna (2021), Journal of Econometrics 225(2). Sant'Anna, Zhao (2020), Journal of Econometrics 219(1).

    Examples
    --------
    >>> unit, week = np.repeat(np.arange(4), 2), np.tile([0, 1], 4)
    >>> shown = ((unit < 2) & (week == 1)).astype(float)[:, None]
    >>> spent = np.array([1.0, 4.0, 2.0, 6.0, 1.0, 2.0, 5.0, 7.0])
    >>> rows = Design(spent, shown, np.empty((8, 0)), (unit, week), {})
    >>> found = DifferenceInDifferences("shop", "week").fit(rows)
    >>> found.value_.tolist(), found.by_event_time_.at
    ([2.0], (0,))
    """

    target = "ATT"

    def __init__(self, unit: str, time: str, *, comparison: str = "not yet treated", anticipation: int = 0):
        self.unit = unit
        self.time = time
        self.comparison = comparison
        self.anticipation = anticipation

    def fit(self, design: Design) -> Self:
        """Estimate from a design of a flat table, one row a unit and period.

        Raises
        ------
        DataError : a parameter out of range; a design that holds other groups fixed; a unit twice in a period; text in
            place of times.
        EstimationError : treatment that is switched off again, nobody to be compared with, no overlap.
        """
        self._refuse_out_of_range()
        panel = panel_of(design, self.unit, self.time)
        clusters = unit_clusters(panel, design.clusters, self.unit)
        found = averages_of(panel, self.comparison, self.anticipation, clusters)
        overall = found.labels.index(OVERALL)
        self._refuse_one(found.n_apart[overall], panel)
        self._tabulate(panel, found, clusters)
        rows = np.bincount(panel.unit)
        influence = (found.influence[:, overall] * design.n / rows)[panel.unit]
        adjusted = f", {panel.covariates.shape[1]} covariates, doubly robust" if panel.covariates.shape[1] else ""
        return self._keep(
            design if design.clusters else replace(design, clusters={self.unit: panel.unit}),
            value=found.value[[overall]], influence=influence, n_parameters=1, target="ATT",
            method=f"difference in differences, against units {self.comparison}{adjusted}",
            diagnostics=self._diagnostics(design, panel, found),
        )  # fmt: skip

    def effect(self, estimand: Estimand, *, unit: str = "outcome") -> EffectEstimate:
        """The overall effect on the treated, with what to know of it.

        Raises
        ------
        NotFittedError : `fit` was not called.
        EstimationError : the error is not a finite number, or rests on two clusters.
        """
        found = super().effect(estimand, unit=unit)
        return replace(found, notes=(*found.notes, *self._notes()))

    def _refuse_out_of_range(self) -> None:
        if self.comparison not in COMPARISONS:
            raise DataError(f"comparison is {self.comparison!r}; choose {' or '.join(map(repr, COMPARISONS))}.")
        if self.anticipation < 0:
            raise DataError(f"anticipation is {self.anticipation}; it is a number of periods, 0 or more.")

    def _refuse_one(self, n_apart: int, panel: Panel) -> None:
        if n_apart < 2:
            raise EstimationError(
                f"All units with {panel.treatment!r}, or all that they are compared with, are one {self.unit} or lie "
                f"in one cluster: nothing shows how such units differ, so there is no error. Find more of them, or "
                f"cluster by something finer."
            )

    def _tabulate(self, panel: Panel, found: Averages, clusters: dict[str, np.ndarray]) -> None:
        kinds = ("event time", "cohort", "period")
        self.by_event_time_, self.by_cohort_, self.by_period_ = (
            effects_by(panel, found, clusters, kind) for kind in kinds
        )
        self.group_times_ = GroupTimes.of(panel, found.cells)
        leads = np.array(self.by_event_time_.at) < -self.anticipation
        self.leads_test_ = self._tested(leads)

    def _tested(self, leads: np.ndarray) -> EqualityTest | None:
        try:
            return self.by_event_time_.where(leads).zero_test() if leads.any() else None
        except EstimationError:  # more leads than clusters, or leads without spread
            return None

    def _diagnostics(self, design: Design, panel: Panel, found: Averages) -> dict[str, float]:
        treated, counts = ~panel.never, panel.weight > 0
        two_way = two_way_weights(design.treatments[:, 0] == 1, panel.unit, panel.period, design.weight)
        below = two_way < -ROUNDING / len(two_way)
        said = {
            "treated units": float((treated & panel.known & counts).sum()),
            "units never treated": float((panel.never & counts).sum()),
            "units treated from the start": float((treated & ~panel.known & counts).sum()),
            "treated rows without a comparison": float(found.n_lost),
            "fewest units compared with": float(min(found.cells.n_others)),
            "units or clusters on the smaller side": float(found.n_apart[found.labels.index(OVERALL)]),
            "rows that two-way effects weight below 0": float(below.sum()),
            "sum of two-way weights below 0": float(two_way[below].sum()),
        }
        return said if self.leads_test_ is None else said | {"p value of the leads": self.leads_test_.p_value}

    def _notes(self) -> list[str]:
        said, numbers = [], self.diagnostics_
        if out := int(numbers["units treated from the start"]):
            said.append(f"{out:,} units are left out, treated in the first period they were seen in")
        if lost := int(numbers["treated rows without a comparison"]):
            said.append(f"{lost:,} treated rows are left out: no untreated unit, or no period before, to compare with")
        if (few := numbers["units or clusters on the smaller side"]) < FEW_UNITS:
            said.append(f"one side has {few:,.0f} units or clusters: take the error as a rough guide")
        return said


def effects_by(panel: Panel, found: Averages, clusters: dict[str, np.ndarray], by: str) -> EffectsBy:
    """The averages of one kind that have an error, with their covariance."""
    chosen = [k for k, label in enumerate(found.labels) if label[0] == by and found.n_apart[k] > 1]
    places = [found.labels[k][1] for k in chosen]
    covariance, dof = covariance_of(found.influence[:, chosen], clusters)
    at = tuple(places if by == "event time" else (panel.periods[place] for place in places))
    stderr = np.sqrt(np.diag(covariance))
    return EffectsBy(by, at, found.value[chosen], stderr, covariance, found.n_treated[chosen], dof)
