"""Adjustment in a class of graphs: a set that serves every graph of it, or the refusal that says what is missing."""

from __future__ import annotations

from causalrec.errors import AdjustmentError, NotIdentifiableError
from causalrec.graph import CausalGraph, NamedPath
from causalrec.graph.partial_graph import PartialGraph
from causalrec.graph.validation import names_of
from causalrec.identification.criterion import Criterion, Names, Verdict
from causalrec.identification.partial_criterion import PartialCriterion
from causalrec.identification.wording import quoted

__all__ = [
    "check_partial_adjustment",
    "class_criterion",
    "criterion_of",
    "is_partial_adjustment_set",
    "partial_adjustment_set",
]


def partial_adjustment_set(
    graph: PartialGraph, treatment: Names, outcome: Names, *, include: Names = (), exclude: Names = ()
) -> frozenset[str]:
    """A minimal measured set whose adjustment identifies the total effect in every graph of the class.

    Sound and complete: when this raises, no measured set serves all of them. Neither paths nor the
    graphs of the class are enumerated: the first edges of possibly causal paths decide whether there
    can be a set, and then one graph stands for all. Which one it is does not matter to the set.

    Parameters
    ----------
    graph : PartialGraph
        A CPDAG, or one with background knowledge.
    treatment, outcome : str or sequence of str
        Several treatments are set together: the effect is their joint one.
    include, exclude : str or sequence of str
        Nodes that the set must hold, and must not hold.

    Raises
    ------
    NotIdentifiableError : an undirected edge at the treatment decides the effect, or each set leaves a
        path open that is not causal. Says which.
    UnknownNodeError : the graph lacks some of the nodes.
    GraphError : treatment or outcome is latent, missing, or a node is both; or the class is empty.

    References
    ----------
    Perkovic, Textor, Kalisch, Maathuis (2018), JMLR 18(220). Perkovic, Kalisch, Maathuis (2017), UAI.

    Examples
    --------
    >>> edges = [("season", "display"), ("display", "purchased"), ("price", "purchased")]
    >>> graph = PartialGraph(edges, undirected=[("season", "price")])
    >>> sorted(partial_adjustment_set(graph, "display", "purchased"))
    ['season']
    """
    criterion = PartialCriterion.of(graph, treatment, outcome)
    kept, left_out = frozenset(names_of(include)), frozenset(names_of(exclude))
    graph.numbers((*kept, *left_out))  # refuses unknown names, all of them at once
    _refuse_doubt(criterion)
    if blocked := sorted(kept & criterion.member.forbidden):
        reasons = "; ".join(map(criterion.why_forbidden, blocked))
        path = criterion.causal_path(blocked[0])
        raise _refusal(criterion, f"{reasons}, so it cannot be conditioned on. Leave it out.", path)
    x, y, candidates = criterion.member.treatment, criterion.member.outcome, criterion.member.candidates - left_out
    separator = criterion.member.backdoor.minimal_separator(x, y, include=kept, within=candidates)
    if separator is None:
        raise _open(criterion, kept, candidates)
    return separator


def check_partial_adjustment(graph: PartialGraph, treatment: Names, outcome: Names, adjustment: Names) -> None:
    """Refuse a set that does not identify the total effect by adjustment in every graph of the class.

    Raises
    ------
    AdjustmentError : says why: the undirected edge that decides, the node that may not be adjusted for,
        or the path that stays open.

    Examples
    --------
    >>> graph = PartialGraph([], undirected=[("display", "purchased")])
    >>> check_partial_adjustment(graph, "display", "purchased", [])
    Traceback (most recent call last):
    causalrec.errors.AdjustmentError: Adjusting for [] does not give the effect of 'display' on 'purchased': \
the path display -- purchased may be causal or not, and the edge between 'display' and 'purchased' decides it, \
which has no direction in this graph. If you know it, direct it: with_orientations([('display', 'purchased')]), \
or the other way round.
    """
    criterion = PartialCriterion.of(graph, treatment, outcome)
    chosen = tuple(dict.fromkeys(names_of(adjustment)))
    graph.numbers(chosen)  # refuses unknown names, all of them at once
    if reason := _violation(criterion, chosen):
        raise AdjustmentError(
            f"Adjusting for {sorted(chosen)} does not give the effect of {_effect(criterion)}: {reason}"
        )


