"""How strong a hidden confounder would have to be."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from causalrec.data import Dataset, Grid
from causalrec.errors import CausalrecError
from causalrec.estimation import EffectEstimate, GridPlan, grid_plan, grid_regression
from causalrec.estimation.grids.grid_regression import Regression
from causalrec.refutation.refutation import Refutation, Verdict

__all__ = ["bias", "confounder_strength", "robustness", "robustness_value"]


def robustness_value(partial_r2: float, share: float = 1.0) -> float:
    """Partial R2 that a confounder needs with treatment and outcome to take away `share` of the effect.

    Cinelli, Hazlett (2020), J. Royal Statistical Society B 82(1), section 4.1.

    >>> round(robustness_value(0.02), 4)
    0.133
    """
    f2 = share**2 * partial_r2 / (1 - partial_r2)
    return float(0.5 * (np.sqrt(f2**2 + 4 * f2) - f2))


def bias(r2_treatment: float, r2_outcome: float, residual_ss: float, treatment_ss: float) -> float:
    """Largest bias by a confounder with these partial R2 (Cinelli, Hazlett 2020, section 3.2)."""
    return float(np.sqrt(r2_outcome * r2_treatment / (1 - r2_treatment) * residual_ss / treatment_ss))


def confounder_strength(times: float, r2_treatment: float, r2_outcome: float) -> tuple[float, float]:
    """Partial R2 of a confounder that is `times` as strong as an observed covariate.

    Cinelli, Hazlett (2020), section 4.4. Returns infinity where no confounder can be that strong.
    """
    treatment = times * r2_treatment / (1 - r2_treatment)
    if treatment >= 1 or times * r2_treatment >= 1:
        return np.inf, np.inf
    joint = times * r2_treatment**2 / ((1 - times * r2_treatment) * (1 - r2_treatment))
    if joint >= 1:
        return np.inf, np.inf
    outcome = (np.sqrt(times) + np.sqrt(joint)) ** 2 / (1 - joint) * r2_outcome / (1 - r2_outcome)
    return treatment, min(outcome, 1.0)


def robustness(effect: EffectEstimate, data: Dataset, units: Grid) -> Refutation:
    """Robustness value, and how many times an observed covariate a confounder would have to be.

    Each node of the adjustment set is dropped in turn: what the treatment's and the outcome's
    residuals then gain, less what as many random effects would gain, measures its strength. The
    confounder is taken at its worst: all of it pushes one way.
    """
    full, plan = _regress(effect, data, units, effect.estimand.adjustment)
    value = robustness_value(full.partial_r2(full.names[0]))
    treatment_ss = 1 / np.linalg.inv(full.gram)[0, 0]
    times, moved = {}, {}
    for node in effect.estimand.adjustment:
        try:
            without, less = _regress(effect, data, units, tuple(n for n in effect.estimand.adjustment if n != node))
        except CausalrecError:  # without it there is no design, so it is no benchmark
            continue
        r2 = _strength(full, without, plan, less, units)
        times[node] = _times_to_remove(abs(effect.value), *r2, full.residual_ss, treatment_ss)
        moved[node] = float(without.coef[0] / full.coef[0] - 1)
    question = "Would a hidden confounder as strong as what is adjusted for leave something of the effect?"
    details = {"robustness value": value} | {f"times {node}": count for node, count in times.items()}
    details |= {f"moved without {node}": share for node, share in moved.items()}
    if not times:
        reason = f"Robustness value {value:.4f}; no covariate serves as a benchmark."
        return Refutation("hidden confounder", question, effect.value, np.nan, np.nan, "not applicable", reason,
                          effect.unit, details)  # fmt: skip
    weakest = min(times, key=lambda node: times[node])
    others = ", ".join(f"{_count(times[node])} times {node}" for node in times if node != weakest)
    reason = (
        f"A hidden confounder {_count(times[weakest])} times as strong as {weakest}, all of it pushing one way, would "
        f"remove the effect{f' ({others})' if others else ''}; leaving {weakest} out moves it by "
        f"{moved[weakest]:+.0%}. Robustness value {value:.4f}."
    )
    verdict: Verdict = "passed" if times[weakest] > 1 else "failed"
    return Refutation(
        "hidden confounder", question, effect.value, np.nan, np.nan, verdict, reason, effect.unit, details
    )


def _regress(
    effect: EffectEstimate, data: Dataset, units: Grid, adjustment: tuple[str, ...]
) -> tuple[Regression, GridPlan]:
    plan = grid_plan(replace(effect.estimand, adjustment=adjustment), data, units, coarse=effect.coarse)
    return grid_regression(units, plan.regressors, plan.absorbed), plan


def _strength(
    full: Regression, without: Regression, plan: GridPlan, less: GridPlan, units: Grid
) -> tuple[float, float]:
    """Partial R2 of the dropped node with the treatment and, given the treatment, with the outcome."""
    lost = [p.absorbed.n_by_item() * units.n_items for p in (plan, less)]
    cells = units.n_contexts * units.n_items
    treatment = [
        1 / np.linalg.inv(found.gram)[0, 0] / (cells - k) for found, k in zip((full, without), lost, strict=True)
    ]
    outcome = [found.residual_ss / (units.n_units - k) for found, k in zip((full, without), lost, strict=True)]
    return max(1 - treatment[0] / treatment[1], 0.0), max(1 - outcome[0] / outcome[1], 0.0)


def _times_to_remove(
    value: float, r2_treatment: float, r2_outcome: float, residual_ss: float, treatment_ss: float
) -> float:
    """Smallest multiple of a covariate's strength whose largest bias equals the effect."""
    from scipy.optimize import brentq

    def gap(log_times: float) -> float:
        treatment, outcome = confounder_strength(float(np.exp(log_times)), r2_treatment, r2_outcome)
        return 1.0 if np.isinf(treatment) else bias(treatment, outcome, residual_ss, treatment_ss) / value - 1

    if r2_treatment <= 0 or r2_outcome <= 0 or gap(np.log(1e4)) < 0:
        return np.inf
    return float(np.exp(brentq(gap, np.log(1e-6), np.log(1e4), xtol=1e-4)))


def _count(times: float) -> str:
    return "no number of" if np.isinf(times) else f"{times:.2f}" if times < 10 else f"{times:.0f}"
