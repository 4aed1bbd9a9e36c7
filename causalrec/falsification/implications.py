"""What a graph says of a table: pairs of measured nodes that must be independent given others."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import combinations

from causalrec.graph import CausalGraph
from causalrec.graph.independence import Independence

__all__ = ["implications", "is_implied", "local_statements", "with_latent"]


def implications(graph: CausalGraph, conditioned: tuple[str, ...] = ()) -> Iterator[Independence]:
    """The basis of the implied independences, a pair at a time, each pair once.

    Parameters
    ----------
    graph : CausalGraph
    conditioned : tuple of str
        Nodes that every row has: always given, never tested.

    Yields
    ------
    Independence : of two nodes; `given` holds `conditioned`.
    """
    if conditioned:
        yield from _among(graph, conditioned)
        return
    for statement in graph.implied_independences():
        for x in statement.x:
            for y in statement.y:
                yield Independence((x,), (y,), statement.given)


def local_statements(graph: CausalGraph, conditioned: tuple[str, ...] = ()) -> list[Independence]:
    """Each node and each of its non-descendants, given its parents: what Eulig et al. (2023) count.

    With latent nodes, bidirected or conditioned ones there is no such list, and the basis takes its place.
    """
    if conditioned or graph.latent or graph.bidirected:
        return list(implications(graph, conditioned))
    statements = []
    for node in graph.nodes:
        parents = graph.parents(node)
        beyond = parents | graph.descendants(node)
        given = tuple(sorted(parents))
        statements += [Independence((node,), (other,), given) for other in graph.nodes if other not in beyond]
    return statements


def is_implied(graph: CausalGraph, statement: Independence) -> bool:
    """Whether `graph` implies a statement."""
    return graph.is_separated(statement.x, statement.y, statement.given)


def with_latent(graph: CausalGraph, nodes: Iterable[str]) -> CausalGraph:
    """The graph with more nodes that are not measured."""
    return CausalGraph(
        graph.edges,
        bidirected=graph.bidirected,
        latent=graph.latent.union(nodes),
        nodes=graph.nodes,
        roles=graph.roles,
    )


def _among(graph: CausalGraph, conditioned: tuple[str, ...]) -> Iterator[Independence]:
    left_out = graph.latent.union(conditioned)
    measured = [node for node in graph.topological_order if node not in left_out]
    for one, other in combinations(measured, 2):
        separator = graph.minimal_separator(other, one, include=conditioned)
        if separator is not None:
            yield Independence((other,), (one,), tuple(sorted(separator)))
