"""What an attack on a log of visits is given; residuals are computed once for all attacks."""

from __future__ import annotations

from dataclasses import dataclass

from causalrec.data import Dataset, Grid, grid
from causalrec.estimation import EffectEstimate, GridPlan, grid_plan
from causalrec.estimation.grids.grid_regression import GridResiduals, grid_residuals

__all__ = ["AttackedGrid", "attacked_grid"]


@dataclass(frozen=True, slots=True, eq=False)
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
    left : GridResiduals
        What the plan's absorbed effects leave; never to be changed.
    """

    effect: EffectEstimate
    data: Dataset
    units: Grid
    plan: GridPlan
    left: GridResiduals


def attacked_grid(effect: EffectEstimate, data: Dataset) -> AttackedGrid:
    """The grid of an effect, its plan and what that leaves of every column."""
    units = grid(data)
    plan = grid_plan(effect.estimand, data, units, coarse=effect.coarse)
    return AttackedGrid(effect, data, units, plan, grid_residuals(units, plan.regressors, plan.absorbed))
