"""What a graph must be for its mechanisms to be learned one by one."""

from __future__ import annotations

from causalrec.errors import GraphError, NotIdentifiableError
from causalrec.graph import CausalGraph

__all__ = ["measured_graph"]


def measured_graph(graph: CausalGraph) -> CausalGraph:
    """The graph without latent nodes that cause nothing.

    Raises
    ------
    GraphError : it is no graph, or has no measured nodes; or a latent node has effects, and then the projection, and
        what it would leave, is named.
    NotIdentifiableError : two nodes share a hidden cause, so that their noises depend on each other.
    """
    if not isinstance(graph, CausalGraph):
        raise GraphError(
            f"A structural model needs a CausalGraph, such as CausalGraph([('a', 'b')]); this is {graph!r}."
        )
    causes = [node for node in graph.nodes if node in graph.latent and graph.children(node)]
    if causes:
        raise GraphError(_hidden(causes, graph.latent_projection()))
    if graph.bidirected:
        raise NotIdentifiableError(_shared(graph.bidirected[0]), treatment=(), outcome=())
    if not (measured := [node for node in graph.nodes if node not in graph.latent]):
        raise GraphError("The graph has no nodes that are measured, so that there is no mechanism to learn.")
    return graph.induced(measured)


def _hidden(causes: list[str], projected: CausalGraph) -> str:
    start = f"{', '.join(map(repr, causes))} {'is' if len(causes) == 1 else 'are'} latent and cause other nodes"
    if not projected.bidirected:
        return f"{start}. A mechanism needs measured parents: give graph.latent_projection(), which loses nothing here."
    pairs = ", ".join(f"{a} <-> {b}" for a, b in projected.bidirected[:5])
    return (
        f"{start}. Projected away they leave {pairs}: noises that depend on each other, which no mechanism here has. "
        f"Measure them, or ask identify and estimate for the effect, which may need no structural model."
    )


def _shared(pair: tuple[str, str]) -> str:
    return (
        f"{pair[0]!r} and {pair[1]!r} share a hidden cause ({pair[0]} <-> {pair[1]}): their noises depend on each "
        f"other, and mechanisms that are learned one by one would be biased. Measure that cause, or ask identify and "
        f"estimate for the effect, which may need no structural model."
    )
