"""A hidden confounder as strong as what was measured, and what it would leave of the effect."""

from __future__ import annotations

import numpy as np

from causalrec.errors import CausalrecError
from causalrec.estimation import AIPW, OLS, InteractiveDML, PartiallyLinearDML
from causalrec.refutation.asked import Asked
from causalrec.refutation.attacked import Attacked
from causalrec.refutation.refutation import Refutation
from causalrec.refutation.sensitivity import (
    OmittedVariable,
    OmittedVariableDML,
    covariate_groups,
    omitted_variable,
    omitted_variable_dml,
)

__all__ = ["hidden_confounder"]

ASKED = Asked(
    name="hidden confounder",
    question="Would a hidden confounder as strong as what is adjusted for leave something of the effect?",
    sees="confounders that are hidden and no stronger than the strongest observed one",
)
OWN = (PartiallyLinearDML, InteractiveDML, AIPW)


def hidden_confounder(attacked: Attacked) -> Refutation:
    """Robustness value, bounds, and how many times an observed covariate a confounder would have to be.

    Least squares is judged by its own formulas (Cinelli, Hazlett 2020, J. Royal Statistical Society B 82(1)), doubly
    robust and partially linear estimates by theirs (Chernozhukov, Cinelli, Newey, Sharma, Syrgkanis 2022); other
    estimators by a partially linear estimate of the same effect, which is said. The confounder is taken at its worst.

    Parameters
    ----------
    attacked : Attacked

    Returns
    -------
    Refutation
        `lower` and `upper` are what a confounder as strong as the strongest benchmark leaves; `refuted` is the end
        next to 0.
    """
    if reason := _cannot(attacked):
        return ASKED.cannot(attacked.effect, reason)
    try:
        found = _robustness(attacked)
    except CausalrecError as error:
        return ASKED.cannot(attacked.effect, str(error))
    details = {"robustness value": found.robustness_value(), "of the interval": _of_interval(found)}
    details |= {f"times {one.name}": one.times for one in found.benchmarks}
    details |= {f"moved without {one.name}": one.moved for one in found.benchmarks}
    value = f"Robustness value {details['robustness value']:.3f}, of the interval {details['of the interval']:.3f}."
    if not found.benchmarks:
        return ASKED.cannot(attacked.effect, f"No covariate serves as a benchmark. {found.sentence} {value}", details)
    weakest = min(found.benchmarks, key=lambda one: one.times)
    lower, upper = _left(found, weakest.r2_treatment, weakest.r2_outcome)
    answer = ASKED.answer(
        attacked.effect, "passed" if weakest.times > 1 else "failed", f"{found.sentence} {value}{_beside(attacked)}",
        refuted=float(np.clip(0.0, lower, upper)), details=details,
    )  # fmt: skip
    return answer.within(lower, upper)


def _cannot(attacked: Attacked) -> str:
    if attacked.estimand.strategy != "adjustment":
        return f"The effect is identified by {attacked.estimand.strategy}; these bounds are for adjustment."
    if attacked.design.n_absorbed:
        return "Effects of groups are held fixed, and these bounds need them among the covariates."
    return ""


def _robustness(attacked: Attacked) -> OmittedVariable | OmittedVariableDML:
    design, unit = attacked.design, attacked.effect.unit
    groups = tuple(covariate_groups(design))
    if isinstance(attacked.recipe.estimator, OLS):
        return omitted_variable(design, groups, unit=unit)
    own = isinstance(attacked.recipe.estimator, OWN)
    estimator = attacked.recipe.fresh() if own else PartiallyLinearDML()
    return omitted_variable_dml(estimator, design, groups, unit=unit)  # type: ignore[arg-type]


def _of_interval(found: OmittedVariable | OmittedVariableDML) -> float:
    return (
        found.robustness_value(alpha=0.05) if isinstance(found, OmittedVariable) else found.robustness_value_interval()
    )


def _left(found: OmittedVariable | OmittedVariableDML, treatment: float, outcome: float) -> tuple[float, float]:
    """Where the effect lies beside a confounder of that strength; anywhere where none can be that strong."""
    if not (treatment < 1 and outcome <= 1):
        return -np.inf, np.inf
    if isinstance(found, OmittedVariable):
        ends = [found.adjusted(treatment, outcome, grow=grow).value for grow in (False, True)]
        return min(ends), max(ends)
    bounds = found.bounds(treatment, outcome)
    return bounds.lower, bounds.upper


def _beside(attacked: Attacked) -> str:
    own = isinstance(attacked.recipe.estimator, (OLS, *OWN))
    return "" if own else " Judged by a partially linear estimate of the same effect."
