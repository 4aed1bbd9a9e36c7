"""Meek's rules: what the edges that are directed already say about those that are not."""

from collections.abc import Iterable, Iterator

from causalrec.graph.adjacency import Adjacency

__all__ = ["Orientation"]

Pair = tuple[int, int]


class Orientation:
    """Marks of a partially directed graph while its undirected edges are being directed.

    Attributes
    ----------
    parents, children, neighbours, adjacent : list of set of int, length n_nodes
        Ends of the directed edges, of the undirected ones, and of both. An edge that is directed stays so.

    References
    ----------
    Meek (1995), UAI: rules 1 to 4; they are complete, background knowledge included.
    """

    __slots__ = ("adjacent", "children", "neighbours", "parents")

    def __init__(self, adjacency: Adjacency):
        self.parents = list(map(set, adjacency.parents))
        self.children = list(map(set, adjacency.children))
        self.neighbours = list(map(set, adjacency.spouses))
        ends = zip(self.parents, self.children, self.neighbours, strict=True)
        self.adjacent = [parents | children | neighbours for parents, children, neighbours in ends]

    def adjacency(self) -> Adjacency:
        """What is directed and what is not, as it stands: undirected edges are in `spouses`."""
        return Adjacency(*(list(map(sorted, ends)) for ends in (self.parents, self.children, self.neighbours)))

    def directed(self) -> list[Pair]:
        """All directed edges, as (parent, child)."""
        return [(tail, head) for tail, heads in enumerate(self.children) for head in sorted(heads)]

    def orient(self, tail: int, head: int) -> None:
        """Direct the undirected edge between two nodes."""
        self.neighbours[tail].remove(head)
        self.neighbours[head].remove(tail)
        self.children[tail].add(head)
        self.parents[head].add(tail)

    def close(self, fresh: Iterable[Pair]) -> int:
        """Direct all that follows from the directed edges `fresh`; how many edges that were.

        Each edge is looked at once, when it gets its direction: a rule fires with the last of its edges.
        """
        queue = list(fresh)
        n_given = len(queue)
        for tail, head in queue:  # grows while it is read
            for edge in list(self._forced(tail, head)):
                if edge[1] in self.neighbours[edge[0]]:
                    self.orient(*edge)
                    queue.append(edge)
        return len(queue) - n_given

    def _forced(self, tail: int, head: int) -> Iterator[Pair]:
        yield from self._no_new_collider(tail, head)
        yield from self._no_cycle(tail, head)
        yield from self._between_two_causes(tail, head)
        yield from self._beside_a_chain(tail, head)

    def _no_new_collider(self, tail: int, head: int) -> Iterator[Pair]:
        # Rule 1: tail -> head - end, the ends not adjacent.
        for end in self.neighbours[head] - self.adjacent[tail]:
            yield head, end

    def _no_cycle(self, tail: int, head: int) -> Iterator[Pair]:
        # Rule 2: one -> two -> three, one - three; the new edge is the first or the second.
        for end in self.children[head] & self.neighbours[tail]:
            yield tail, end
        for start in self.parents[tail] & self.neighbours[head]:
            yield start, head

    def _between_two_causes(self, tail: int, head: int) -> Iterator[Pair]:
        # Rule 3: node - head, node - tail -> head, node - other -> head; tail and other not adjacent.
        for node in self.neighbours[head] & self.neighbours[tail]:
            others = (self.parents[head] & self.neighbours[node]) - self.adjacent[tail]
            if others - {tail}:
                yield node, head

    def _beside_a_chain(self, tail: int, head: int) -> Iterator[Pair]:
        # Rule 4: start -> middle -> end, node adjacent to the three, node - start, node - end; start and end
        # not adjacent. The new edge is the first or the second.
        for node in self.neighbours[tail] & self.adjacent[head]:
            for end in (self.neighbours[node] & self.children[head]) - self.adjacent[tail]:
                yield node, end
        for node in self.neighbours[head] & self.adjacent[tail]:
            if (self.neighbours[node] & self.parents[tail]) - self.adjacent[head]:
                yield node, head
