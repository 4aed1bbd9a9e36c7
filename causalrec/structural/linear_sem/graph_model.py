"""A causal graph as a linear model: each edge a coefficient, each bidirected edge a residual covariance."""

from __future__ import annotations

from causalrec.errors import GraphError
from causalrec.graph import CausalGraph
from causalrec.structural.linear_sem.syntax import Model, Statement

__all__ = ["MIN_EFFECTS", "graph_model"]

MIN_EFFECTS = 3
"""Effects from which on a latent node is kept as a variable; covariances cannot show one with fewer."""

REFUSED = {
    "block": "a linear structural model takes nodes of one column each. Give a graph whose nodes are columns.",
    "absorbed": "a linear structural model has no effects of groups. Give a graph whose nodes are columns.",
    "selected": "covariances among selected rows are not those that the graph's coefficients imply.",
}


def graph_model(graph: CausalGraph, *, standardize_latents: bool = False) -> Model:
    """The model that a graph states, and nothing more: what no edge joins is uncorrelated.

    A latent node with three or more effects is a latent variable; one with fewer is projected out, so that an
    unmeasured common cause of two nodes becomes a covariance of their residuals. Measured nodes that have
    only latent causes and no effect are indicators.

    Raises
    ------
    GraphError : a node is a block of columns, absorbed, or selected upon.
    """
    for role, reason in REFUSED.items():
        if named := graph.nodes_with(role):
            raise GraphError(f"{', '.join(map(repr, named))} has the role {role!r}: {reason}")
    graph = _projected(graph)
    rows = [*_edges(graph, standardize_latents), *(Statement(a, "~~", b) for a, b in graph.bidirected)]
    lone = [Statement(name, "~~", name) for name in graph.nodes if not (graph.parents(name) | graph.children(name))]
    return Model((*rows, *lone), latent=tuple(name for name in graph.nodes if name in graph.latent), completed=False)


def _projected(graph: CausalGraph) -> CausalGraph:
    few = {name for name in graph.latent if len(graph.children(name)) < MIN_EFFECTS}
    if not few:
        return graph
    kept = graph.latent - few
    shown = CausalGraph(graph.edges, bidirected=graph.bidirected, latent=few, nodes=graph.nodes).latent_projection()
    return CausalGraph(shown.edges, bidirected=shown.bidirected, latent=kept, nodes=shown.nodes)


def _edges(graph: CausalGraph, standardize_latents: bool) -> list[Statement]:
    indicators = {name for name in graph.nodes if _is_indicator(graph, name)}
    rows, scaled = list[Statement](), set[str]()
    for cause, effect in sorted(graph.edges, key=lambda edge: edge[1] not in indicators):
        if effect in indicators:
            rows.append(Statement(cause, "=~", effect))
            scaled.add(cause)
            continue
        needs_scale = cause in graph.latent and cause not in scaled and effect not in graph.latent
        fixed = needs_scale and not standardize_latents
        scaled.add(cause)
        rows.append(Statement(effect, "~", cause, 1.0 if fixed else None))
    return rows


def _is_indicator(graph: CausalGraph, name: str) -> bool:
    causes = graph.parents(name)
    return bool(causes) and causes <= graph.latent and name not in graph.latent and not graph.children(name)
