"""Instruments: what moves the treatment and reaches the outcome through it alone, given some covariates.

References
----------
Brito, Pearl (2002), UAI: the graphical criterion. van der Zander, Textor, Liskiewicz (2015), IJCAI:
to find any conditional instrument is NP-hard; ancestral ones are found in polynomial time.
"""

from __future__ import annotations

from dataclasses import dataclass

from causalrec.errors import IdentificationError
from causalrec.graph import CausalGraph
from causalrec.graph.validation import names_of
from causalrec.identification.criterion import Criterion, Names, Verdict
from causalrec.identification.deadline import Deadline

__all__ = ["Instrument", "conditional_instruments", "instruments", "is_instrument"]


@dataclass(frozen=True, slots=True)
class Instrument:
    """An instrument, and the covariates that it needs.

    Attributes
    ----------
    name : str
    given : tuple of str, sorted
        Covariates to condition on, a minimal set; empty where it needs none.
    """

    name: str
    given: tuple[str, ...] = ()

    def __str__(self) -> str:
        return f"{self.name} given {', '.join(self.given)}" if self.given else self.name


def instruments(graph: CausalGraph, treatment: str, outcome: str) -> tuple[str, ...]:
    """Instruments that need no covariates, in the order of the graph's nodes.

    Raises
    ------
    IdentificationError : there are several treatments or outcomes.
    UnknownNodeError, GraphError : as in `adjustment_set`.

    Examples
    --------
    >>> graph = CausalGraph([("noise", "rank"), ("rank", "click")], bidirected=[("rank", "click")])
    >>> instruments(graph, "rank", "click")
    ('noise',)
    """
    criterion = _single(graph, treatment, outcome)
    return tuple(name for name in _candidates(criterion) if not _fault(criterion, name, ()))


def conditional_instruments(
    graph: CausalGraph, treatment: str, outcome: str, *, include: Names = (), deadline: float | None = None
) -> tuple[Instrument, ...]:
    """All nodes that are instruments given some of their own and the outcome's causes, each with such a set.

    Parameters
    ----------
    graph : CausalGraph
    treatment, outcome : str
    include : str or sequence of str
        Covariates that are conditioned on in any case.
    deadline : float, optional
        Seconds that the search may take; it looks at each node in time linear in the graph.

    Returns
    -------
    tuple of Instrument
        In the order of the graph's nodes. The set is the minimal one nearest to the outcome.

    Raises
    ------
    IdentificationError, UnknownNodeError, GraphError : as in `instruments`.
    UndecidedError : the deadline came first.

    Examples
    --------
    >>> edges = [("season", "noise"), ("season", "click"), ("noise", "rank"), ("rank", "click")]
    >>> graph = CausalGraph(edges, bidirected=[("rank", "click")])
    >>> [str(found) for found in conditional_instruments(graph, "rank", "click")]
    ['noise given season']
    """
    criterion = _single(graph, treatment, outcome)
    kept = names_of(include)
    graph.numbers(kept)  # refuses unknown names, all of them at once
    clock = Deadline(deadline, f"the search for instruments of {treatment!r} on {outcome!r}")
    names = (name for name in _candidates(criterion) if name not in kept)
    found = (_ancestral(criterion, name, kept) for name in clock.watched(names))
    return tuple(instrument for instrument in found if instrument)


def is_instrument(graph: CausalGraph, treatment: str, outcome: str, instrument: str, given: Names = ()) -> Verdict:
    """Whether `instrument` is one for this effect given these covariates, and if not, why.

    Examples
    --------
    >>> graph = CausalGraph([("noise", "rank"), ("noise", "click"), ("rank", "click")])
    >>> print(is_instrument(graph, "rank", "click", "noise"))
    no: 'noise' reaches 'click' around 'rank': noise -> click.
    """
    criterion = _single(graph, treatment, outcome)
    graph.numbers((instrument, *names_of(given)))  # refuses unknown names, all of them at once
    return Verdict(_fault(criterion, instrument, tuple(names_of(given))))


def _single(graph: CausalGraph, treatment: str, outcome: str) -> Criterion:
    criterion = Criterion.of(graph, treatment, outcome)
    if len(criterion.treatment) > 1 or len(criterion.outcome) > 1:
        raise IdentificationError(
            f"An instrument is for one treatment and one outcome, got {list(criterion.treatment)} and "
            f"{list(criterion.outcome)}."
        )
    return criterion


def _candidates(criterion: Criterion) -> list[str]:
    after = criterion.graph.descendants(*criterion.treatment)
    moving = criterion.graph.nodes
    return [name for name in moving if name in criterion.candidates and name not in after]


def _fault(criterion: Criterion, instrument: str, given: tuple[str, ...]) -> str:
    graph, (x,), (y,) = criterion.graph, criterion.treatment, criterion.outcome
    if hidden := sorted(graph.latent.intersection((instrument, *given))):
        return f"{' and '.join(map(repr, hidden))} is not measured."
    if late := sorted(graph.descendants(x).intersection((instrument, *given))):
        return f"{' and '.join(map(repr, late))} is the treatment itself or an effect of it."
    if instrument == y or y in given or instrument in given:
        return f"{instrument!r}, {y!r} and the covariates must be different nodes."
    if path := criterion.backdoor.open_path(instrument, y, given):
        return f"{instrument!r} reaches {y!r} around {x!r}: {path}."
    if graph.is_separated(instrument, x, given):
        return f"{instrument!r} does not move {x!r}{' given ' + ', '.join(given) if given else ''}."
    return ""


def _ancestral(criterion: Criterion, instrument: str, kept: tuple[str, ...]) -> Instrument | None:
    # The separator nearest to the outcome leaves most open between instrument and treatment: if the
    # instrument does not move the treatment given it, it does so given no ancestral set.
    within = criterion.candidates - criterion.graph.descendants(*criterion.treatment)
    given = criterion.backdoor.minimal_separator(criterion.outcome, instrument, include=kept, within=within)
    if given is None or criterion.graph.is_separated(instrument, criterion.treatment, given):
        return None
    return Instrument(instrument, tuple(sorted(given)))
