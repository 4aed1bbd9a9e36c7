"""What to measure: a smallest set of unmeasured causes that would make adjustment possible."""

from __future__ import annotations

from causalrec.graph import CausalGraph
from causalrec.identification.criterion import Criterion

__all__ = ["causes_to_measure"]


def causes_to_measure(criterion: Criterion, kept: frozenset[str], candidates: frozenset[str]) -> tuple[str, ...]:
    """Fewest unmeasured causes that an adjustment set needs beside measured nodes; empty when none would do.

    A minimum cut in which measured nodes cost nothing. A bidirected edge counts as one cause of its own.

    Parameters
    ----------
    criterion : Criterion
    kept, candidates : frozenset of str
        Nodes that a set must and may hold.

    Returns
    -------
    tuple of str
        Latent nodes, and for bidirected edges "a common cause of 'a' and 'b'".
    """
    graph = criterion.backdoor.ancestral(*criterion.treatment, *criterion.outcome, *kept)
    names = {pair: _common_cause(graph, pair) for pair in graph.bidirected}
    explicit = CausalGraph(
        [*graph.edges, *((names[pair], end) for pair in graph.bidirected for end in pair)], nodes=graph.nodes
    )
    free = candidates.intersection(graph.nodes)
    hidden = {*(graph.latent - criterion.forbidden), *names.values()}
    cut = explicit.minimum_separator(
        criterion.treatment, criterion.outcome, include=kept, within=free | hidden, costs=dict.fromkeys(free, 0)
    )
    return tuple(node for node in explicit.nodes if node in cut and node in hidden) if cut else ()


def _common_cause(graph: CausalGraph, pair: tuple[str, str]) -> str:
    name = f"a common cause of {pair[0]!r} and {pair[1]!r}"
    while name in graph:
        name += "'"
    return name
