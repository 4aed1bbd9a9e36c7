"""Order of the nodes within their layers, with few crossings of edges."""

import random
from bisect import bisect, insort
from collections.abc import Sequence
from itertools import pairwise

__all__ = ["count_crossings", "ordered"]

_WORK = 400_000  # visits of edges; so many take about half a second
_MOST_SWEEPS, _MOST_STARTS = 24, 12

Neighbours = Sequence[Sequence[int]]


def ordered(rows: list[list[int]], up: Neighbours, down: Neighbours) -> list[list[int]]:
    """`rows` with each row in an order of few crossings; the same every time.

    Sweeps over the layers, down and up, put each node at the barycentre of its neighbours in
    the layer before; then neighbours in a row change places where that saves crossings.
    Several first orders are tried while the graph is small.

    Parameters
    ----------
    rows : list of list of int
        Nodes of each layer.
    up, down : sequence of sequence of int
        Neighbours of each node in the layer above and below, and only there.

    References
    ----------
    Sugiyama, Tagawa, Toda (1981), IEEE Trans. Syst. Man Cybern. 11(2).
    Gansner, Koutsofios, North, Vo (1993), IEEE Trans. Softw. Eng. 19(3).
    """
    effort = 1 + sum(map(len, rows)) + sum(map(len, down))
    n_sweeps = max(2, min(_MOST_SWEEPS, _WORK // effort // 3))
    n_starts = max(1, min(_MOST_STARTS, _WORK // (effort * n_sweeps * 4)))
    shuffle = random.Random(0)
    best: tuple[int, list[list[int]]] | None = None
    for start in range(n_starts):
        first = _first_order(rows, up, down) if start == 0 else [shuffle.sample(row, len(row)) for row in rows]
        found = _swept(first, up, down, n_sweeps)
        if best is None or found[0] < best[0]:
            best = found
        if best[0] == 0:
            break
    assert best is not None
    return best[1]


def count_crossings(rows: Sequence[Sequence[int]], down: Neighbours) -> int:
    """Pairs of edges between neighbouring layers that cross.

    >>> count_crossings([[0, 1], [2, 3]], [[3], [2], [], []])
    1
    """
    total = 0
    for upper, lower in pairwise(rows):
        place = {node: at for at, node in enumerate(lower)}
        seen: list[int] = []
        for node in upper:
            ends = sorted(place[end] for end in down[node])
            total += sum(len(seen) - bisect(seen, end) for end in ends)
            for end in ends:
                insort(seen, end)
    return total


def _first_order(rows: list[list[int]], up: Neighbours, down: Neighbours) -> list[list[int]]:
    # Depth first, so that what hangs together stands together.
    rank: dict[int, int] = {}
    for root in (node for row in rows for node in row):
        stack = [root]
        while stack:
            node = stack.pop()
            if node not in rank:
                rank[node] = len(rank)
                stack += [*reversed(down[node]), *reversed(up[node])]
    return [sorted(row, key=rank.__getitem__) for row in rows]


def _swept(rows: list[list[int]], up: Neighbours, down: Neighbours, n_sweeps: int) -> tuple[int, list[list[int]]]:
    rows = [list(row) for row in rows]
    best, fewest, idle = [list(row) for row in rows], count_crossings(rows, down), 0
    for sweep in range(n_sweeps):
        downward = sweep % 2 == 0
        _sweep(rows, up if downward else down, downward)
        if sweep % 4 == 3 or sweep == n_sweeps - 1:
            _exchange(rows, up, down)
        crossings = count_crossings(rows, down)
        idle = 0 if crossings < fewest else idle + 1
        if crossings < fewest:
            best, fewest = [list(row) for row in rows], crossings
        if not fewest or idle > 7:
            break
    return fewest, best


def _sweep(rows: list[list[int]], neighbours: Neighbours, downward: bool) -> None:
    at = range(1, len(rows)) if downward else range(len(rows) - 2, -1, -1)
    for index in at:
        fixed = rows[index - 1] if downward else rows[index + 1]
        scale = 1 / max(1, len(fixed))
        place = {node: (position + 0.5) * scale for position, node in enumerate(fixed)}
        own = 1 / max(1, len(rows[index]))
        centre = {}
        for position, node in enumerate(rows[index]):
            ends = [place[end] for end in neighbours[node] if end in place]
            centre[node] = sum(ends) / len(ends) if ends else (position + 0.5) * own
        rows[index].sort(key=centre.__getitem__)


def _exchange(rows: list[list[int]], up: Neighbours, down: Neighbours) -> None:
    for index, row in enumerate(rows):
        above = {node: at for at, node in enumerate(rows[index - 1])} if index else {}
        below = {node: at for at, node in enumerate(rows[index + 1])} if index + 1 < len(rows) else {}
        ends = {
            node: (sorted(above[end] for end in up[node]), sorted(below[end] for end in down[node])) for node in row
        }
        for _ in range(3):
            changed = False
            for at in range(len(row) - 1):
                left, right = ends[row[at]], ends[row[at + 1]]
                now = _inversions(left[0], right[0]) + _inversions(left[1], right[1])
                if now and now > _inversions(right[0], left[0]) + _inversions(right[1], left[1]):
                    row[at], row[at + 1] = row[at + 1], row[at]
                    changed = True
            if not changed:
                break


def _inversions(left: Sequence[int], right: Sequence[int]) -> int:
    total, at = 0, 0
    for end in left:
        while at < len(right) and right[at] < end:
            at += 1
        total += at
    return total
