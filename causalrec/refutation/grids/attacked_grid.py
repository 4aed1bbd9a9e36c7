"""What an attack on a log of visits is given; residuals are computed once, for the first attack that needs them."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from threading import Lock

from causalrec.data import Dataset, Grid, grid
from causalrec.estimation import EffectEstimate, GridPlan, grid_plan
from causalrec.estimation.grids.grid_regression import GridResiduals, grid_residuals

__all__ = ["AttackedGrid", "attacked_grid"]


@dataclass(frozen=True, eq=False)
class AttackedGrid:
    """An effect on a log of visits under attack.

    Attributes
    ----------
    effect : EffectEstimate
        Of one treatment.
    data : Dataset
        What it was estimated on.
    units : Grid
    plan : GridPlan
        How it was estimated; the treatment is its first regressor.
    """

    effect: EffectEstimate
    data: Dataset
    units: Grid
    plan: GridPlan
    _one_at_a_time: Lock = field(default_factory=Lock, init=False, repr=False)

    @property
    def left(self) -> GridResiduals:
        """What the plan's absorbed effects leave; never to be changed."""
        with self._one_at_a_time:  # attacks are threads: the second waits for what the first computes
            return self._left

    @cached_property
    def _left(self) -> GridResiduals:
        return grid_residuals(self.units, self.plan.regressors, self.plan.absorbed)


def attacked_grid(effect: EffectEstimate, data: Dataset) -> AttackedGrid:
    """The grid of an effect and its plan."""
    units = grid(data)
    return AttackedGrid(effect, data, units, grid_plan(effect.estimand, data, units, coarse=effect.coarse))
