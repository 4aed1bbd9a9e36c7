"""What is asked of a graph, checked once."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from causalrec.errors import GraphError, IdentificationError
from causalrec.graph import CausalGraph, PartialGraph
from causalrec.graph.validation import names_of
from causalrec.identification.criterion import Criterion
from causalrec.identification.deadline import Deadline
from causalrec.identification.partial_adjustment import criterion_of

__all__ = ["Question"]

Names = str | Iterable[str]


@dataclass(frozen=True, slots=True)
class Question:
    """The effect of `treatment` on `outcome`, among the selected, within levels of `conditional`.

    Attributes
    ----------
    graph : CausalGraph or PartialGraph
    treatment : tuple of str
    outcome : str
    selected : tuple of str
        Nodes that every row has.
    conditional : tuple of str
        Nodes within whose values the effect is asked for.
    deadline : float or None
        Seconds that one search may take.
    """

    graph: CausalGraph | PartialGraph
    treatment: tuple[str, ...]
    outcome: str
    selected: tuple[str, ...] = ()
    conditional: tuple[str, ...] = ()
    deadline: float | None = None

    @classmethod
    def of(
        cls,
        graph: CausalGraph | PartialGraph,
        treatment: Names,
        outcome: Names,
        selected: Names | None,
        conditional: Names,
        deadline: float | None,
    ) -> Question:
        """Question with all names known and no contradiction in it.

        Raises
        ------
        UnknownNodeError : the graph lacks some of the nodes; all of them are named.
        GraphError : treatment or outcome is latent, missing, or a node is both.
        IdentificationError : the graph says that there is no effect, or what is conditioned on does not vary
            or is latent.
        """
        x, y = tuple(dict.fromkeys(names_of(treatment))), names_of(outcome)
        kept = graph.nodes_with("selected") if selected is None else tuple(dict.fromkeys(names_of(selected)))
        within = tuple(dict.fromkeys(names_of(conditional)))
        Deadline(deadline, "identification")  # refuses what is no number of seconds
        graph.numbers((*x, *y, *kept, *within))  # refuses unknown names, all of them at once
        if len(y) != 1:
            raise GraphError(f"An estimand has one outcome, got {list(y)}: identify each one for itself.")
        criterion = criterion_of(graph, x, y)
        _refuse_no_effect(graph, criterion)
        _refuse_selection(criterion, kept)
        _refuse_conditional(criterion, kept, within)
        return cls(graph, x, y[0], kept, within, deadline)


def _refuse_no_effect(graph: CausalGraph | PartialGraph, criterion: Criterion) -> None:
    treatment, outcome = criterion.treatment, criterion.outcome[0]
    names = " and ".join(map(repr, treatment))
    backwards = graph.ancestors(*treatment) & {outcome} and criterion.graph.directed_path(outcome, treatment)
    if backwards:
        raise IdentificationError(
            f"{outcome!r} is a cause of {backwards[-1]!r}, not the other way round: {backwards}. By the graph "
            f"{backwards[-1]!r} has no effect on it, so there is nothing to estimate. Turn the question round, or "
            f"the edges."
        )
    if not criterion.causal:
        raise IdentificationError(
            f"The graph has no directed path from {names} to {outcome!r}, so it says that the effect is zero and "
            f"there is nothing to estimate. Add the edges that are missing."
        )


def _refuse_selection(criterion: Criterion, kept: tuple[str, ...]) -> None:
    if ends := [node for node in kept if node in (*criterion.treatment, *criterion.outcome)]:
        raise IdentificationError(
            f"Every row has {ends[0]!r}, so it does not vary, and its effect or an effect on it cannot be seen. Use "
            f"data with rows without it, and drop it from the selected nodes."
        )
    if hidden := sorted(criterion.graph.latent.intersection(kept)):
        raise IdentificationError(
            f"{' and '.join(map(repr, hidden))} is latent and selected at once: if every row has it, it is known. "
            f"Drop one of the two."
        )


def _refuse_conditional(criterion: Criterion, kept: tuple[str, ...], within: tuple[str, ...]) -> None:
    if ends := [node for node in within if node in (*criterion.treatment, *criterion.outcome, *kept)]:
        raise IdentificationError(
            f"{ends[0]!r} is the treatment, the outcome or selected: an effect within its values is no question. Drop "
            f"it from `conditional`."
        )
    if hidden := sorted(criterion.graph.latent.intersection(within)):
        raise IdentificationError(f"{' and '.join(map(repr, hidden))} is latent: no data show the effect within it.")
