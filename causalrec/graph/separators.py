"""Minimal separators: the one nearest to one side in linear time, and all of them one by one."""

from collections.abc import Callable, Iterator

from causalrec.graph.adjacency import Adjacency, ancestor_mask
from causalrec.graph.separation import UNSEEN, reach

__all__ = ["minimal_separators", "nearest_separator"]


def nearest_separator(
    adjacency: Adjacency, x: list[int], y: list[int], include: list[int], within: bytearray
) -> list[int] | None:
    """Minimal separator of `x` and `y` that holds `include` and else only nodes of `within`, or None.

    Among the minimal ones it is the one nearest to `x`. Colliders are open everywhere in the
    ancestors of x, y and `include`: a separator must cut each path there anyway.

    References
    ----------
    van der Zander, Liskiewicz, Textor (2019), Artif. Intell. 270, 1-40: FINDNEARESTSEP and FINDMINSEP.
    """
    return _Search(adjacency, x, y, include, within).nearest(x)


def minimal_separators(
    adjacency: Adjacency,
    x: list[int],
    y: list[int],
    include: list[int],
    within: bytearray,
    check: Callable[[], None] = lambda: None,
) -> Iterator[list[int]]:
    """Each minimal separator of `x` and `y` once; "minimal" and the arguments as in `nearest_separator`.

    Separators are told apart by their sides: what `x` still reaches. A branch holds a side that
    all its separators leave to `x` and nodes that none of them does. The nearest separator of
    that side leaves the least to `x`, so one look at it tells whether the branch is empty.
    `check` is called at each step and may raise.

    References
    ----------
    Takata (2010), Discrete Applied Math. 158(15), 1660-1667.
    """
    search = _Search(adjacency, x, y, include, within)
    kept = frozenset(include)
    first = search.nearest(x)
    branches = [] if first is None else [(first, frozenset[int]())]
    while branches:
        check()
        separator, outside = branches.pop()
        side = search.side(x, separator)
        undecided = next((node for node in separator if node not in kept and node not in outside), None)
        if undecided is None:
            yield separator
            continue
        branches.append((separator, outside | {undecided}))
        beyond = search.nearest([*side, undecided])
        if beyond is not None and outside.isdisjoint(search.side([*side, undecided], beyond)):
            branches.append((beyond, outside))


class _Search:
    def __init__(self, adjacency: Adjacency, x: list[int], y: list[int], include: list[int], within: bytearray):
        self._adjacency, self._y, self._include = adjacency, y, include
        self._scope = ancestor_mask(adjacency, (*x, *y, *include))
        ends = frozenset((*x, *y, *include))
        self._free = [node for node in range(len(adjacency)) if self._scope[node] and within[node] and node not in ends]

    def nearest(self, sources: list[int]) -> list[int] | None:
        """Minimal separator nearest to `sources`, which leaves all of them on their side."""
        inside = frozenset(sources)
        widest = [*self._include, *(node for node in self._free if node not in inside)]
        reached = self._reached(sources, widest)
        if any(reached[node] for node in self._y):
            return None
        near = [*self._include, *(node for node in widest[len(self._include) :] if reached[node])]
        reached = self._reached(self._y, near)
        return [*self._include, *(node for node in near[len(self._include) :] if reached[node])]

    def side(self, sources: list[int], separator: list[int]) -> list[int]:
        """Nodes that `sources` still reach when `separator` is given."""
        cut = frozenset(separator)
        return [node for node, bit in enumerate(self._reached(sources, separator)) if bit and node not in cut]

    def _reached(self, sources: list[int], given: list[int]) -> bytearray:
        conditioned = bytearray(len(self._adjacency))
        for node in given:
            conditioned[node] = 1
        came, _ = reach(self._adjacency, sources, conditioned, self._scope, scope=self._scope)
        return bytearray(came[state] != UNSEEN or came[state + 1] != UNSEEN for state in range(0, len(came), 2))
