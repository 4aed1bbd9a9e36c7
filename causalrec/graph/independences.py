"""Conditional independences that a graph implies: a basis, one statement at a time.

References
----------
Verma, Pearl (1988), UAI: without latent causes, "each node is independent of its predecessors given its
parents" gives all the others.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from causalrec.graph.independence import Independence
from causalrec.graph.local_independences import local_independences

if TYPE_CHECKING:
    from causalrec.graph.causal_graph import CausalGraph

__all__ = ["basis"]


def basis(graph: CausalGraph) -> Iterator[Independence]:
    """Statements about measured nodes that imply all others which the graph implies; made one at a time."""
    return local_independences(graph) if graph.latent or graph.bidirected else _by_parents(graph)


def _by_parents(graph: CausalGraph) -> Iterator[Independence]:
    for position, node in enumerate(graph.topological_order):
        parents = graph.parents(node)
        others = tuple(other for other in graph.topological_order[:position] if other not in parents)
        if others:
            yield Independence((node,), others, tuple(sorted(parents)))
