"""Leads: tomorrow's treatment must not act today."""

from __future__ import annotations

import numpy as np

from causalrec.data import Dataset, Grid
from causalrec.errors import CausalrecError, DataError
from causalrec.estimation import EffectEstimate, grid_plan, grid_regression
from causalrec.estimation.longitudinal.grid_lags import shifted_contexts
from causalrec.refutation.grids.attacked_grid import AttackedGrid
from causalrec.refutation.grids.weekdays import grid_on_weekdays
from causalrec.refutation.refutation import Refutation

__all__ = ["lead_test"]

MIDWEEK = (2, 3, 4, 5)  # Tuesday to Friday: on the days around them next week's promotion may stand already


def lead_test(attacked: AttackedGrid, *, time: str = "week") -> Refutation:
    """Add the next period's treatment to the regression; its coefficient should be 0.

    Where the visits say on which days they fell, only those of Tuesday to Friday count: a promotion
    that starts on the last evening of the week before is no sign of confounding.

    Parameters
    ----------
    attacked : AttackedGrid
    time : str
        Column of the visits with whole numbers.
    """
    effect, data = attacked.effect, attacked.data
    name = data.column_name(effect.estimand.treatment[0])
    question = f"Does next {time}'s {name} have no effect on today's outcome?"
    if time not in data.context:
        return _not_applicable(effect, question, f"The visits have no column {time!r}.")
    days = "days" in data.tables["visits"].column_names
    part = data.on_weekdays(*MIDWEEK) if days else data
    try:
        units = grid_on_weekdays(data, attacked.units, MIDWEEK) if days else attacked.units
        lead, now = _regress(effect, part, units, name, time)
    except CausalrecError as error:
        return _not_applicable(effect, question, str(error))
    passed = abs(lead.coef[-1]) < 1.96 * lead.stderr[-1]
    share = lead.coef[-1] / now
    verdict = "It cannot be told from 0." if passed else (
        f"It is {share:.0%} of the effect in the same regression: that is the scale of what may be left of bias."
    )  # fmt: skip
    return Refutation(
        name=f"lead ({time} ahead)", question=question, original=effect.value, refuted=float(lead.coef[-1]),
        stderr=float(lead.stderr[-1]), verdict="passed" if passed else "failed",
        reason=f"{verdict}{' Visits of Tuesday to Friday.' if days else ''}", unit=effect.unit,
        details={"effect in the same regression": float(now), "share": float(share)},
    )  # fmt: skip


def _regress(effect: EffectEstimate, data: Dataset, units: Grid, name: str, time: str):
    ahead = shifted_contexts(data, units, -1, time=time)
    known = ahead >= 0
    if not known.any():
        raise DataError(f"No visit lies one {time} before another in the same place.")
    lead = np.zeros((units.n_contexts, units.n_items))
    lead[known] = units.treatment(name)[ahead[known]]
    part = units.only(known)
    plan = grid_plan(effect.estimand, data, part, coarse=effect.coarse)
    found = grid_regression(part, [*plan.regressors, "lead"], plan.absorbed, columns={"lead": lead[known]})
    return found, float(found.coef[0])


def _not_applicable(effect: EffectEstimate, question: str, reason: str) -> Refutation:
    return Refutation.not_applicable("lead", question, effect.value, reason, unit=effect.unit)
