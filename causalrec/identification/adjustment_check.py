"""Whether a set is an adjustment set, and if not, why."""

from __future__ import annotations

from causalrec.errors import AdjustmentError
from causalrec.graph import CausalGraph, NamedPath, PartialGraph
from causalrec.graph.validation import names_of
from causalrec.identification.criterion import Criterion, Names, Verdict
from causalrec.identification.partial_adjustment import check_partial_adjustment, is_partial_adjustment_set
from causalrec.identification.wording import quoted

__all__ = ["check_adjustment", "is_adjustment_set"]


def check_adjustment(graph: CausalGraph | PartialGraph, treatment: Names, outcome: Names, adjustment: Names) -> None:
    """Refuse a set that does not identify the total effect by adjustment.

    Raises
    ------
    AdjustmentError : the set holds a latent node, or an effect of the treatment on a causal path
        or of one there, or leaves open a path that is not causal. Says which, and what to do.

    Examples
    --------
    >>> graph = CausalGraph([("display", "click"), ("click", "purchased")])
    >>> check_adjustment(graph, "display", "purchased", ["click"])
    Traceback (most recent call last):
    causalrec.errors.AdjustmentError: Adjusting for ['click'] does not give the effect of 'display' on 'purchased': \
'click' lies on the causal path display -> click -> purchased. Leave it out.
    """
    if isinstance(graph, PartialGraph):
        return check_partial_adjustment(graph, treatment, outcome, adjustment)
    criterion = Criterion.of(graph, treatment, outcome)
    chosen = _chosen(graph, adjustment)
    if reason := _violation(criterion, chosen):
        effect = f"{quoted(criterion.treatment)} on {quoted(criterion.outcome)}"
        raise AdjustmentError(f"Adjusting for {sorted(chosen)} does not give the effect of {effect}: {reason}")


def is_adjustment_set(
    graph: CausalGraph | PartialGraph, treatment: Names, outcome: Names, adjustment: Names
) -> Verdict:
    """Whether adjusting for these nodes gives the total effect, and if not, why.

    Returns
    -------
    Verdict
        True or False in an ``if``; prints the reason.

    Examples
    --------
    >>> graph = CausalGraph([("season", "display"), ("season", "purchased"), ("display", "purchased")])
    >>> bool(is_adjustment_set(graph, "display", "purchased", ["season"]))
    True
    >>> print(is_adjustment_set(graph, "display", "purchased", []))
    no: the path display <- season -> purchased stays open. Add 'season'.
    """
    if isinstance(graph, PartialGraph):
        return is_partial_adjustment_set(graph, treatment, outcome, adjustment)
    criterion = Criterion.of(graph, treatment, outcome)
    return Verdict(_violation(criterion, _chosen(graph, adjustment)))


def _chosen(graph: CausalGraph, adjustment: Names) -> tuple[str, ...]:
    chosen = tuple(dict.fromkeys(names_of(adjustment)))
    graph.numbers(chosen)  # refuses unknown names, all of them at once
    return chosen


def _violation(criterion: Criterion, chosen: tuple[str, ...]) -> str:
    if ends := [node for node in chosen if node in (*criterion.treatment, *criterion.outcome)]:
        return f"{quoted(ends)} is the treatment or the outcome itself. Leave it out."
    if hidden := [node for node in chosen if node in criterion.graph.latent]:
        return f"{quoted(hidden)} is not measured. Measure it, or find another set with adjustment_set."
    if wrong := [node for node in chosen if node in criterion.forbidden]:
        it = "it" if len(wrong) == 1 else "them"
        return f"{'; '.join(map(criterion.why_forbidden, wrong))}. Leave {it} out."
    path = criterion.open_path(chosen)
    return f"the path {path} stays open{_opened(path)}. {_closing(criterion, path)}" if path else ""


def _opened(path: NamedPath) -> str:
    colliders = path.colliders()
    return f", opened by conditioning on {quoted(colliders)} or on what follows from it" if colliders else ""


def _closing(criterion: Criterion, path: NamedPath) -> str:
    inner = set(path[1:-1]) - set(path.colliders())
    closing = sorted(inner & criterion.candidates)
    return f"Add {' or '.join(map(repr, closing))}." if closing else "No measured node on it can close it."
