"""Edges that pass layers, cut into steps: one bend in each layer on the way."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

__all__ = ["Bends", "bends_of"]

_MOST = 60_000  # beyond them edges run straight: nobody could follow them anyway

Pair = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Bends:
    """Nodes and bends together, bends numbered from ``n_nodes`` on.

    Attributes
    ----------
    layer : tuple of int, length n_nodes + n_bends
    directed, bidirected : dict of (int, int) to tuple of int
        Nodes and bends along each edge, downwards. Of the bidirected ones only those that pass a layer.
    """

    layer: tuple[int, ...]
    directed: dict[Pair, tuple[int, ...]]
    bidirected: dict[Pair, tuple[int, ...]]

    def steps(self) -> Iterator[Pair]:
        """Steps of all edges, from each node or bend to the next."""
        for ways in (self.directed, self.bidirected):
            for way in ways.values():
                yield from pairwise(way)


def bends_of(layer: Sequence[int], edges: Sequence[Pair], ties: Sequence[Pair]) -> Bends:
    """Bends of directed `edges` and of the bidirected `ties` that pass a layer."""
    far = [(one, other) if layer[one] < layer[other] else (other, one) for one, other in ties]
    far = [(upper, lower) for upper, lower in far if layer[lower] - layer[upper] > 1]
    n_bends = sum(layer[lower] - layer[upper] - 1 for upper, lower in (*edges, *far))
    if n_bends > _MOST:
        return Bends(tuple(layer), {pair: pair for pair in edges}, {})
    layers = list(layer)
    directed, bidirected = _cut(edges, layers), _cut(far, layers)
    return Bends(tuple(layers), directed, bidirected)


def _cut(pairs: Sequence[Pair], layers: list[int]) -> dict[Pair, tuple[int, ...]]:
    ways = {}
    for upper, lower in pairs:
        passed = range(layers[upper] + 1, layers[lower])
        ways[upper, lower] = (upper, *range(len(layers), len(layers) + len(passed)), lower)
        layers += passed
    return ways
