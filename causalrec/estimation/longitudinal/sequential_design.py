"""The numbers of a sequential plan: one row a unit, each covariate with the time from which it is adjusted for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, fields

import numpy as np

from causalrec.data import Dataset, Design, design
from causalrec.errors import DataError
from causalrec.identification import Estimand, SequentialPlan

__all__ = ["SequentialDesign", "plan_estimand", "sequential_design"]


@dataclass(frozen=True, slots=True, eq=False)
class SequentialDesign(Design):
    """A design whose treatments are in time.

    Attributes
    ----------
    at : int64, shape (n_covariates,)
        Place of the treatment before which each covariate is adjusted for first, 0 to n_treatments - 1.

    Examples
    --------
    >>> rows = SequentialDesign(np.zeros(2), np.eye(2), np.ones((2, 1)), (), {}, at=np.array([1]))
    >>> rows.before(0).shape, rows.before(1).shape, rows.through(1).shape
    ((2, 0), (2, 2), (2, 3))
    """

    at: np.ndarray = field(default_factory=lambda: np.empty(0, dtype=np.int64))

    @property
    def n_times(self) -> int:
        """Number of treatments."""
        return self.treatments.shape[1]

    def before(self, time: int) -> np.ndarray:
        """What is known before a treatment: covariates up to it, and treatments before it; float64, shape (n, p)."""
        return np.column_stack([self.covariates[:, self.at <= time], self.treatments[:, :time]])

    def through(self, time: int, treatments: np.ndarray | None = None) -> np.ndarray:
        """Covariates and treatments up to a time, it included; with other treatments, shape (n, n_times), if given."""
        set_to = self.treatments if treatments is None else treatments
        return np.column_stack([self.covariates[:, self.at <= time], set_to[:, : time + 1]])


def plan_estimand(plan: SequentialPlan) -> Estimand:
    """The plan as an estimand, for tables and messages; its expression is the g-formula."""
    nodes = tuple(node for names in plan.adjustment for node in names)
    return Estimand(
        plan.treatment, plan.outcome[0], "sequential back-door", nodes, plan.selected, identified=plan.expression
    )  # fmt: skip


def sequential_design(
    plan: SequentialPlan, data: Dataset, *, clusters: str | Sequence[str] = (), weights: str | None = None
) -> SequentialDesign:
    """The columns that a plan names, and no others, from a flat table with one row a unit.

    Raises
    ------
    DataError : a plan of several outcomes; a table larger than memory; covariates measured after the treatment that
        they are adjusted for at; and all that `design` refuses.
    """
    if len(plan.outcome) != 1:
        raise DataError(f"The plan has the outcomes {', '.join(plan.outcome)}; take one of them.")
    parts = [_part(plan, data, time, clusters, weights) for time in range(len(plan.treatment))]
    first = parts[0]
    kept = {f.name: getattr(first, f.name) for f in fields(Design) if f.init and f.name not in ("blocks", "_part_of")}
    kept["covariates"] = np.column_stack([part.matrix() for part in parts])
    kept["covariate_names"] = tuple(name for part in parts for name in part.matrix_names)
    at = np.repeat(np.arange(len(parts)), [len(part.matrix_names) for part in parts])
    return SequentialDesign(**kept, at=at)


def _part(plan: SequentialPlan, data: Dataset, time: int, clusters: str | Sequence[str], weights: str | None) -> Design:
    """Covariates of one time, which may be later than the treatments before it."""
    asked = Estimand(plan.treatment[time:], plan.outcome[0], "adjustment", plan.adjustment[time])
    found = design(asked, data, clusters=clusters, weights=weights)
    if not isinstance(found, Design):
        raise DataError("Treatments in time need their rows in memory, and this table is larger; take a part of it.")
    if found.n_absorbed:
        raise DataError(
            f"At {plan.treatment[time]!r} the plan adjusts for groups that are held fixed, which regressions in time "
            f"cannot. Bind {', '.join(plan.adjustment[time])} to columns."
        )
    return found
