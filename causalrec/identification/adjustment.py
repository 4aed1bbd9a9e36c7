"""Adjustment sets: a minimal one, all of them, and the cheapest; or the refusal that says which path stays open."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from causalrec.errors import NotIdentifiableError
from causalrec.graph import CausalGraph, PartialGraph
from causalrec.graph.validation import names_of
from causalrec.identification.criterion import Criterion, Names
from causalrec.identification.deadline import Deadline
from causalrec.identification.measurement import causes_to_measure
from causalrec.identification.partial_adjustment import criterion_of, partial_adjustment_set
from causalrec.identification.refusal import forbidden_message, measure_message, open_path_message

__all__ = ["adjustment_set", "adjustment_sets", "minimum_adjustment_set"]


def adjustment_set(
    graph: CausalGraph | PartialGraph, treatment: Names, outcome: Names, *, include: Names = (), exclude: Names = ()
) -> frozenset[str]:
    """A minimal measured set whose adjustment identifies the total effect, the one nearest to the treatment.

    Sound and complete: when this raises, no measured adjustment set exists (that holds `include`
    and nothing of `exclude`). Takes time linear in the graph; paths and subsets are never enumerated.

    Parameters
    ----------
    graph : CausalGraph or PartialGraph
        For a class of graphs, a CPDAG or one with background knowledge, the set serves all of them.
    treatment, outcome : str or sequence of str
        Several treatments are set together: the effect is their joint one.
    include : str or sequence of str
        Nodes that are conditioned on in any case, such as the one that every row has. The set holds
        them; minimal then means that no other node can be left out.
    exclude : str or sequence of str
        Nodes that the set must not hold, such as what is dear to measure.

    Returns
    -------
    frozenset of str

    Raises
    ------
    NotIdentifiableError : every candidate set leaves a path open that is not causal. Says which, and
        a smallest set of unmeasured causes that would make adjustment possible.
    UnknownNodeError : the graph lacks some of the nodes.
    GraphError : treatment or outcome is latent, missing, or a node is both.

    References
    ----------
    van der Zander, Liskiewicz, Textor (2019), Artif. Intell. 270, 1-40.

    Examples
    --------
    >>> graph = CausalGraph([("season", "display"), ("season", "purchased"), ("display", "purchased")])
    >>> sorted(adjustment_set(graph, "display", "purchased"))
    ['season']
    """
    if isinstance(graph, PartialGraph):
        return partial_adjustment_set(graph, treatment, outcome, include=include, exclude=exclude)
    criterion, kept, candidates = _question(graph, treatment, outcome, include, exclude)
    separator = criterion.backdoor.minimal_separator(
        criterion.treatment, criterion.outcome, include=kept, within=candidates
    )
    return _found(separator, criterion, kept, candidates)


def adjustment_sets(
    graph: CausalGraph | PartialGraph,
    treatment: Names,
    outcome: Names,
    *,
    include: Names = (),
    exclude: Names = (),
    deadline: float | None = None,
) -> Iterator[frozenset[str]]:
    """All minimal adjustment sets, one at a time; none when the effect has none.

    There can be exponentially many of them; from one to the next is time of the order of nodes
    times edges. Arguments and errors as in `adjustment_set`.

    Parameters
    ----------
    deadline : float, optional
        Seconds after which the listing stops.

    Raises
    ------
    UndecidedError : the deadline came before the last set.

    References
    ----------
    van der Zander, Liskiewicz, Textor (2019), Artif. Intell. 270, 1-40: LISTMINSEP.
    Takata (2010), Discrete Applied Math. 158(15), 1660-1667.

    Examples
    --------
    >>> graph = CausalGraph([("a", "x"), ("a", "b"), ("b", "y"), ("x", "y")])
    >>> [sorted(found) for found in adjustment_sets(graph, "x", "y")]
    [['b'], ['a']]
    """
    clock = Deadline(deadline, f"listing the adjustment sets for {treatment!r} and {outcome!r}")
    criterion, kept, candidates = _question(graph, treatment, outcome, include, exclude)
    separators = criterion.backdoor.minimal_separators(
        criterion.treatment, criterion.outcome, include=kept, within=candidates, check=clock.check
    )
    return clock.watched(separators)


def minimum_adjustment_set(
    graph: CausalGraph | PartialGraph,
    treatment: Names,
    outcome: Names,
    *,
    include: Names = (),
    exclude: Names = (),
    costs: Mapping[str, float] | None = None,
) -> frozenset[str]:
    """The adjustment set with fewest nodes, or of least total cost. Arguments and errors as in `adjustment_set`.

    Parameters
    ----------
    costs : mapping of str to float, optional
        Cost of measuring a node, 0 or more; 1 for those that are not named.

    Examples
    --------
    >>> graph = CausalGraph([("a", "x"), ("b", "x"), ("a", "c"), ("b", "c"), ("c", "y"), ("x", "y")])
    >>> sorted(minimum_adjustment_set(graph, "x", "y"))
    ['c']
    >>> sorted(minimum_adjustment_set(graph, "x", "y", costs={"c": 3}))
    ['a', 'b']
    """
    if isinstance(graph, PartialGraph):
        # Refuses what no set identifies in the words of the class.
        partial_adjustment_set(graph, treatment, outcome, include=include, exclude=exclude)
    criterion, kept, candidates = _question(graph, treatment, outcome, include, exclude)
    separator = criterion.backdoor.minimum_separator(
        criterion.treatment, criterion.outcome, include=kept, within=candidates, costs=costs
    )
    return _found(separator, criterion, kept, candidates)


def _question(
    graph: CausalGraph | PartialGraph, treatment: Names, outcome: Names, include: Names, exclude: Names
) -> tuple[Criterion, frozenset[str], frozenset[str]]:
    criterion = criterion_of(graph, treatment, outcome)
    kept, left_out = frozenset(names_of(include)), frozenset(names_of(exclude))
    graph.numbers((*kept, *left_out))  # refuses unknown names, all of them at once
    if blocked := sorted(kept & criterion.forbidden):
        raise _refusal(criterion, *forbidden_message(criterion, blocked))
    return criterion, kept, criterion.candidates - left_out


def _found(
    separator: frozenset[str] | None, criterion: Criterion, kept: frozenset[str], candidates: frozenset[str]
) -> frozenset[str]:
    if separator is not None:
        return separator
    message, path = open_path_message(criterion, kept, candidates)
    causes = causes_to_measure(criterion, kept, candidates)
    raise _refusal(criterion, f"{message}{measure_message(path, causes)}", path, causes)


def _refusal(
    criterion: Criterion, message: str, path: tuple[str, ...], measure: tuple[str, ...] = ()
) -> NotIdentifiableError:
    return NotIdentifiableError(
        message,
        treatment=criterion.treatment,
        outcome=criterion.outcome,
        open_path=path,
        latent=criterion.graph.latent.intersection(path),
        measure=measure,
    )
