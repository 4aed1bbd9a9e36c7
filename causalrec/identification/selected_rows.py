"""Rows that exist for a part of the population only: which nodes they all have, and who cannot use them."""

from causalrec.errors import GraphError, IdentificationError
from causalrec.graph import CausalGraph
from causalrec.graph.validation import names_of
from causalrec.identification.criterion import Names

__all__ = ["refuse_selected", "selected_nodes"]


def selected_nodes(graph: CausalGraph, selected: Names | None) -> tuple[str, ...]:
    """Nodes that every row has: those named, or by default those with the role "selected".

    Raises
    ------
    UnknownNodeError : the graph lacks some of the nodes.
    GraphError : one is latent.
    """
    chosen = graph.nodes_with("selected") if selected is None else tuple(dict.fromkeys(names_of(selected)))
    graph.descendants(*chosen)  # refuses unknown names, all of them at once
    if hidden := sorted(graph.latent.intersection(chosen)):
        raise GraphError(
            f"{' and '.join(map(repr, hidden))} is latent and selected at once: if every row has it, it is known."
        )
    return chosen


def refuse_selected(graph: CausalGraph, what: str) -> None:
    """Refuse a graph whose rows are selected, for a formula of the whole population.

    Raises
    ------
    IdentificationError : a node has the role "selected".
    """
    if chosen := graph.nodes_with("selected"):
        names = " and ".join(map(repr, chosen))
        raise IdentificationError(
            f"Every row has {names}, and {what} is not known for data with such a selection. If rows exist without it "
            f"too, drop the role selected from it."
        )
