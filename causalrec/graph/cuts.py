"""The cheapest separator, as a minimum cut."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from causalrec.graph.adjacency import Adjacency, ancestor_mask
from causalrec.graph.separators import nearest_separator

if TYPE_CHECKING:
    import networkx

__all__ = ["minimum_cut"]

IN, OUT, COLLIDER = "in", "out", "collider"


def minimum_cut(
    adjacency: Adjacency,
    x: list[int],
    y: list[int],
    include: list[int],
    within: bytearray,
    costs: Sequence[float],
) -> list[int] | None:
    """Separator of `x` and `y` of least total cost that holds `include` and else only nodes of `within`, or None.

    A cut in the moral graph of the ancestors of x, y and `include` (van der Zander, Liskiewicz,
    Textor 2019). Its cliques are never written down: each node has a third state, in which a
    path passes it as a collider for free, so the network is linear in the graph.

    Parameters
    ----------
    costs : sequence of float, length n_nodes
        0 or more.
    """
    import networkx

    scope = ancestor_mask(adjacency, (*x, *y, *include))
    network = _network(adjacency, scope)
    fixed, ends = frozenset(include), frozenset((*x, *y))
    for node in range(len(adjacency)):
        if not scope[node] or node in fixed:
            continue
        if within[node] and node not in ends:
            network.add_edge((node, IN), (node, OUT), capacity=costs[node])
        else:
            network.add_edge((node, IN), (node, OUT))
    network.add_edges_from(("x", (node, OUT)) for node in x)
    network.add_edges_from(((node, IN), "y") for node in y)
    try:
        _, (near, _) = networkx.minimum_cut(network, "x", "y")
    except networkx.NetworkXUnbounded:
        return None
    cut = bytearray((node, IN) in near and (node, OUT) not in near for node in range(len(adjacency)))
    return nearest_separator(adjacency, x, y, include, cut)  # nodes that cost nothing may be too many


def _network(adjacency: Adjacency, scope: bytearray) -> networkx.DiGraph:
    import networkx

    network = networkx.DiGraph()
    network.add_nodes_from(("x", "y"))
    for node in range(len(adjacency)):
        if not scope[node]:
            continue
        for parent in adjacency.parents[node]:
            network.add_edges_from(((parent, OUT), (node, state)) for state in (IN, COLLIDER))
            network.add_edges_from(((node, state), (parent, IN)) for state in (OUT, COLLIDER))
        for spouse in adjacency.spouses[node]:
            if scope[spouse]:
                network.add_edges_from(
                    ((node, left), (spouse, right)) for left in (OUT, COLLIDER) for right in (IN, COLLIDER)
                )
    return network
