"""Places of nodes along their layer: near their neighbours, in the order given, never too close."""

from collections.abc import Sequence
from itertools import pairwise

__all__ = ["places"]

_N_ROUNDS = 30
_WORK = 1_500_000


def places(
    rows: Sequence[Sequence[int]],
    neighbours: Sequence[Sequence[tuple[int, float]]],
    width: Sequence[float],
    gap: Sequence[float],
) -> list[float]:
    """Centre of each node along its layer, the smallest edge of the picture at 0.

    Layer by layer, nodes go to the weighted mean of their neighbours, as near as the order and
    the widths let them: a least squares problem that pooling neighbours solves exactly.

    Parameters
    ----------
    rows : sequence of sequence of int
        Nodes of each layer, in their order.
    neighbours : sequence of sequence of (int, float)
        Ends of the edges of each node, with weights: long edges are kept straight by large ones.
    width, gap : sequence of float, length n_nodes
        Size of a node, and the space that it needs on each side.

    References
    ----------
    Gansner, Koutsofios, North, Vo (1993), IEEE Trans. Softw. Eng. 19(3).
    """
    offset = [0.0] * len(width)
    for row in rows:
        _space(row, width, gap, offset)
    place = _centred(rows, offset)
    n_rounds = max(2, min(_N_ROUNDS, _WORK // (1 + sum(map(len, neighbours)) + len(width))))
    layer = {node: index for index, row in enumerate(rows) for node in row}
    for number in range(n_rounds):
        final = number >= n_rounds - 2
        for index in range(len(rows)) if number % 2 == 0 else range(len(rows) - 1, -1, -1):
            before = index - 1 if number % 2 == 0 else index + 1
            wanted = [_mean(node, neighbours, place, None if final else (before, layer)) for node in rows[index]]
            _settle(rows[index], wanted, offset, place)
    left = min((place[node] - width[node] / 2 for node in range(len(width))), default=0.0)
    return [value - left for value in place]


def _space(row: Sequence[int], width: Sequence[float], gap: Sequence[float], offset: list[float]) -> None:
    for left, right in pairwise(row):
        offset[right] = offset[left] + (width[left] + width[right]) / 2 + max(gap[left], gap[right])


def _centred(rows: Sequence[Sequence[int]], offset: list[float]) -> list[float]:
    place = list(offset)
    for row in rows:
        for node in row:
            place[node] = offset[node] - offset[row[-1]] / 2
    return place


def _mean(
    node: int,
    neighbours: Sequence[Sequence[tuple[int, float]]],
    place: list[float],
    only: tuple[int, dict[int, int]] | None,
) -> tuple[float, float]:
    total = weight = 0.0
    for end, pull in neighbours[node]:
        if only is None or only[1][end] == only[0]:
            total += pull * place[end]
            weight += pull
    return (total / weight, weight) if weight else (place[node], 0.05)


def _settle(row: Sequence[int], wanted: Sequence[tuple[float, float]], offset: list[float], place: list[float]) -> None:
    # Less the offsets, the order means "not decreasing": isotonic regression by pooling adjacent violators.
    pools: list[tuple[float, float, int]] = []
    for node, (target, weight) in zip(row, wanted, strict=True):
        value, count = target - offset[node], 1
        while pools and pools[-1][0] >= value:
            other, other_weight, other_count = pools.pop()
            value = (value * weight + other * other_weight) / (weight + other_weight)
            weight, count = weight + other_weight, count + other_count
        pools.append((value, weight, count))
    at = 0
    for value, _, count in pools:
        for node in row[at : at + count]:
            place[node] = value + offset[node]
        at += count
