"""Latent projection: what a graph with unmeasured nodes says of the measured ones.

References
----------
Verma, Pearl (1990), UAI. Richardson, Evans, Robins, Shpitser (2023), Ann. Statistics 51(1).
"""

from collections.abc import Iterator, Sequence
from itertools import combinations, product

from causalrec.graph.adjacency import Adjacency

__all__ = ["projected_pairs"]

Pair = tuple[int, int]


def projected_pairs(
    adjacency: Adjacency, latent: bytearray, order: Sequence[int]
) -> tuple[dict[Pair, None], dict[Pair, None]]:
    """Directed and bidirected edges among the measured nodes.

    Parameters
    ----------
    adjacency : Adjacency
    latent : bytearray, shape (n_nodes,)
        1 where a node is not measured.
    order : sequence of int, length n_nodes
        Causes before their effects.

    Returns
    -------
    directed : dict of (int, int)
        Cause first; a directed path whose inner nodes are all latent joins them.
    bidirected : dict of (int, int)
        Smaller number first; a common cause that is latent, or a bidirected edge between latent
        causes, joins them. A latent node with k measured effects gives k (k - 1) / 2 pairs.
    """
    ends = _measured_ends(adjacency, latent, order)
    directed = {
        (node, end): None
        for node in range(len(adjacency))
        if not latent[node]
        for child in adjacency.children[node]
        for end in ends[child]
    }
    twins = ((min(pair), max(pair)) for pair in _twins(adjacency, latent, ends))
    return directed, {pair: None for pair in twins if pair[0] != pair[1]}


def _measured_ends(adjacency: Adjacency, latent: bytearray, order: Sequence[int]) -> list[tuple[int, ...]]:
    ends: list[tuple[int, ...]] = [(node,) for node in range(len(adjacency))]
    for node in reversed(order):
        if latent[node]:
            ends[node] = tuple(dict.fromkeys(end for child in adjacency.children[node] for end in ends[child]))
    return ends


def _twins(adjacency: Adjacency, latent: bytearray, ends: list[tuple[int, ...]]) -> Iterator[Pair]:
    for node in range(len(adjacency)):
        # What a latent node with a latent cause joins, that cause joins too.
        if latent[node] and not any(latent[parent] for parent in adjacency.parents[node]):
            yield from combinations(ends[node], 2)
        for spouse in adjacency.spouses[node]:
            if node < spouse:
                yield from product(ends[node], ends[spouse])
