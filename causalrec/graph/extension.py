"""A directed graph that a partially directed one stands for."""

from causalrec.graph.adjacency import Adjacency

__all__ = ["extension"]


def extension(adjacency: Adjacency) -> list[tuple[int, int]] | None:
    """Directions for the undirected edges that make no cycle and no new unshielded collider; None if there are none.

    Parameters
    ----------
    adjacency : Adjacency
        Undirected edges are in `spouses`.

    Returns
    -------
    list of (int, int) or None
        One (parent, child) for each undirected edge.

    References
    ----------
    Dor, Tarsi (1992), UCLA Cognitive Systems Laboratory, technical report R-185.
    """
    marks = _Marks(adjacency)
    queue = list(range(len(adjacency)))
    for node in queue:  # grows while it is read: what lost an edge may have become a sink
        if marks.is_sink(node):
            queue += marks.remove(node)
    return marks.directed if all(marks.removed) else None


class _Marks:
    """What is left of the graph once sinks are taken away."""

    def __init__(self, adjacency: Adjacency):
        self.n_children = list(map(len, adjacency.children))
        self.parents = adjacency.parents
        self.neighbours = list(map(set, adjacency.spouses))
        ends = zip(adjacency.parents, adjacency.children, adjacency.spouses, strict=True)
        self.adjacent = [{*parents, *children, *neighbours} for parents, children, neighbours in ends]
        self.removed = bytearray(len(adjacency))
        self.directed: list[tuple[int, int]] = []

    def is_sink(self, node: int) -> bool:
        # Step 1 of the algorithm: no edge leaves it, and each undirected neighbour sees all else that it sees.
        if self.removed[node] or self.n_children[node]:
            return False
        seen = self.adjacent[node]
        near = self.neighbours[node]
        if any(len(self.adjacent[other]) < len(seen) for other in near):
            return False
        return all(seen - {other} <= self.adjacent[other] for other in near)

    def remove(self, node: int) -> list[int]:
        self.removed[node] = 1
        self.directed += [(other, node) for other in sorted(self.neighbours[node])]
        for other in self.neighbours[node]:
            self.neighbours[other].discard(node)
        for other in self.parents[node]:
            self.n_children[other] -= 1
        for other in self.adjacent[node]:
            self.adjacent[other].discard(node)
        return sorted(self.adjacent[node])
