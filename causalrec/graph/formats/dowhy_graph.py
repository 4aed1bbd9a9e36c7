"""Graphs of DoWhy, by what they hold: DoWhy itself is not imported."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from causalrec.errors import GraphError
from causalrec.graph.causal_graph import CausalGraph
from causalrec.graph.formats.document import as_document
from causalrec.graph.formats.losses import warn_of_losses
from causalrec.graph.formats.networkx_graph import draft_of

if TYPE_CHECKING:
    import networkx as nx

__all__ = ["from_dowhy", "to_dowhy"]

_STANDS_FOR = "bidirected"


def from_dowhy(model: Any) -> CausalGraph:
    """Graph of DoWhy's ``CausalModel``, ``CausalGraph`` or graphical causal model, or of the ``DiGraph`` it takes.

    Treatment and outcome become roles. A latent node that `to_dowhy` made of a bidirected edge becomes
    one again.

    Raises
    ------
    GraphError : the object is none of them.
    """
    import networkx as nx

    inner = model
    for _ in range(3):  # a model holds a CausalGraph, which holds a DiGraph
        if isinstance(inner, nx.Graph):
            break
        inner = getattr(inner, "_graph", None) or getattr(inner, "graph", None)
    if not isinstance(inner, nx.Graph):
        raise GraphError(f"Expected a model or a graph of DoWhy, got {type(model).__name__}.")
    made = {node for node, word in inner.nodes(data="stands_for") if word == _STANDS_FOR}
    draft = draft_of(inner.subgraph(node for node in inner if node not in made))
    for node in inner:
        if node in made:
            one, other = sorted(inner.successors(node))
            draft.bidirected.append((one, other))
    for role, name in (("treatment", "treatment_name"), ("outcome", "outcome_name")):
        for holder in (model, getattr(model, "_graph", None)):
            names = getattr(holder, name, None) or getattr(holder, f"_{role}", None) or ()
            names = [names] if isinstance(names, str) else names
            draft.give([node for node in names if node in draft.nodes], role)
    return draft.document().graph


def to_dowhy(graph: CausalGraph) -> nx.DiGraph:
    """``DiGraph`` that DoWhy takes: an unmeasured cause stands for each bidirected edge.

    DoWhy takes as measured what the data have as a column, whatever the graph says: leave the latent
    nodes out of the data.

    Examples
    --------
    >>> made = to_dowhy(CausalGraph([("exposed", "watched")], bidirected=[("exposed", "watched")]))
    >>> sorted(made.edges)
    [('U(exposed, watched)', 'exposed'), ('U(exposed, watched)', 'watched'), ('exposed', 'watched')]
    """
    import networkx as nx

    document = as_document(graph)
    warn_of_losses("DoWhy", document, {"positions"})
    graph = document.graph
    made = nx.DiGraph()
    for node in graph.nodes:
        roles = sorted(graph.roles.get(node, ()))
        made.add_node(node, observed="no" if node in graph.latent else "yes", **({"roles": roles} if roles else {}))
    made.add_edges_from(graph.edges)
    for one, other in graph.bidirected:
        name = f"U({one}, {other})"
        while name in made:
            name += "'"
        made.add_node(name, observed="no", stands_for=_STANDS_FOR)
        made.add_edges_from([(name, one), (name, other)])
    return made