def is_partial_adjustment_set(graph: PartialGraph, treatment: Names, outcome: Names, adjustment: Names) -> Verdict:
    """Whether adjusting for these nodes gives the total effect in every graph of the class, and if not, why.

    >>> graph = PartialGraph([("display", "purchased")], undirected=[("season", "price")])
    >>> print(is_partial_adjustment_set(graph, "display", "purchased", ["season"]))
    yes
    """
    criterion = PartialCriterion.of(graph, treatment, outcome)
    chosen = tuple(dict.fromkeys(names_of(adjustment)))
    graph.numbers(chosen)  # refuses unknown names, all of them at once
    return Verdict(_violation(criterion, chosen))


def class_criterion(graph: PartialGraph, treatment: Names, outcome: Names) -> Criterion:
    """Criterion of one graph of the class that stands for all: a set meets it just when it serves all of them.

    So what lists or weighs adjustment sets of a directed graph does it for a class too.

    Raises
    ------
    NotIdentifiableError : an undirected edge at the treatment decides the effect.
    """
    criterion = PartialCriterion.of(graph, treatment, outcome)
    _refuse_doubt(criterion)
    return criterion.member


def criterion_of(graph: CausalGraph | PartialGraph, treatment: Names, outcome: Names) -> Criterion:
    """Criterion of a graph, or of one that stands for its class."""
    if isinstance(graph, PartialGraph):
        return class_criterion(graph, treatment, outcome)
    return Criterion.of(graph, treatment, outcome)


def _violation(criterion: PartialCriterion, chosen: tuple[str, ...]) -> str:
    member = criterion.member
    if ends := [node for node in chosen if node in (*member.treatment, *member.outcome)]:
        return f"{quoted(ends)} is the treatment or the outcome itself. Leave it out."
    if hidden := [node for node in chosen if node in criterion.graph.latent]:
        return f"{quoted(hidden)} is not measured. Measure it, or find another set with adjustment_set."
    if criterion.doubtful:
        return _doubt(criterion.doubtful)
    if wrong := [node for node in chosen if node in member.forbidden]:
        it = "it" if len(wrong) == 1 else "them"
        return f"{'; '.join(map(criterion.why_forbidden, wrong))}. Leave {it} out."
    path = member.open_path(chosen)
    if not path:
        return ""
    closing = sorted((set(path[1:-1]) - set(path.colliders())) & member.candidates)
    step = f"Add {' or '.join(map(repr, closing))}." if closing else "No measured node on it can close it."
    return f"the path {criterion.drawn(path)} stays open{_opened(path)}. {step}"


def _opened(path: NamedPath) -> str:
    colliders = path.colliders()
    return f", opened by conditioning on {quoted(colliders)} or on what follows from it" if colliders else ""


def _doubt(path: NamedPath) -> str:
    return (
        f"the path {path} may be causal or not, and the edge between {path[0]!r} and {path[1]!r} decides it, which has "
        f"no direction in this graph. If you know it, direct it: with_orientations([({path[0]!r}, {path[1]!r})]), or "
        f"the other way round."
    )


def _refuse_doubt(criterion: PartialCriterion) -> None:
    if criterion.doubtful:
        reason = f"the graphs of this class disagree on it: {_doubt(criterion.doubtful)}"
        raise _refusal(criterion, reason, criterion.doubtful)


def _open(criterion: PartialCriterion, kept: frozenset[str], candidates: frozenset[str]) -> NotIdentifiableError:
    member = criterion.member
    widest = (member.backdoor.ancestors(*member.treatment, *member.outcome, *kept) & candidates) | kept
    path = criterion.drawn(member.open_path(widest))
    hidden = sorted(criterion.graph.latent.intersection(path))
    where = f", where {quoted(hidden)} {'is' if len(hidden) == 1 else 'are'} not measured" if hidden else ""
    step = f" Measure {' or '.join(map(repr, hidden))}." if hidden else ""
    step += " Ask for one treatment at a time." if len(member.treatment) > 1 else ""
    shown = sorted(widest)
    listed = f"{shown[:12]}{f' and {len(shown) - 12} more' if len(shown) > 12 else ''}"
    return _refusal(criterion, f"conditioning on {listed} leaves the path {path} open{where}.{step}", path)


def _refusal(criterion: PartialCriterion, reason: str, path: NamedPath) -> NotIdentifiableError:
    return NotIdentifiableError(
        f"The effect of {_effect(criterion)} is not identifiable by adjustment: {reason}",
        treatment=criterion.member.treatment,
        outcome=criterion.member.outcome,
        open_path=path,
        latent=criterion.graph.latent.intersection(path),
    )


def _effect(criterion: PartialCriterion) -> str:
    return f"{quoted(criterion.member.treatment)} on {quoted(criterion.member.outcome)}"
