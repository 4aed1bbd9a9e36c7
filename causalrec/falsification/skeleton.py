"""Which nodes stay adjacent when every separating set of neighbours has been tried: PC-stable's first phase."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, combinations

from causalrec.falsification.knowledge import Knowledge
from causalrec.identification.deadline import Deadline

__all__ = ["PValue", "RemovedEdge", "Skeleton", "skeleton"]

PValue = Callable[[str, str, tuple[str, ...]], float]
"""p of x independent of y given others; NaN where the data say nothing."""


@dataclass(frozen=True, slots=True)
class RemovedEdge:
    """A pair that is not adjacent.

    Attributes
    ----------
    x, y : str
    given : tuple of str or None
        What separates them; None where knowledge alone rules the edge out.
    p_value : float
        Of that test; NaN where there was none.
    """

    x: str
    y: str
    given: tuple[str, ...] | None
    p_value: float

    def __str__(self) -> str:
        if self.given is None:
            return f"{self.x}, {self.y}: ruled out by knowledge, no set separates them"
        given = f" | {', '.join(self.given)}" if self.given else ""
        return f"{self.x} ⊥ {self.y}{given} (p = {self.p_value:.2g})"


@dataclass(frozen=True, slots=True)
class Skeleton:
    """Adjacent pairs, and why the others are not.

    Attributes
    ----------
    adjacent : dict of str to frozenset of str
    removed : tuple of RemovedEdge
    left_out : tuple of (str, str)
        Adjacent pairs for which not every set was tried.
    """

    adjacent: dict[str, frozenset[str]]
    removed: tuple[RemovedEdge, ...]
    left_out: tuple[tuple[str, str], ...]


def skeleton(
    nodes: Sequence[str],
    p_value: PValue,
    *,
    alpha: float,
    knowledge: Knowledge,
    max_given: int | None,
    deadline: Deadline,
) -> Skeleton:
    """Adjacencies by PC-stable: the neighbours are those at the start of each level, so no order matters.

    Of all sets of one size that separate a pair, the one with the largest p is kept, for the same reason.

    References
    ----------
    Colombo, Maathuis (2014), JMLR 15, 3741-3782: algorithm 4.1.
    """
    possible = {pair for pair in combinations(nodes, 2) if knowledge.allows(*pair) or knowledge.allows(*pair[::-1])}
    adjacent = _adjacent(nodes, possible)
    removed: list[RemovedEdge] = []
    left_out: tuple[tuple[str, str], ...] = ()
    size = 0
    while any(_is_open(pair, adjacent, knowledge, size) for pair in possible):
        if max_given is not None and size > max_given:
            left_out = tuple(pair for pair in _ordered(nodes, possible) if _is_open(pair, adjacent, knowledge, size))
            break
        found, late = _level(_ordered(nodes, possible), adjacent, p_value, alpha, knowledge, size, deadline)
        removed += found
        possible -= {(edge.x, edge.y) for edge in found}
        if late:
            left_out = tuple(pair for pair in late if pair in possible)
            break
        adjacent = _adjacent(nodes, possible)
        size += 1
    adjacent = _adjacent(nodes, possible)
    ruled_out = [p for p in combinations(nodes, 2) if not (knowledge.allows(*p) or knowledge.allows(*p[::-1]))]
    removed += [_separated(pair, adjacent, p_value, alpha, knowledge, max_given, deadline) for pair in ruled_out]
    return Skeleton(adjacent, tuple(removed), left_out)


def _adjacent(nodes: Sequence[str], pairs: set[tuple[str, str]]) -> dict[str, frozenset[str]]:
    ends: dict[str, set[str]] = {node: set() for node in nodes}
    for one, other in pairs:
        ends[one].add(other)
        ends[other].add(one)
    return {node: frozenset(others) for node, others in ends.items()}


def _ordered(nodes: Sequence[str], pairs: set[tuple[str, str]]) -> list[tuple[str, str]]:
    return [pair for pair in combinations(nodes, 2) if pair in pairs]


def _sides(
    pair: tuple[str, str], adjacent: dict[str, frozenset[str]], knowledge: Knowledge
) -> tuple[list[str], list[str]]:
    """Neighbours of each end that may cause it: two nodes that are not adjacent are separated by parents of one."""
    one, other = pair
    first = [node for node in adjacent if node in adjacent[one] and node != other and knowledge.allows(node, one)]
    second = [node for node in adjacent if node in adjacent[other] and node != one and knowledge.allows(node, other)]
    return first, second


def _is_open(pair: tuple[str, str], adjacent: dict[str, frozenset[str]], knowledge: Knowledge, size: int) -> bool:
    return not knowledge.requires(*pair) and max(map(len, _sides(pair, adjacent, knowledge))) >= size


def _level(
    pairs: Sequence[tuple[str, str]],
    adjacent: dict[str, frozenset[str]],
    p_value: PValue,
    alpha: float,
    knowledge: Knowledge,
    size: int,
    deadline: Deadline,
) -> tuple[list[RemovedEdge], tuple[tuple[str, str], ...]]:
    found: list[RemovedEdge] = []
    for position, pair in enumerate(pairs):
        edge = None if knowledge.requires(*pair) else _best(pair, adjacent, p_value, knowledge, size, deadline)
        if edge is not None and edge.p_value > alpha:
            found.append(edge)
        if deadline.is_over:
            return found, tuple(pairs[position:])
    return found, ()


def _best(
    pair: tuple[str, str],
    adjacent: dict[str, frozenset[str]],
    p_value: PValue,
    knowledge: Knowledge,
    size: int,
    deadline: Deadline,
) -> RemovedEdge | None:
    best = None
    for given in _subsets(_sides(pair, adjacent, knowledge), size):
        p = p_value(*pair, given)
        if p == p and (best is None or p > best.p_value):
            best = RemovedEdge(*pair, given, p)
        if deadline.is_over:
            break
    return best


def _subsets(sides: tuple[list[str], list[str]], size: int) -> Iterator[tuple[str, ...]]:
    yield from dict.fromkeys(chain(combinations(sides[0], size), combinations(sides[1], size)))


def _separated(
    pair: tuple[str, str],
    adjacent: dict[str, frozenset[str]],
    p_value: PValue,
    alpha: float,
    knowledge: Knowledge,
    max_given: int | None,
    deadline: Deadline,
) -> RemovedEdge:
    """What separates a pair that knowledge rules out: its colliders are told by that."""
    largest = max(map(len, _sides(pair, adjacent, knowledge)))
    for size in range((largest if max_given is None else min(largest, max_given)) + 1):
        if deadline.is_over:
            break
        edge = _best(pair, adjacent, p_value, knowledge, size, deadline)
        if edge and edge.p_value > alpha:
            return edge
    return RemovedEdge(*pair, None, float("nan"))
