"""What the data say without any assumption, and the E-value: figures without a scale of their own."""

from __future__ import annotations

import numpy as np

from causalrec.errors import CausalrecError
from causalrec.refutation.asked import Asked
from causalrec.refutation.attacked import Attacked
from causalrec.refutation.hidden.two_values import cannot_compare
from causalrec.refutation.refutation import Refutation
from causalrec.refutation.sensitivity import e_value_of_difference, manski_bounds

__all__ = ["e_value", "worst_case"]

E_VALUE = Asked(
    name="E-value",
    question="How strongly must a hidden confounder go with treatment and outcome to explain the effect away?",
    sees="nothing by itself: it is a figure to be judged by what one knows of the field",
)
WORST = Asked(
    name="no assumption at all",
    question="What do the data say if nothing is assumed of those who were not seen treated or untreated?",
    sees="nothing by itself: the bounds always hold 0, and show how much rests on assumptions",
)


def e_value(attacked: Attacked) -> Refutation:
    """E-value of the estimate and of its interval (VanderWeele, Ding 2017, Annals of Internal Medicine 167(4)).

    A difference of means is taken as a risk ratio through the outcome's standard deviation. Nothing in the data says
    how strong a hidden confounder is, so this is no test.
    """
    if reason := cannot_compare(attacked):
        return E_VALUE.cannot(attacked.effect, reason)
    effect = attacked.effect
    found = e_value_of_difference(effect.value, effect.stderr, float(attacked.design.outcome.std()))
    reason = f"No test, a figure: {found.value:.2f}, of the interval {found.limit:.2f}. {found.sentence}"
    return E_VALUE.cannot(effect, reason, {"E-value": found.value, "of the interval": found.limit})


def worst_case(attacked: Attacked) -> Refutation:
    """Manski's bounds (1990, American Economic Review 80(2)), for an outcome of 0 and 1.

    They are as wide as the outcome's range, so they always hold 0: this is no test.
    """
    if reason := cannot_compare(attacked):
        return WORST.cannot(attacked.effect, reason)
    if not np.isin(attacked.design.outcome, (0.0, 1.0)).all():
        return WORST.cannot(attacked.effect, "The outcome is not 0 or 1: nothing says how far it could go.")
    try:
        bounds = manski_bounds(attacked.design, target=attacked.effect.target)
    except CausalrecError as error:
        return WORST.cannot(attacked.effect, str(error))
    reason = "No test: bounds without assumptions always hold 0; what narrows them is the adjustment."
    return WORST.cannot(attacked.effect, reason).within(bounds.lower, bounds.upper)
