"""Measured nodes in causal order, and which of them share an unmeasured cause: what ID works on.

An unmeasured cause of k nodes stays one group of k, where a latent projection draws k (k - 1) / 2
edges: so a hidden taste that touches ten thousand nodes costs ten thousand steps.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from causalrec.graph import CausalGraph

__all__ = ["Confounding"]


@dataclass(frozen=True, slots=True)
class Confounding:
    """A causal model of the measured nodes alone, numbered so that causes come first.

    Attributes
    ----------
    names : tuple of str, length n_nodes
    parents : tuple of tuple of int, length n_nodes
        Direct causes, latent nodes on the way left out.
    groups : tuple of tuple of int, length n_groups
        Nodes that share an unmeasured cause, two or more each.
    causes : tuple of tuple of str, length n_groups
        The unmeasured cause: a latent node, or the two ends of a bidirected edge.
    memberships : tuple of tuple of int, length n_nodes
        Groups that each node is in.
    """

    names: tuple[str, ...]
    parents: tuple[tuple[int, ...], ...]
    groups: tuple[tuple[int, ...], ...]
    causes: tuple[tuple[str, ...], ...]
    memberships: tuple[tuple[int, ...], ...]

    @classmethod
    def of(cls, graph: CausalGraph, within: Iterable[str]) -> Confounding:
        """Model of the measured nodes of `within`, which holds all ancestors of its nodes."""
        within = frozenset(within)
        order = [node for node in graph.topological_order if node in within]
        names = tuple(node for node in order if node not in graph.latent)
        number = {name: place for place, name in enumerate(names)}
        shared = _shared_causes(graph, order, number)
        memberships: list[list[int]] = [[] for _ in names]
        for group, members in enumerate(shared.values()):
            for node in members:
                memberships[node].append(group)
        parents = _measured_parents(graph, order, number)
        return cls(names, parents, tuple(shared.values()), tuple(shared), tuple(map(tuple, memberships)))

    def ancestors(self, nodes: Iterable[int], within: frozenset[int]) -> frozenset[int]:
        """Ancestors of `nodes` in the subgraph of `within`, themselves included."""
        found = set(nodes)
        stack = list(found)
        while stack:
            for parent in self.parents[stack.pop()]:
                if parent in within and parent not in found:
                    found.add(parent)
                    stack.append(parent)
        return frozenset(found)

    def district(self, node: int, within: frozenset[int] | range) -> frozenset[int]:
        """The c-component of `node` in the subgraph of `within`."""
        found, seen, stack = {node}, set(), [node]
        while stack:
            for group in self.memberships[stack.pop()]:
                if group in seen:
                    continue
                seen.add(group)
                joined = [member for member in self.groups[group] if member in within and member not in found]
                found.update(joined)
                stack += joined
        return frozenset(found)

    def districts(self, within: frozenset[int]) -> list[frozenset[int]]:
        """C-components of the subgraph of `within`, in the order of their first nodes."""
        found: list[frozenset[int]] = []
        left = set(within)
        for node in sorted(within):
            if node in left:
                found.append(self.district(node, within))
                left -= found[-1]
        return found

    def pillow(self, node: int) -> frozenset[int]:
        """Nodes that separate `node` from all others before it: its district there, and their parents.

        References
        ----------
        Tian, Pearl (2002), UAI. Richardson (2003), Scand. J. Statistics 30: the ordered local Markov property.
        """
        district = self.district(node, range(node + 1))
        return district.union(*(self.parents[member] for member in district)) - {node}


def _measured_parents(graph: CausalGraph, order: list[str], number: dict[str, int]) -> tuple[tuple[int, ...], ...]:
    sources: dict[str, tuple[int, ...]] = {}
    for node in order:
        found = {source for parent in graph.parents(node) for source in _source(parent, sources, number)}
        sources[node] = tuple(sorted(found))
    return tuple(sources[name] for name in number)


def _source(parent: str, sources: dict[str, tuple[int, ...]], number: dict[str, int]) -> tuple[int, ...]:
    return (number[parent],) if parent in number else sources[parent]


def _shared_causes(
    graph: CausalGraph, order: list[str], number: dict[str, int]
) -> dict[tuple[str, ...], tuple[int, ...]]:
    within = frozenset(order)
    reach: dict[str, frozenset[int]] = {}
    for node in reversed(order):
        ends = (reach[child] for child in graph.children(node) if child in within)
        reach[node] = frozenset([number[node]]) if node in number else frozenset().union(*ends)
    # What a latent node with a latent cause joins, that cause joins too.
    latent = [node for node in order if node not in number and not graph.latent & graph.parents(node)]
    shared: dict[tuple[str, ...], frozenset[int]] = {(node,): reach[node] for node in latent}
    drawn = [pair for pair in graph.bidirected if within.issuperset(pair)]
    shared.update({(one, other): reach[one] | reach[other] for one, other in drawn})
    return {cause: tuple(sorted(nodes)) for cause, nodes in shared.items() if len(nodes) > 1}
