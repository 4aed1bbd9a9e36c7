"""Independences that give all others of a graph with latent nodes or bidirected edges."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from causalrec.graph.adjacency import ancestor_mask, descendant_mask
from causalrec.graph.independence import Independence
from causalrec.graph.separation import UNSEEN, reach

if TYPE_CHECKING:
    from causalrec.graph.causal_graph import CausalGraph

__all__ = ["local_independences"]


def local_independences(graph: CausalGraph) -> Iterator[Independence]:
    """Independences among measured nodes from which all others follow by the axioms of separation.

    Two measured nodes that some set separates are separated by their measured ancestors. These
    statements, one for each such pair, give all others (Sadeghi, Lauritzen 2014, Bernoulli 20(2)).
    Most are gathered into one a node: the node against all that its Markov blanket in its own
    ancestors separates it from. What is left are pairs where each has an ancestor that would
    widen the blanket of the other.
    """
    local = _Local(graph)
    wider = []
    told: dict[tuple[int, ...], dict[int, bytearray]] = {}
    for node in local.measured:
        blanket, beyond = local.blanket(node)
        apart = descendant_mask(local.adjacency, [*beyond, node])
        same = told.setdefault(tuple(sorted(blanket)), {})
        others = [
            end
            for end in local.measured
            if not apart[end] and end not in blanket and not (end in same and not same[end][node])
        ]
        same[node] = apart  # given the same nodes, the same pair the other way round says nothing new
        if others:
            yield local.statement(node, others, sorted(blanket))
        below = descendant_mask(local.adjacency, [node])
        wider.append({end for end in local.measured if apart[end] and not below[end]})
    yield from local.pairs(wider)


class _Local:
    """Numbers of the nodes, and which of them are measured."""

    def __init__(self, graph: CausalGraph):
        self.names = graph.nodes
        self.adjacency = graph.adjacency
        self.measured = [number for number, name in enumerate(self.names) if name not in graph.latent]
        self.mask = bytearray(len(self.names))
        for node in self.measured:
            self.mask[node] = 1

    def statement(self, node: int, others: list[int], given: list[int]) -> Independence:
        return Independence((self.names[node],), *(tuple(self.names[end] for end in ends) for ends in (others, given)))

    def blanket(self, node: int) -> tuple[set[int], list[int]]:
        """Markov blanket among the ancestors of `node`, and measured nodes beyond at which it would grow.

        Walks from `node` pass measured nodes as colliders only, and only the ancestors of `node`.
        """
        scope = ancestor_mask(self.adjacency, [node])
        given = bytearray(self.mask)
        given[node] = 0
        came, _ = reach(self.adjacency, [node], given, scope)
        seen = [end for end in self.measured if end != node and max(came[2 * end], came[2 * end + 1]) != UNSEEN]
        below = descendant_mask(self.adjacency, [node])
        return {end for end in seen if scope[end]}, [end for end in seen if not scope[end] and not below[end]]

    def pairs(self, wider: list[set[int]]) -> Iterator[Independence]:
        beside = dict(zip(self.measured, wider, strict=True))
        for node in self.measured:
            for end in sorted(beside[node]):
                if node < end and node in beside[end] and (given := self.separator(node, end)) is not None:
                    yield self.statement(node, [end], given)

    def separator(self, node: int, end: int) -> list[int] | None:
        """Measured ancestors of the two, when these separate them."""
        scope = ancestor_mask(self.adjacency, [node, end])
        given = bytearray(map(int.__and__, scope, self.mask))
        given[node] = given[end] = 0
        target = bytearray(len(self.names))
        target[end] = 1
        _, hit = reach(self.adjacency, [node], given, scope, scope=scope, targets=target)
        return None if hit != UNSEEN else [other for other, bit in enumerate(given) if bit]
