"""Where on a node's border each edge begins and ends, so that arrowheads stand side by side."""

from collections.abc import Callable, Mapping, Sequence

from causalrec.graph.drawing.boxes import Box

__all__ = ["ports", "side_port"]

_SPACING, _MARGIN = 15.0, 12.0

Pair = tuple[int, int]


def ports(
    chains: Mapping[Pair, Sequence[int]], boxes: Sequence[Box], x: Sequence[float]
) -> tuple[dict[Pair, float], dict[Pair, float]]:
    """X at which each edge leaves its first node, and at which it comes to its second.

    Edges keep the order of the places that they come from or go to, so that none cross at the node.
    """
    leaving: dict[int, list[Pair]] = {}
    coming: dict[int, list[Pair]] = {}
    for pair in chains:
        leaving.setdefault(pair[0], []).append(pair)
        coming.setdefault(pair[1], []).append(pair)
    start = _spread(leaving, boxes, lambda pair: x[chains[pair][1]])
    end = _spread(coming, boxes, lambda pair: x[chains[pair][-2]])
    return start, end


def side_port(box: Box, towards: float) -> float:
    """X at which an arc leaves or comes: off the middle, where directed edges are."""
    lean = max(0.0, min(0.36 * box.width, box.width / 2 - 10))
    return box.x + (lean if towards >= box.x else -lean)


def _spread(groups: Mapping[int, list[Pair]], boxes: Sequence[Box], aim: Callable[[Pair], float]) -> dict[Pair, float]:
    at: dict[Pair, float] = {}
    for node, pairs in groups.items():
        box = boxes[node]
        room = max(0.0, box.width - 2 * _MARGIN)
        step = min(_SPACING, room / (len(pairs) - 1)) if len(pairs) > 1 else 0.0
        # The group leans to the side on which most of its edges end.
        slack = (room - step * (len(pairs) - 1)) / 2
        mean = sum(map(aim, pairs)) / len(pairs) - box.x
        lean = max(-slack, min(slack, 0.35 * mean))
        for number, pair in enumerate(sorted(pairs, key=aim)):
            at[pair] = box.x + lean + step * (number - (len(pairs) - 1) / 2)
    return at
