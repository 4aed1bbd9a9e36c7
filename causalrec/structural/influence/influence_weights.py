"""`influence_weights`: the effect of each behaviour on an outcome, taken apart."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from causalrec.errors import DataError
from causalrec.graph.validation import names_of
from causalrec.structural.equations import Equations
from causalrec.structural.influence.contrast import Contrast, contrast_of, ordinary_contrast, why_none
from causalrec.structural.influence.decomposing import Parts, decomposed, no_effect
from causalrec.structural.influence.decomposition import PathDecomposition
from causalrec.structural.influence.weights import InfluenceWeights
from causalrec.structural.outcome_means import simulation
from causalrec.structural.refusals import refuse_question, refuse_unknown

if TYPE_CHECKING:
    from causalrec.structural.questions import Questions

__all__ = ["influence_weights"]

N_LOOKED_AT = 10_000  # simulated units behind the contrasts that nobody named


def influence_weights(
    model: Questions, outcome: str, *, treatments: str | Iterable[str] | None = None,
    contrasts: Mapping[str, tuple[Any, Any]] | None = None, n_samples: int = 10_000,
) -> InfluenceWeights:  # fmt: skip
    """Effect of each behaviour on the outcome's mean, direct and by each way, on one scale.

    The ways of a behaviour begin with different effects of it, so that each part is a path-specific effect that the
    model identifies, and total = direct + ways + interaction. Linear mechanisms have products of coefficients and no
    interaction; others are simulated. Errors are the spread over the model's refits, and simulation is part of them.

    Parameters
    ----------
    model : StructuralModel
        Fitted, with refits.
    outcome : str
        A node of numbers.
    treatments : str or iterable of str, optional
        Default all causes of the outcome, direct or not. One that is no cause has weight 0 by the graph.
    contrasts : mapping of str to (start, to), optional
        Values between which an effect is measured. Default for an amount one standard deviation about its mean,
        for numbered categories the lowest and the highest; for text of three or more none.
    n_samples : int
        Simulated units, where mechanisms are not linear.

    Raises
    ------
    UnknownNodeError : an outcome, treatment or contrast that is no node.
    DataError : the outcome has no mean, nothing is left to weigh, a wrong contrast, or there were no refits.

    References
    ----------
    Wright (1934), Annals of Mathematical Statistics 5(3); Pearl (2001), UAI; Avin, Shpitser, Pearl (2005), IJCAI.

    Examples
    --------
    >>> import numpy as np
    >>> from causalrec.graph import CausalGraph
    >>> from causalrec.structural import StructuralModel
    >>> rng = np.random.default_rng(0)
    >>> searches = rng.normal(size=500)
    >>> views = searches + rng.normal(size=500)
    >>> clicks = views + rng.normal(size=500)
    >>> graph = CausalGraph([("searches", "views"), ("views", "clicks")])
    >>> model = StructuralModel(graph).fit({"searches": searches, "views": views, "clicks": clicks})
    >>> [effect.treatment for effect in influence_weights(model, "clicks").effects]
    ['views', 'searches']
    """
    named = None if treatments is None else tuple(dict.fromkeys(names_of(treatments)))
    if not isinstance(contrasts := {} if contrasts is None else contrasts, Mapping):
        raise DataError(f"`contrasts` maps nodes to pairs, such as {{'searches': (3, 6)}}; this is {contrasts!r}.")
    refuse_question(model, outcome, n_samples, *(named or ()))
    refuse_unknown(model, *contrasts)
    above = model.equations_.above(outcome)
    causes = tuple(node for node in above.parents if node != outcome)
    asked, left_out = _contrasts(model, causes if named is None else named, contrasts)
    if not asked:
        reasons = "; ".join(f"{node!r}: {reason}" for node, reason in left_out.items())
        empty = "It has no causes." if named is None else "`treatments` names none."
        raise DataError(f"No behaviour has an influence on {outcome!r} to weigh. {reasons or empty}")
    weighed = [(one, _ways(above, one.node.name, outcome)) for one in asked if one.node.name in causes]
    found = decomposed(model, outcome, weighed, n_samples) if weighed else []
    found += [no_effect(model, one, outcome, ("direct",)) for one in asked if one.node.name not in causes]
    return InfluenceWeights(outcome, tuple(sorted(found, key=_order)), left_out)


def _order(effect: PathDecomposition) -> tuple[float, str]:
    return -abs(effect.standardized.value), effect.treatment


def _contrasts(
    model: Questions, treatments: tuple[str, ...], named: Mapping[str, tuple[Any, Any]]
) -> tuple[list[Contrast], dict[str, str]]:
    """Contrasts of the treatments, and why some have none."""
    equations, nodes = model.equations_, model.nodes_
    values = equations.evaluate(equations.prior(N_LOOKED_AT, simulation(model.random_state, 0)))
    reasons = {name: why_none(nodes[name], values[name]) for name in treatments if name not in named}
    left_out = {name: reason for name, reason in reasons.items() if reason}
    found = [
        contrast_of(nodes[name], named[name]) if name in named else ordinary_contrast(nodes[name], values[name])
        for name in treatments if name not in left_out
    ]  # fmt: skip
    return found, left_out


def _ways(above: Equations, treatment: str, outcome: str) -> Parts:
    """The direct edge, and the other first steps that lead to the outcome."""
    steps = [node for node, parents in above.parents.items() if treatment in parents]
    direct = frozenset([outcome]) if outcome in steps else frozenset[str]()
    return {"direct": direct} | {f"through {step}": frozenset([step]) for step in steps if step != outcome}
