"""Graphs of networkx, both ways.

An edge with ``type="bidirected"`` is bidirected (as pgmpy writes it). A node with ``observed="no"`` is
latent (as DoWhy writes it), and ``roles`` holds its roles.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from causalrec.errors import GraphError
from causalrec.graph.causal_graph import CausalGraph
from causalrec.graph.formats.attributes import attribute_words, split_roles
from causalrec.graph.formats.document import as_document
from causalrec.graph.formats.draft import Draft, role_named
from causalrec.graph.formats.losses import warn_of_losses

if TYPE_CHECKING:
    import networkx as nx

__all__ = ["draft_of", "from_networkx", "to_networkx"]


def from_networkx(graph: nx.DiGraph) -> CausalGraph:
    """Graph of a ``DiGraph`` or a ``MultiDiGraph`` whose nodes are texts.

    Raises
    ------
    GraphError : an undirected graph, or a node that is no text.
    CycleError : the edges contain a cycle.

    Examples
    --------
    >>> import networkx as nx
    >>> from_networkx(nx.DiGraph([("display", "purchased")])).edges
    (('display', 'purchased'),)
    """
    return draft_of(graph).document().graph


def to_networkx(graph: CausalGraph) -> nx.DiGraph:
    """``DiGraph`` of `graph`; a ``MultiDiGraph`` where edges are bidirected, since two nodes may share both kinds.

    A bidirected edge is one edge, from either end, with ``type="bidirected"``.

    Examples
    --------
    >>> print(to_networkx(CausalGraph([("display", "purchased")])))
    DiGraph with 2 nodes and 1 edges
    """
    import networkx as nx

    document = as_document(graph)
    warn_of_losses("networkx", document, {"positions"})
    graph = document.graph
    made = nx.MultiDiGraph() if graph.bidirected else nx.DiGraph()
    for node in graph.nodes:
        words: dict[str, Any] = attribute_words(graph, node)
        if "roles" in words:
            words["roles"] = split_roles(words["roles"])
        made.add_node(node, **words)
    made.add_edges_from(graph.edges)
    made.add_edges_from(graph.bidirected, type="bidirected")
    return made


def draft_of(graph: Any) -> Draft:
    """What a graph of networkx says."""
    import networkx as nx

    if not isinstance(graph, nx.Graph) or not graph.is_directed():
        what = "an undirected graph" if isinstance(graph, nx.Graph) else type(graph).__name__
        raise GraphError(f"Expected a DiGraph or MultiDiGraph of networkx, got {what}: edges say what causes what.")
    draft = Draft()
    for node, given in graph.nodes(data=True):
        _add_node(draft, node, given)
    for cause, effect, kind in graph.edges(data="type"):
        (draft.bidirected if kind == "bidirected" else draft.edges).append((cause, effect))
    return draft


def _add_node(draft: Draft, node: Any, given: Mapping[str, Any]) -> None:
    if not isinstance(node, str) or not node:
        raise GraphError(f"Node {node!r} is no text. Rename it first: networkx.relabel_nodes(graph, str).")
    draft.nodes[node] = None
    if str(given.get("observed", "yes")).lower() in {"no", "false", "0"} or given.get("latent", False) is True:
        draft.latent[node] = None
    for word in _roles(given.get("roles", ())):
        role, reason = role_named(word)
        if reason:
            raise GraphError(f"Node {node!r} has a role that is none: {reason}.")
        draft.give((node,), role)


def _roles(given: Any) -> list[str]:
    if isinstance(given, str):
        return split_roles(given)
    return sorted(str(role) for role in given) if isinstance(given, Iterable) else []
