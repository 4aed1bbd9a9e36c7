"""Front-door adjustment: mediators that carry the whole effect and share no hidden cause with its ends.

A set Z is one when (1) it meets all directed paths from X to Y, (2) no proper back-door path from
X to Z is open, (3) X closes all proper back-door paths from Z to Y.

References
----------
Pearl (1995), Biometrika 82(4), 669-688: the criterion. Wienöbst, van der Zander, Liśkiewicz (2024),
AAAI: the algorithms.
"""

from __future__ import annotations

from collections.abc import Iterator

from causalrec.errors import NotIdentifiableError
from causalrec.graph import CausalGraph
from causalrec.graph.validation import names_of
from causalrec.identification.criterion import Criterion, Names
from causalrec.identification.deadline import Deadline
from causalrec.identification.frontdoor_search import FrontdoorSearch

__all__ = ["frontdoor_set", "frontdoor_sets"]


def frontdoor_set(
    graph: CausalGraph, treatment: Names, outcome: Names, *, include: Names = (), exclude: Names = ()
) -> frozenset[str]:
    """A minimal front-door set, in time linear in the graph.

    Sound and complete: when this raises there is no front-door set (that holds `include` and nothing
    of `exclude`).

    Parameters
    ----------
    graph : CausalGraph
    treatment, outcome : str or sequence of str
    include, exclude : str or sequence of str
        Nodes that the set must and must not hold.

    Returns
    -------
    frozenset of str

    Raises
    ------
    NotIdentifiableError : there is none; names a causal path that no mediator can stand for.
    UnknownNodeError, GraphError : as in `adjustment_set`.

    Examples
    --------
    >>> graph = CausalGraph([("shown", "seen"), ("seen", "bought")], bidirected=[("shown", "bought")])
    >>> sorted(frontdoor_set(graph, "shown", "bought"))
    ['seen']
    """
    search, kept, allowed = _question(graph, treatment, outcome, include, exclude)
    widest = search.widest(allowed)
    if not search.holds(widest, kept):
        raise _refusal(search, graph, widest, kept)
    return search.named(search.minimal(widest, kept))


def frontdoor_sets(
    graph: CausalGraph,
    treatment: Names,
    outcome: Names,
    *,
    include: Names = (),
    exclude: Names = (),
    deadline: float | None = None,
) -> Iterator[frozenset[str]]:
    """All front-door sets, minimal or not, one at a time; none when there is none.

    There can be exponentially many; from one to the next is time of the order of nodes times
    edges. Arguments and errors as in `frontdoor_set`.

    Parameters
    ----------
    deadline : float, optional
        Seconds after which the listing stops.

    Raises
    ------
    UndecidedError : the deadline came before the last set.

    Examples
    --------
    >>> graph = CausalGraph([("x", "a"), ("a", "b"), ("b", "y")], bidirected=[("x", "y")])
    >>> [sorted(found) for found in frontdoor_sets(graph, "x", "y")]
    [['b'], ['a'], ['a', 'b']]
    """
    clock = Deadline(deadline, f"listing the front-door sets for {treatment!r} and {outcome!r}")
    search, kept, allowed = _question(graph, treatment, outcome, include, exclude)
    return clock.watched(map(search.named, _listed(search, kept, allowed, clock)))


def _listed(
    search: FrontdoorSearch, kept: frozenset[int], allowed: frozenset[int], clock: Deadline
) -> Iterator[frozenset[int]]:
    branches = [(kept, allowed)]
    while branches:
        clock.check()
        inside, within = branches.pop()
        widest = search.widest(within)
        if not search.holds(widest, inside):
            continue
        undecided = min(widest - inside, default=None)
        if undecided is None:
            yield widest
            continue
        branches.append((inside | {undecided}, widest))
        branches.append((inside, widest - {undecided}))


def _question(
    graph: CausalGraph, treatment: Names, outcome: Names, include: Names, exclude: Names
) -> tuple[FrontdoorSearch, frozenset[int], frozenset[int]]:
    criterion = Criterion.of(graph, treatment, outcome)
    kept, left_out = names_of(include), names_of(exclude)
    graph.numbers((*kept, *left_out))  # refuses unknown names, all of them at once
    measured = (name for name in graph.nodes if name not in graph.latent)
    ends = {*criterion.treatment, *criterion.outcome, *left_out}
    allowed = frozenset(graph.numbers(name for name in measured if name not in ends))
    return FrontdoorSearch(graph, criterion.treatment, criterion.outcome), frozenset(graph.numbers(kept)), allowed


def _refusal(
    search: FrontdoorSearch, graph: CausalGraph, widest: frozenset[int], kept: frozenset[int]
) -> NotIdentifiableError:
    effect = f"{' and '.join(map(repr, search.treatment))} on {' and '.join(map(repr, search.outcome))}"
    missing = sorted(search.named(kept - widest))
    closed = search.named(widest)
    fixed = graph.without_edges((node, child) for node in sorted(closed) for child in sorted(graph.children(node)))
    path = fixed.directed_path(search.treatment, search.outcome)
    why = (
        f"{' and '.join(map(repr, missing))} cannot be in a front-door set"
        if missing
        else f"no mediator on the causal path {path} is measured and free of hidden causes that it shares with its ends"
    )
    return NotIdentifiableError(
        f"The effect of {effect} is not identifiable by the front door: {why}.",
        treatment=search.treatment,
        outcome=search.outcome,
        open_path=path,
        latent=graph.latent.intersection(path),
    )
