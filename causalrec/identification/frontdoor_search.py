"""The widest and a minimal front-door set, by searches that look at each edge a few times.

References
----------
Wienöbst, van der Zander, Liśkiewicz (2024), AAAI: algorithms 1 (widest) and 2 (minimal).
"""

from __future__ import annotations

from collections.abc import Collection, Iterable

from causalrec.graph import CausalGraph
from causalrec.graph.adjacency import ancestor_mask

__all__ = ["FrontdoorSearch"]

State = tuple[int, int]
"""A node, and 1 where the walk's last edge has its arrowhead there."""


class FrontdoorSearch:
    """Searches for one treatment and outcome; sets are node numbers.

    Parameters
    ----------
    graph : CausalGraph
    treatment, outcome : tuple of str
    """

    def __init__(self, graph: CausalGraph, treatment: tuple[str, ...], outcome: tuple[str, ...]):
        self._graph, self._adjacency = graph, graph.adjacency
        self.treatment, self.outcome = treatment, outcome
        self._x, self._y = frozenset(graph.numbers(treatment)), frozenset(graph.numbers(outcome))
        self._causes_x = ancestor_mask(graph.adjacency, self._x)

    def named(self, numbers: Iterable[int]) -> frozenset[str]:
        """Names of these nodes."""
        return frozenset(self._graph.nodes[number] for number in numbers)

    def widest(self, allowed: Collection[int]) -> frozenset[int]:
        """The set within `allowed` that holds all sets there which obey conditions (2) and (3)."""
        confounded = self._confounded()
        chosen = {node for node in allowed if not confounded[node]}
        # Condition (3), from the outcome back: a chosen node that a walk enters by an arrowhead has an
        # open back-door path. It is dropped, and the walks that waited at it go on through it.
        seen: set[State] = set()
        waiting: set[int] = set()
        queue = [(node, 0) for node in self._y]
        for state in queue:  # grows while it is read
            if state in seen:
                continue
            seen.add(state)
            node, into = state
            if node in chosen and not into:
                waiting.add(node)
                continue
            if node in chosen:
                chosen.discard(node)
                if node in waiting:
                    queue += self._steps((node, 0))
            queue += self._steps(state)
        return frozenset(chosen)

    def holds(self, widest: frozenset[int], kept: frozenset[int]) -> bool:
        """Whether `widest` holds `kept` and obeys condition (1)."""
        return kept <= widest and not self._y & self._descend(self._x, widest)

    def minimal(self, widest: frozenset[int], kept: frozenset[int]) -> frozenset[int]:
        """A front-door set between `kept` and `widest` of which no node but `kept` can be left out."""
        last = self._last(widest, kept)
        carriers = (self._descend(self._x, last | kept) & last) - kept
        return kept | carriers | self._closers(last, kept | carriers)

    def _confounded(self) -> bytearray:
        # Condition (2): walks that leave X against an arrow, meet no collider and do not come back to X.
        reached = bytearray(len(self._adjacency))
        seen: set[State] = set()
        queue = [step for node in self._x for step in self._backward(node)]
        for node, into in queue:  # grows while it is read
            if (node, into) in seen or node in self._x:
                continue
            seen.add((node, into))
            reached[node] = 1
            queue += [(child, 1) for child in self._adjacency.children[node]]
            if not into:
                queue += self._backward(node)
        return reached

    def _last(self, widest: frozenset[int], kept: frozenset[int]) -> frozenset[int]:
        # Nodes of `widest` from which a directed path to Y meets no other one, nor X.
        found: set[int] = set()
        seen = set(self._y)
        stack = list(self._y)
        while stack:
            for parent in self._adjacency.parents[stack.pop()]:
                if parent in widest:
                    found.add(parent)
                elif parent not in seen and parent not in self._x:
                    seen.add(parent)
                    stack.append(parent)
        return frozenset(found)

    def _closers(self, last: frozenset[int], chosen: frozenset[int]) -> frozenset[int]:
        # Nodes through which a back-door walk from a chosen one would go on to Y by a directed path.
        found = set(chosen)
        seen: set[State] = set()
        queue = [step for node in chosen for step in self._backward(node)]
        for state in queue:  # grows while it is read
            node = state[0]
            if state in seen:
                continue
            seen.add(state)
            if node in found:
                continue
            if node in last:
                found.add(node)
                queue += self._backward(node)
            else:
                queue += self._steps(state)
        return frozenset(found)

    def _steps(self, state: State) -> list[State]:
        # Next states of a walk that X is given on: X passes as a collider, and so do its ancestors.
        node, into = state
        given = node in self._x
        steps = [] if given else [(child, 1) for child in self._adjacency.children[node]]
        if self._causes_x[node] if into else not given:
            steps += self._backward(node)
        return steps

    def _backward(self, node: int) -> list[State]:
        parents, spouses = self._adjacency.parents[node], self._adjacency.spouses[node]
        return [*((parent, 0) for parent in parents), *((spouse, 1) for spouse in spouses)]

    def _descend(self, sources: Iterable[int], stops: frozenset[int]) -> set[int]:
        # Nodes that directed paths reach without passing through `stops`; those that they end at included.
        reached = set(sources)
        stack = list(reached)
        while stack:
            for child in self._adjacency.children[stack.pop()]:
                if child not in reached:
                    reached.add(child)
                    if child not in stops:
                        stack.append(child)
        return reached
