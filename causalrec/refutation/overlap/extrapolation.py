"""Where the effect rests on extrapolation, in rules that a person can read."""

from __future__ import annotations

from causalrec.errors import EstimationError
from causalrec.estimation.doubly_robust.two_arms import TwoArms, two_arms
from causalrec.refutation.asked import Asked
from causalrec.refutation.attacked import Attacked
from causalrec.refutation.overlap.arms import target_of
from causalrec.refutation.overlap.rules import Region, regions
from causalrec.refutation.refutation import Refutation

__all__ = ["ASKED", "extrapolation"]

ASKED = Asked(
    "extrapolation",
    "Where is there nobody in the other arm to compare with?",
    "regions of the covariates with one arm alone, whatever their shape in up to three covariates",
)
MAX_SHARE, MIN_RATIO = 0.05, 0.05
"""Share of the target in such regions above which the attack fails; and what of the other arm counts as none."""


def extrapolation(attacked: Attacked) -> Refutation:
    """Regions with (next to) nobody in the other arm, by a small tree over the covariates.

    A rule and no test: regions hold so many units that an empty other arm is no accident.
    """
    effect = attacked.effect
    if attacked.estimand.strategy != "adjustment":
        return ASKED.cannot(effect, f"The effect is identified by {attacked.estimand.strategy}: it compares no arms.")
    try:
        arms = two_arms(attacked.design, "A look at extrapolation")
    except EstimationError as error:
        return ASKED.cannot(effect, str(error))
    if not arms.X.shape[1]:
        return ASKED.cannot(effect, "Nothing is adjusted for, so there are no regions.")
    target = target_of(attacked)
    empty = [] if target == "ATO" else _empty(arms, target)
    share = sum(lost for lost, _ in empty)
    rules = "; ".join(words for _, words in empty[:4])
    details = {"share extrapolated": share, "regions": float(len(empty))}
    if not empty:
        return ASKED.answer(effect, "passed", "No region of the covariates has one arm alone.", details=details)
    verdict = "failed" if share > MAX_SHARE else "passed"
    who = "the treated" if target == "ATT" else "all units"
    return ASKED.answer(effect, verdict, f"For {share:.1%} of {who} it is extrapolated: {rules}.", details=details)  # type: ignore[arg-type]


def _empty(arms: TwoArms, target: str) -> list[tuple[float, str]]:
    """Share of the target that each region loses, and its rule; the largest first."""
    n_off, n_on = arms.n_arms
    asked = (arms.t == 1) if target == "ATT" else arms.t >= 0
    found = []
    for region in regions(arms.X, arms.names, arms.t):
        on, off = int((region.within & (arms.t == 1)).sum()), int((region.within & (arms.t == 0)).sum())
        lacking = (
            "treated"
            if on / n_on < MIN_RATIO * off / n_off
            else "untreated"
            if off / n_off < MIN_RATIO * on / n_on
            else ""
        )
        if not lacking or (target == "ATT" and lacking == "treated"):
            continue
        n_lost, few = (off, on) if lacking == "treated" else (on, off)
        found.append((n_lost / int(asked.sum()), _said(region, on + off, few, lacking)))
    return sorted(found, key=lambda one: -one[0])


def _said(region: Region, n: int, few: int, lacking: str) -> str:
    return f"{region.rule}: {n:,} units, {'no' if not few else f'{few:,}'} {lacking} among them"
