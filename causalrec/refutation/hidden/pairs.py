"""Rosenbaum's bounds: how unequal the chances within a pair may be before the effect is gone."""

from __future__ import annotations

from causalrec.errors import CausalrecError
from causalrec.refutation.asked import Asked
from causalrec.refutation.attacked import Attacked
from causalrec.refutation.hidden.odds import odds_moved_by_each
from causalrec.refutation.hidden.two_values import cannot_compare
from causalrec.refutation.refutation import Refutation
from causalrec.refutation.sensitivity import matched_pairs, rosenbaum

__all__ = ["hidden_in_pairs"]

ASKED = Asked(
    name="hidden odds within pairs",
    question="In matched pairs, does the effect outlast chances as unequal as an observed covariate makes them?",
    sees="hidden confounders that make the chances within a pair no more unequal than an observed covariate does",
)


def hidden_in_pairs(attacked: Attacked) -> Refutation:
    """Rosenbaum's gamma at which "no effect" is no longer rejected, beside what each covariate does to the odds.

    Treated units are paired with untreated ones of like propensity; the test is Wilcoxon's signed rank test, so the
    effect is that on the treated who found a partner (Rosenbaum 2002, Observational Studies, chapter 4).
    """
    if reason := cannot_compare(attacked):
        return ASKED.cannot(attacked.effect, reason)
    design = attacked.design
    try:
        pairs = matched_pairs(design)
        found = rosenbaum(pairs.difference, unit=attacked.effect.unit)
        moved = odds_moved_by_each(design)
    except CausalrecError as error:
        return ASKED.cannot(attacked.effect, str(error))
    gamma = found.gamma_to_remove()
    details = {"gamma that removes it": gamma, "pairs": float(len(pairs.difference))}
    details |= {"treated without a partner": float(pairs.n_unmatched)}
    if not moved:
        return ASKED.cannot(attacked.effect, f"No covariate serves as a benchmark. {found.sentence}", details)
    strongest = max(moved, key=lambda name: moved[name])
    lower, upper = found.estimates(min(moved[strongest], 100.0))
    answer = ASKED.answer(
        attacked.effect, "passed" if gamma > moved[strongest] else "failed",
        f"{found.sentence} {strongest} moves the odds {moved[strongest]:.2f} times.", details=details,
    )  # fmt: skip
    return answer.within(lower, upper)
