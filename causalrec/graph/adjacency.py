"""Integer adjacency of a mixed graph, and what a walk along its arrows gives."""

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import chain

import numpy as np

__all__ = ["Adjacency", "ancestor_mask", "descendant_mask", "directed_route", "topological"]


@dataclass(frozen=True, slots=True)
class Adjacency:
    """Neighbours of each node, as lists of node numbers; nobody writes into them after they are built.

    Attributes
    ----------
    parents, children : list of list of int, length n_nodes
        Ends of directed edges.
    spouses : list of list of int, length n_nodes
        Ends of bidirected edges.
    """

    parents: list[list[int]]
    children: list[list[int]]
    spouses: list[list[int]]

    @classmethod
    def from_pairs(
        cls, n_nodes: int, directed: Iterable[tuple[int, int]], bidirected: Iterable[tuple[int, int]]
    ) -> "Adjacency":
        """Adjacency of `directed` (parent, child) and `bidirected` pairs, each pair at most once."""
        return cls.from_flat(n_nodes, chain.from_iterable(directed), chain.from_iterable(bidirected))

    @classmethod
    def from_flat(cls, n_nodes: int, directed: Iterable[int], bidirected: Iterable[int]) -> "Adjacency":
        """The same with all ends in one row: parent, child, parent, child, ..."""
        pairs, twins = np.fromiter(directed, dtype=np.int64), np.fromiter(bidirected, dtype=np.int64)
        causes, effects = pairs[::2], pairs[1::2]
        ones, others = np.concatenate([twins[::2], twins[1::2]]), np.concatenate([twins[1::2], twins[::2]])
        return cls(
            _gathered(effects, causes, n_nodes), _gathered(causes, effects, n_nodes), _gathered(ones, others, n_nodes)
        )

    def __len__(self) -> int:
        return len(self.parents)

    def without(self, dropped: frozenset[tuple[int, int]]) -> "Adjacency":
        """Less the directed edges in `dropped`, as (parent, child)."""
        touched = frozenset(child for _, child in dropped)
        parents = list(self.parents)
        for child in touched:
            parents[child] = [parent for parent in self.parents[child] if (parent, child) not in dropped]
        children = list(self.children)
        for parent in {parent for parent, _ in dropped}:
            children[parent] = [child for child in self.children[parent] if (parent, child) not in dropped]
        return Adjacency(parents, children, self.spouses)

    def mutilated(self, fixed: frozenset[int]) -> "Adjacency":
        """Less all arrowheads at the nodes in `fixed`."""
        if not fixed:
            return self
        parents = [[] if node in fixed else ends for node, ends in enumerate(self.parents)]
        children = [[end for end in ends if end not in fixed] for ends in self.children]
        spouses = [
            [] if node in fixed else [end for end in ends if end not in fixed] for node, ends in enumerate(self.spouses)
        ]
        return Adjacency(parents, children, spouses)


def _gathered(owners: np.ndarray, ends: np.ndarray, n_nodes: int) -> list[list[int]]:
    # One sort, one slice for each node that has neighbours; the others share a list that nobody writes into.
    gathered: list[list[int]] = [[]] * n_nodes
    flat = ends[np.argsort(owners, kind="stable")].tolist()
    counts = np.bincount(owners, minlength=n_nodes)
    nodes, stops = np.flatnonzero(counts), np.cumsum(counts)
    starts = stops - counts
    for node, start, stop in zip(nodes.tolist(), starts[nodes].tolist(), stops[nodes].tolist(), strict=True):
        gathered[node] = flat[start:stop]
    return gathered


def ancestor_mask(adjacency: Adjacency, nodes: Iterable[int]) -> bytearray:
    """1 for each ancestor of `nodes`, themselves included; shape (n_nodes,)."""
    return _closure(adjacency.parents, nodes)


def descendant_mask(adjacency: Adjacency, nodes: Iterable[int]) -> bytearray:
    """1 for each descendant of `nodes`, themselves included; shape (n_nodes,)."""
    return _closure(adjacency.children, nodes)


def _closure(neighbours: list[list[int]], nodes: Iterable[int]) -> bytearray:
    stack = list(nodes)
    reached = bytearray(len(neighbours))
    for node in stack:
        reached[node] = 1
    while stack:
        for node in neighbours[stack.pop()]:
            if not reached[node]:
                reached[node] = 1
                stack.append(node)
    return reached


def topological(adjacency: Adjacency) -> tuple[list[int], list[int]]:
    """Nodes with parents first, and one directed cycle: the cycle is empty, or the order is not of use."""
    missing = [len(parents) for parents in adjacency.parents]
    order = [node for node, count in enumerate(missing) if not count]
    for node in order:  # grows while it is read: Kahn's queue
        for child in adjacency.children[node]:
            missing[child] -= 1
            if not missing[child]:
                order.append(child)
    if len(order) == len(adjacency):
        return order, []
    return order, _cycle(adjacency, missing)


def _cycle(adjacency: Adjacency, missing: list[int]) -> list[int]:
    # What Kahn left over has a parent that is left over too: walking up must come back.
    node = next(node for node, count in enumerate(missing) if count)
    position: dict[int, int] = {}
    walk: list[int] = []
    while node not in position:
        position[node] = len(walk)
        walk.append(node)
        node = next(parent for parent in adjacency.parents[node] if missing[parent])
    cycle = walk[position[node] :][::-1]
    first = cycle.index(min(cycle))
    return cycle[first:] + cycle[:first]


def directed_route(adjacency: Adjacency, sources: Iterable[int], targets: bytearray) -> list[int]:
    """Shortest directed path from `sources` into `targets`; empty when there is none."""
    queue = list(sources)
    came = dict.fromkeys(queue, -1)
    for node in queue:
        if targets[node]:
            return _trace(came, node)
        for child in adjacency.children[node]:
            if child not in came:
                came[child] = node
                queue.append(child)
    return []


def _trace(came: dict[int, int], node: int) -> list[int]:
    route = []
    while node >= 0:
        route.append(node)
        node = came[node]
    return route[::-1]
