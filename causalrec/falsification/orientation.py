"""Directions of a skeleton's edges: knowledge, unshielded colliders, and what follows from both."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import combinations

from causalrec.errors import GraphError
from causalrec.falsification.knowledge import Knowledge
from causalrec.falsification.skeleton import Skeleton
from causalrec.graph.partial_graph import PartialGraph

__all__ = ["oriented"]

Pair = tuple[str, str]
Triple = tuple[str, str, str]


def oriented(nodes: Sequence[str], found: Skeleton, knowledge: Knowledge) -> tuple[PartialGraph, tuple[str, ...]]:
    """Partial graph of a skeleton, and the contradictions met on the way, one sentence each.

    First come the edges that knowledge directs. Then each unshielded triple whose middle is not in the set that
    separates its ends is a collider, unless knowledge or another collider says otherwise: triples that contradict
    each other are all left out, so no order matters. Meek's rules direct what follows, if any causal graph agrees
    with all this; else they would direct by the order in which they are applied, and nothing more is directed.

    References
    ----------
    Meek (1995), UAI: the rules. Colombo, Maathuis (2014), JMLR 15: contradictions among colliders.
    """
    pairs = [(a, b) for a, b in combinations(nodes, 2) if b in found.adjacent[a]]
    colliders, conflicts = _agreeing(list(_colliders(nodes, found)), knowledge)
    arrows = {arrow for x, z, y in colliders for arrow in ((x, z), (y, z))}.union(_known(pairs, knowledge))
    if cyclic := _in_cycles(arrows) - knowledge.required:
        arrows -= cyclic
        listed = ", ".join(f"{cause} -> {effect}" for cause, effect in sorted(cyclic))
        conflicts.append(f"{listed} would be a cycle, and are left undirected")
    edges = [pair if pair in arrows else pair[::-1] for pair in pairs if arrows & {pair, pair[::-1]}]
    loose = [pair for pair in pairs if not arrows & {pair, pair[::-1]}]
    graph = PartialGraph(edges, undirected=loose, nodes=nodes)
    try:
        return graph.with_orientations([]), tuple(conflicts)
    except GraphError:
        return graph, (*conflicts, "no causal graph agrees with all colliders found, so nothing else is directed")


def _known(pairs: Sequence[Pair], knowledge: Knowledge) -> Iterator[Pair]:
    for one, other in pairs:
        if not knowledge.allows(other, one):
            yield one, other
        elif not knowledge.allows(one, other):
            yield other, one


def _colliders(nodes: Sequence[str], found: Skeleton) -> Iterator[Triple]:
    for edge in found.removed:
        for middle in nodes:
            is_unshielded = middle in found.adjacent[edge.x] and middle in found.adjacent[edge.y]
            if is_unshielded and edge.given is not None and middle not in edge.given:
                yield edge.x, middle, edge.y


def _agreeing(triples: Sequence[Triple], knowledge: Knowledge) -> tuple[list[Triple], list[str]]:
    allowed = [t for t in triples if knowledge.allows(t[0], t[1]) and knowledge.allows(t[2], t[1])]
    arrows = {arrow for x, z, y in allowed for arrow in ((x, z), (y, z))}
    kept = [(x, z, y) for x, z, y in allowed if (z, x) not in arrows and (z, y) not in arrows]
    conflicts = [f"the collider {_drawn(t)} contradicts the background knowledge" for t in triples if t not in allowed]
    conflicts += [f"the collider {_drawn(t)} contradicts another collider" for t in allowed if t not in kept]
    return kept, conflicts


def _drawn(triple: Triple) -> str:
    return f"{triple[0]} -> {triple[1]} <- {triple[2]}"


def _in_cycles(arrows: set[Pair]) -> set[Pair]:
    import networkx as nx

    graph = nx.DiGraph(arrows)
    component = {node: k for k, nodes in enumerate(nx.strongly_connected_components(graph)) for node in nodes}
    return {(cause, effect) for cause, effect in arrows if component[cause] == component[effect]}
