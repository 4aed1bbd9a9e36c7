"""The ways in which a treatment works."""

from __future__ import annotations

from collections import deque

from causalrec.graph import CausalGraph
from causalrec.identification import Estimand

__all__ = ["causal_paths"]

MOST_PATHS = 5
MOST_STEPS = 10_000  # of the search, whatever the graph


def causal_paths(graph: CausalGraph, estimand: Estimand) -> tuple[str, ...]:
    """The shortest directed paths from the treatment to the outcome, at most five, as `a -> b -> c`."""
    useful = graph.ancestors(estimand.outcome)
    queue: deque[tuple[str, ...]] = deque((name,) for name in estimand.treatment)
    found: list[str] = []
    for _ in range(MOST_STEPS):
        if not queue or len(found) == MOST_PATHS:
            break
        path = queue.popleft()
        if path[-1] == estimand.outcome:
            found.append(" -> ".join(path))
            continue
        queue.extend((*path, node) for node in sorted(graph.children(path[-1]) & useful))
    return tuple(found)
