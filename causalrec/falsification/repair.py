"""Edges whose addition takes away the implications that fail."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from causalrec.falsification.implications import is_implied
from causalrec.graph import CausalGraph
from causalrec.graph.independence import Independence
from causalrec.identification.deadline import Deadline

__all__ = ["Repair", "repair"]


@dataclass(frozen=True, slots=True)
class Repair:
    """A proposal; a person decides whether such an edge makes sense.

    Attributes
    ----------
    edges : tuple of (str, str)
        Edges to add, in a direction that makes no cycle; another direction, or an unmeasured common cause, may do
        as well.
    repaired : tuple of Independence
        Failing statements that the graph with these edges does not make.
    failing : tuple of Independence
        Statements that the graph with these edges makes and that fail at the level in their turn, corrected for
        their number; empty where the repair is whole, and not known (None) where there was no time to test them.
    """

    edges: tuple[tuple[str, str], ...]
    repaired: tuple[Independence, ...]
    failing: tuple[Independence, ...] | None = None


def repair(graph: CausalGraph, failing: Sequence[Independence], deadline: Deadline) -> Repair:
    """Few edges that take away all `failing` statements: the edge that takes away most first, and so on.

    Edges between the two nodes of each failing statement are tried, in both directions. Adding an edge takes
    independences away and never adds one, so what one edge repairs stays repaired.
    """
    left, edges = list(failing), []
    while left and not deadline.is_over:
        best: tuple[tuple[str, str], list[Independence]] | None = None
        for edge in _candidates(graph, left):
            after = _with_edges(graph, [edge])
            still = [statement for statement in left if is_implied(after, statement)]
            if best is None or len(still) < len(best[1]):
                best = edge, still
            if not still or deadline.is_over:
                break
        if best is None or len(best[1]) == len(left):
            break
        edges.append(best[0])
        graph, left = _with_edges(graph, [best[0]]), best[1]
    return Repair(tuple(edges), tuple(statement for statement in failing if statement not in left))


def repaired_graph(graph: CausalGraph, proposal: Repair) -> CausalGraph:
    """The graph with the proposed edges."""
    return _with_edges(graph, proposal.edges)


def _candidates(graph: CausalGraph, failing: Sequence[Independence]) -> Iterator[tuple[str, str]]:
    place = {node: position for position, node in enumerate(graph.topological_order)}
    pairs = dict.fromkeys(tuple(sorted((s.x[0], s.y[0]), key=place.__getitem__)) for s in failing)
    for cause, effect in pairs:
        yield cause, effect
        if effect not in graph.descendants(cause):
            yield effect, cause


def _with_edges(graph: CausalGraph, edges: Sequence[tuple[str, str]]) -> CausalGraph:
    return CausalGraph(
        (*graph.edges, *edges),
        bidirected=graph.bidirected,
        latent=graph.latent,
        nodes=graph.nodes,
        roles=graph.roles,
    )
