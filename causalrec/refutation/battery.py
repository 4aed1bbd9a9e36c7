"""All attacks that fit an effect."""

from __future__ import annotations

from causalrec.data import Dataset, grid
from causalrec.errors import DataError
from causalrec.estimation import EffectEstimate, grid_plan
from causalrec.refutation.leads import lead_test
from causalrec.refutation.placebo import permuted_placebo
from causalrec.refutation.refutation import Battery
from causalrec.refutation.robustness import robustness

__all__ = ["refute_effect"]


def refute_effect(effect: EffectEstimate, data: Dataset, *, n_draws: int = 20, random_state: int = 0) -> Battery:
    """Attack an effect that was estimated on a log of visits.

    Parameters
    ----------
    effect : EffectEstimate
        Of one treatment.
    data : Dataset
        What it was estimated on.
    n_draws : int
        Permutations of the placebo.
    random_state : int

    Raises
    ------
    DataError : a flat table, or a joint treatment.
    """
    if not data.is_grid:
        raise DataError("Refutation needs a log of visits; a flat table has no attack yet.")
    if len(effect.estimand.treatment) != 1:
        raise DataError(f"Refute one treatment at a time, not {' and '.join(effect.estimand.treatment)} together.")
    units = grid(data)
    plan = grid_plan(effect.estimand, data, units, coarse=effect.coarse)
    return Battery((
        permuted_placebo(effect, data, units, plan, n_draws=n_draws, random_state=random_state),
        lead_test(effect, data),
        robustness(effect, data, units),
    ))  # fmt: skip
