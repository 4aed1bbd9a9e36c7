"""Layers of a directed acyclic graph: each edge leads from a layer to a later one, and edges are short."""

from collections.abc import Sequence

from causalrec.graph.adjacency import Adjacency, topological

__all__ = ["layers_of"]

_N_SWEEPS = 8


def layers_of(n_nodes: int, edges: Sequence[tuple[int, int]], ties: Sequence[tuple[int, int]] = ()) -> list[int]:
    """Layer of each node, counted from 0.

    Longest paths first, then nodes slide to where most of their edges end, within what
    their neighbours allow. `ties` (bidirected edges) hold nodes that have no edge otherwise.

    References
    ----------
    Sugiyama, Tagawa, Toda (1981), IEEE Trans. Syst. Man Cybern. 11(2).
    """
    adjacency = Adjacency.from_pairs(n_nodes, edges, ties)
    order, _ = topological(adjacency)
    layer = [0] * n_nodes
    for node in order:
        for child in adjacency.children[node]:
            layer[child] = max(layer[child], layer[node] + 1)
    depth = max(layer, default=0)
    for _ in range(_N_SWEEPS):
        moved = [_slide(adjacency, layer, node, depth) for node in reversed(order)]
        if not any(moved):
            break
    _place_loose(adjacency, layer, depth)
    used = {old: new for new, old in enumerate(sorted(set(layer)))}
    return [used[old] for old in layer]


def _slide(adjacency: Adjacency, layer: list[int], node: int, depth: int) -> bool:
    parents, children = adjacency.parents[node], adjacency.children[node]
    if len(children) == len(parents):
        return False
    if len(children) > len(parents):
        target = min(layer[child] for child in children) - 1
    else:
        target = max(layer[parent] for parent in parents) + 1
    moved = target != layer[node]
    layer[node] = target
    return moved


def _place_loose(adjacency: Adjacency, layer: list[int], depth: int) -> None:
    # Nodes without a directed edge: beside the first they share a cause with, or in rows of their own below.
    loose = [node for node in range(len(layer)) if not adjacency.parents[node] and not adjacency.children[node]]
    tied = frozenset(node for node in loose if adjacency.spouses[node])
    free = set(loose)
    for node in loose:
        anchor = next((spouse for spouse in adjacency.spouses[node] if spouse not in free), None)
        layer[node] = layer[anchor] if anchor is not None else 0
    alone = [node for node in loose if node not in tied]
    per_row = max(8, int((2 * len(alone)) ** 0.5))
    below = depth + 1 if len(alone) < len(layer) else 0
    for place, node in enumerate(alone):
        layer[node] = below + place // per_row
