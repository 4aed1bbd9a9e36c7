"""The minimal separator nearest to one side, in linear time."""

from collections.abc import Iterable

from causalrec.graph.adjacency import Adjacency, ancestor_mask
from causalrec.graph.separation import UNSEEN, reach

__all__ = ["nearest_separator"]


def nearest_separator(
    adjacency: Adjacency, x: list[int], y: list[int], include: Iterable[int], within: bytearray
) -> list[int] | None:
    """Minimal separator of `x` and `y` that holds `include` and else only nodes of `within`, or None.

    Among the minimal ones it is the one nearest to `x`. Colliders are open everywhere in the
    ancestors of x, y and `include`: a separator must cut each path there anyway.

    References
    ----------
    van der Zander, Liskiewicz, Textor (2019), Artif. Intell. 270, 1-40: FINDNEARESTSEP and FINDMINSEP.
    """
    include = list(include)
    ends = frozenset((*x, *y))
    scope = ancestor_mask(adjacency, (*x, *y, *include))
    widest = [node for node in range(len(adjacency)) if scope[node] and within[node] and node not in ends]
    widest += [node for node in include if not within[node]]
    from_x = _reached(adjacency, x, widest, scope)
    if any(from_x(node) for node in y):
        return None
    kept = frozenset(include)
    near = [node for node in widest if node in kept or from_x(node)]
    from_y = _reached(adjacency, y, near, scope)
    return [node for node in near if node in kept or from_y(node)]


def _reached(adjacency: Adjacency, sources: list[int], given: list[int], scope: bytearray):
    conditioned = bytearray(len(adjacency))
    for node in given:
        conditioned[node] = 1
    came, _ = reach(adjacency, sources, conditioned, scope, scope=scope)
    return lambda node: came[2 * node] != UNSEEN or came[2 * node + 1] != UNSEEN
