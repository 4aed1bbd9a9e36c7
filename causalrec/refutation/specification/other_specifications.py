"""Whether other reasonable specifications give the same effect."""

from __future__ import annotations

from causalrec.refutation.asked import Asked
from causalrec.refutation.attacked import Attacked
from causalrec.refutation.refutation import LEVEL, Refutation, Verdict
from causalrec.refutation.specification.curve import curve_of

__all__ = ["ASKED", "other_specifications"]

ASKED = Asked(
    "specification curve",
    "Do other estimators, adjustment sets and trims give the same effect?",
    "a set that the graph has wrong; effects that differ between units and trims part them too",
)


def other_specifications(attacked: Attacked) -> Refutation:
    """The specification that is farthest from the original, against how far one and the same effect would part them."""
    effect = attacked.effect
    if attacked.estimand.strategy != "adjustment":
        return ASKED.cannot(effect, f"The effect is identified by {attacked.estimand.strategy}, not by adjustment.")
    curve = curve_of(attacked)
    details = {
        "specifications": float(len(curve)), "median": curve.median, "share of the same sign": curve.same_sign,
        "share significant": curve.significant, "p of the median without any effect": curve.p_median,
        "left out": float(len(curve.left_out)),
    }  # fmt: skip
    if curve.n_tested < 2:
        return ASKED.cannot(effect, "Fewer than two specifications have influence values to test by.", details)
    far = max(curve.specifications, key=lambda one: abs(one.value - effect.value))
    verdict: Verdict = "failed" if curve.p_disagreement < LEVEL else "passed"
    reason = (
        f"{len(curve)} specifications from {curve.values[0]:+.5g} to {curve.values[-1]:+.5g}, median "
        f"{curve.median:+.5g}, {curve.same_sign:.0%} of the same sign, {curve.significant:.0%} significant; farthest "
        f"is {far.name}."
    )
    return ASKED.answer(
        effect, verdict, reason, refuted=curve.median, stderr=float(curve.values.std()),
        p_value=curve.p_disagreement, details=details,
    )  # fmt: skip
