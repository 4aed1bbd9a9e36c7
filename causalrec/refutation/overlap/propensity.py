"""Whether there is somebody to compare with, by the propensity."""

from __future__ import annotations

import numpy as np

from causalrec.errors import EstimationError
from causalrec.estimation.doubly_robust.overlap import MARGIN
from causalrec.estimation.estimators import effective_number
from causalrec.refutation.asked import Asked
from causalrec.refutation.attacked import Attacked
from causalrec.refutation.overlap.arms import Compared, compared
from causalrec.refutation.refutation import Refutation

__all__ = ["ASKED", "propensity_overlap"]

ASKED = Asked(
    "propensity overlap",
    "Has everybody whose effect is asked for a counterpart in the other arm?",
    "no overlap in a direction that a logistic propensity sees",
)
MAX_BEYOND = 0.05
"""Share of the target's units next to a propensity of 0 or 1 above which the attack fails."""
MIN_EFFECTIVE = 0.1
"""Effective units of an arm, as a share of the smaller arm, below which the attack fails."""


def propensity_overlap(attacked: Attacked) -> Refutation:
    """Share of units without a counterpart, and how many units the weighted arms are worth.

    A rule and no test. The propensity is taken as if both arms were of one size, so that a treatment that is rare
    everywhere does not count as a lack of overlap.
    """
    effect = attacked.effect
    try:
        found = compared(attacked)
    except EstimationError as error:
        if "apart" in str(error):
            return ASKED.answer(effect, "failed", str(error))
        return ASKED.cannot(effect, str(error))
    beyond, effective = _beyond(found), _effective(found)
    least = min(effective) / min(found.arms.n_arms)
    details = {
        "share beyond bounds": beyond, "effective n untreated": effective[0], "effective n treated": effective[1],
        "effective share": least, "smallest propensity": float(found.e.min()),
        "largest propensity": float(found.e.max()),
    }  # fmt: skip
    n_off, n_on = found.arms.n_arms
    said = (
        f"{beyond:.1%} of {found.asked.sum():,} units ({found.target}) are next to a propensity of 0 or 1; weighted, "
        f"{n_off:,} untreated are worth {effective[0]:,.1f} and {n_on:,} treated {effective[1]:,.1f}."
    )
    if beyond > MAX_BEYOND or least < MIN_EFFECTIVE:
        other = {"ATE": " Ask for the ATT or the ATO, or leave such units out.", "ATT": " Ask for the ATO."}
        return ASKED.answer(effect, "failed", f"{said}{other.get(found.target, '')}", details=details)
    return ASKED.answer(effect, "passed", said, details=details)


def _beyond(found: Compared) -> float:
    """Share of the target that is next to a propensity that leaves it without a counterpart."""
    if found.target == "ATO":  # it leaves such units out by itself
        return 0.0
    even = found.even
    lacks = (even > 1 - MARGIN) | ((even < MARGIN) & (found.target == "ATE"))
    weight = found.arms.weight * found.asked
    return float(weight @ lacks / weight.sum())


def _effective(found: Compared) -> tuple[float, float]:
    weights = np.asarray(found.weights * found.arms.weight)
    off, on = (effective_number(weights[found.arms.t == arm]) for arm in (0, 1))
    return off, on
