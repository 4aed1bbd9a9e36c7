"""A graph together with where its nodes are drawn, which is no part of the graph."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from causalrec.errors import GraphError
from causalrec.graph.causal_graph import CausalGraph

__all__ = ["GraphDocument", "as_document"]


@dataclass(frozen=True, slots=True)
class GraphDocument:
    """All that a text says of a graph.

    Attributes
    ----------
    graph : CausalGraph
    positions : mapping of str to (float, float)
        Where nodes are drawn, (x, y) in the units of the text; nodes without a place are left out.
    bounds : tuple of four float, optional
        Corners of the picture: left, top, right, bottom. Only dagitty text has it.
    format : str
        Name of the format that it was read from; empty when it was not. Not compared.

    Raises
    ------
    GraphError : a position of a node that the graph does not have.
    """

    graph: CausalGraph
    positions: Mapping[str, tuple[float, float]] = field(default_factory=dict)
    bounds: tuple[float, float, float, float] | None = None
    format: str = field(default="", compare=False)

    def __post_init__(self) -> None:
        for node in self.positions:
            if node not in self.graph:
                raise GraphError(f"There is a position for {node!r}, and the graph has no such node.")
        object.__setattr__(self, "positions", MappingProxyType(dict(self.positions)))


def as_document(graph: CausalGraph | GraphDocument) -> GraphDocument:
    """`graph` as a document; one that has no positions if it is a graph."""
    if isinstance(graph, GraphDocument):
        return graph
    if isinstance(graph, CausalGraph):
        return GraphDocument(graph)
    raise GraphError(f"Expected a CausalGraph to write, got {type(graph).__name__}.")
