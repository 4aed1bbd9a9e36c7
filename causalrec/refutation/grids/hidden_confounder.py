"""How strong a hidden confounder would have to be, on a log of visits."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from causalrec.data import Column, Grid
from causalrec.errors import CausalrecError
from causalrec.estimation import GridPlan, grid_plan
from causalrec.estimation.grids.grid_regression import GridMoments, grid_residuals
from causalrec.refutation.grids.attacked_grid import AttackedGrid
from causalrec.refutation.refutation import Refutation, Verdict
from causalrec.refutation.sensitivity.sentences import removal_sentence
from causalrec.refutation.sensitivity.strength import multiple_to_remove, robustness_value

__all__ = ["hidden_confounder"]

QUESTION = "Would a hidden confounder as strong as what is adjusted for leave something of the effect?"
SEES = "confounders that are hidden and no stronger than the observed ones"


def hidden_confounder(attacked: AttackedGrid) -> Refutation:
    """Robustness value, and how many times an observed covariate a confounder would have to be.

    Each node of the adjustment set is dropped in turn: what the treatment's and the outcome's
    residuals then gain, less what as many random effects would gain, measures its strength. The
    confounder is taken at its worst: all of it pushes one way (Cinelli, Hazlett 2020).
    """
    effect, full = attacked.effect, attacked.left.moments
    value = robustness_value(full.partial_r2(full.names[0]))
    treatment_ss = 1 / np.linalg.inv(full.gram)[0, 0]
    times, moved = {}, {}
    for node in effect.estimand.adjustment:
        try:
            without, less = _without(attacked, node)
        except CausalrecError:  # without it there is no design, so it is no benchmark
            continue
        r2 = _strength(full, without, attacked.plan, less, attacked.units)
        times[node] = multiple_to_remove(effect.value, *r2, full.residual_ss, treatment_ss)
        moved[node] = float(without.coef[0] / full.coef[0] - 1)
    details = {"robustness value": value} | {f"times {node}": count for node, count in times.items()}
    details |= {f"moved without {node}": share for node, share in moved.items()}
    if not times:
        reason = f"Robustness value {value:.4f}; no covariate serves as a benchmark."
        return Refutation.not_applicable(
            "hidden confounder", QUESTION, effect.value, reason, unit=effect.unit, sees=SEES, details=details
        )
    weakest = min(times, key=lambda node: times[node])
    reason = (
        f"{removal_sentence(times)} It is taken at its worst, all of it pushing one way; leaving {weakest} out moves "
        f"the effect by {moved[weakest]:+.0%}. Robustness value {value:.4f}."
    )
    verdict: Verdict = "passed" if times[weakest] > 1 else "failed"
    return Refutation(
        "hidden confounder", QUESTION, effect.value, np.nan, np.nan, verdict, reason, effect.unit, details, sees=SEES
    )


def _without(attacked: AttackedGrid, node: str) -> tuple[GridMoments, GridPlan]:
    """The regression with one node of the adjustment set left out."""
    if isinstance(attacked.data.column(node), Column) and attacked.data.column_name(node) in attacked.plan.regressors:
        return _fewer(attacked, attacked.data.column_name(node))
    adjustment = tuple(name for name in attacked.effect.estimand.adjustment if name != node)
    estimand = replace(attacked.effect.estimand, adjustment=adjustment)
    plan = grid_plan(estimand, attacked.data, attacked.units, coarse=attacked.effect.coarse)
    return grid_residuals(attacked.units, plan.regressors, plan.absorbed).moments, plan


def _fewer(attacked: AttackedGrid, name: str) -> tuple[GridMoments, GridPlan]:
    """A regressor left out of the same moments: nothing is absorbed again."""
    full, plan = attacked.left.moments, attacked.plan
    kept = [at for at, own in enumerate(full.names) if own != name]
    gram, moment = full.gram[np.ix_(kept, kept)], (full.gram @ full.coef)[kept]
    coef = np.linalg.solve(gram, moment)
    names = tuple(full.names[at] for at in kept)
    moments = GridMoments(names, coef, gram, full.outcome_ss - float(coef @ moment), full.outcome_ss,
                          full.variation[kept])  # fmt: skip
    return moments, replace(plan, regressors=names)


def _strength(
    full: GridMoments, without: GridMoments, plan: GridPlan, less: GridPlan, units: Grid
) -> tuple[float, float]:
    """Partial R2 of the dropped node with the treatment and, given the treatment, with the outcome."""
    lost = [p.absorbed.n_by_item() * units.n_items for p in (plan, less)]
    cells = units.n_contexts * units.n_items
    treatment = [
        1 / np.linalg.inv(found.gram)[0, 0] / (cells - k) for found, k in zip((full, without), lost, strict=True)
    ]
    outcome = [found.residual_ss / (units.n_units - k) for found, k in zip((full, without), lost, strict=True)]
    return max(1 - treatment[0] / treatment[1], 0.0), max(1 - outcome[0] / outcome[1], 0.0)
