"""Graphs of pgmpy, by what they can do: pgmpy itself is not imported."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from causalrec.errors import GraphError
from causalrec.graph.causal_graph import CausalGraph
from causalrec.graph.formats.document import as_document
from causalrec.graph.formats.losses import warn_of_losses
from causalrec.graph.formats.networkx_graph import draft_of

__all__ = ["PgmpyArguments", "from_pgmpy", "to_pgmpy"]


@dataclass(frozen=True, slots=True)
class PgmpyArguments:
    """What pgmpy's graphs are built from.

    Attributes
    ----------
    directed, bidirected : list of (str, str)
    latents : set of str
    roles : dict of str to list of str
        In pgmpy's words: exposures, outcomes; the others as causalrec has them.
    nodes : list of str
        All of them; ``add_nodes_from`` adds those without an edge.
    """

    directed: list[tuple[str, str]]
    bidirected: list[tuple[str, str]]
    latents: set[str]
    roles: dict[str, list[str]]
    nodes: list[str]


_WORDS = {"treatment": "exposures", "outcome": "outcomes"}


def from_pgmpy(model: Any) -> CausalGraph:
    """Graph of pgmpy's ``DAG``, ``ADMG`` or Bayesian network: edges, latent nodes, roles.

    Raises
    ------
    GraphError : the model is no such graph, or a PDAG or MAG, which stands for several graphs.
    """
    import networkx as nx

    if not isinstance(model, nx.Graph):
        raise GraphError(f"Expected a graph of pgmpy, got {type(model).__name__}.")
    kinds = {base.__name__ for base in type(model).__mro__}
    if several := kinds & {"PDAG", "MAG", "PAG", "AncestralBase"}:
        raise GraphError(f"A {min(several)} stands for several graphs: choose one that it stands for, as a DAG.")
    draft = draft_of(model)
    draft.latent.update(dict.fromkeys(node for node in getattr(model, "latents", ()) if node in draft.nodes))
    return draft.document().graph


def to_pgmpy(graph: CausalGraph) -> PgmpyArguments:
    """What pgmpy takes: ``ADMG(made.directed, made.bidirected, latents=made.latents, roles=made.roles)``.

    Without bidirected edges also ``DAG(made.directed, latents=made.latents, roles=made.roles)``.

    Examples
    --------
    >>> to_pgmpy(CausalGraph([("display", "purchased")], roles={"display": "treatment"})).roles
    {'exposures': ['display']}
    """
    document = as_document(graph)
    warn_of_losses("pgmpy", document, {"positions"})
    graph = document.graph
    roles: dict[str, list[str]] = {}
    for node in graph.nodes:
        for role in sorted(graph.roles.get(node, ())):
            roles.setdefault(_WORDS.get(role, role), []).append(node)
    return PgmpyArguments(list(graph.edges), list(graph.bidirected), set(graph.latent), roles, list(graph.nodes))
