"""Hedges: a small one within the one that ID finds, and the sentence that explains it.

References
----------
Shpitser, Pearl (2006), AAAI: definition 6. A set of nodes carries a C-forest with roots R where
unmeasured common causes connect it and each of its nodes leads to R within it.
"""

from __future__ import annotations

from collections.abc import Sequence

from causalrec.identification.confounding import Confounding
from causalrec.identification.wording import quoted, some

__all__ = ["hedge_message", "small_hedge"]

MAX_NODES = 300
"""Larger hedges are reported as they were found: each node left out costs another look at all others."""


def small_hedge(
    model: Confounding, larger: frozenset[int], smaller: frozenset[int], fixed: frozenset[int]
) -> tuple[frozenset[int], frozenset[int]]:
    """A hedge within (larger, smaller) from which no node of the larger forest alone can be left out.

    Parameters
    ----------
    model : Confounding
    larger, smaller : frozenset of int
        Nodes of the two forests that ID found.
    fixed : frozenset of int
        Treatments: the larger forest must hold one.
    """
    if len(larger) > MAX_NODES:
        return larger, smaller
    for node in sorted(smaller):  # one root alone, where that is enough, is the easiest to understand
        forest = _forest(model, larger, frozenset([node]))
        if forest & fixed:
            larger, smaller = forest, frozenset([node])
            break
    for node in sorted(larger - smaller):
        if node in larger:
            forest = _forest(model, larger - {node}, smaller)
            larger = forest if forest & fixed else larger
    return larger, smaller


def _forest(model: Confounding, within: frozenset[int], roots: frozenset[int]) -> frozenset[int]:
    """Largest set in `within` that leads to `roots` and that unmeasured causes connect to them."""
    found = model.ancestors(roots, model.district(min(roots), within))
    while found != within:
        within, found = found, model.ancestors(roots, model.district(min(roots), found))
    return found


def hedge_message(
    treatment: Sequence[str],
    outcome: Sequence[str],
    larger: frozenset[str],
    smaller: frozenset[str],
    causes: Sequence[tuple[str, ...]],
) -> str:
    """Why the effect is not identifiable, which unmeasured causes make it so, and the next step.

    Parameters
    ----------
    treatment, outcome : sequence of str
    larger, smaller : frozenset of str
        Nodes of the two forests of the hedge.
    causes : sequence of tuple of str
        Unmeasured common causes within `larger`: a latent node, or the two ends of a bidirected edge.
    """
    inside = [name for name in treatment if name in larger]
    return (
        f"The effect of {quoted(treatment)} on {quoted(outcome)} is not identifiable: no function of what is "
        f"measured equals it, because of a hedge. Unmeasured common causes join {some(larger)} to each other, and "
        f"{some(smaller)} among themselves without {quoted(inside)}; all of them lead to {some(smaller)}, and so to "
        f"{quoted(outcome)}. So two models that agree on all data differ in what setting {quoted(inside)} does. "
        f"What makes the hedge: {_listed(causes)}. Measure such a cause, or a mediator that it does not touch; or set "
        f"{quoted(inside)} at random for a while."
    )


def _listed(causes: Sequence[tuple[str, ...]], n_shown: int = 8) -> str:
    shown = [repr(cause[0]) if len(cause) == 1 else f"the cause in {' <-> '.join(cause)}" for cause in causes[:n_shown]]
    return ", ".join(shown) + (f" and {len(causes) - n_shown} more" if len(causes) > n_shown else "")
