"""What may cause what in a partially directed graph: in one of the directed graphs that it stands for."""

from collections.abc import Iterable

from causalrec.graph.adjacency import Adjacency, ancestor_mask, descendant_mask, directed_route

__all__ = ["possible_ancestor_mask", "possible_descendant_mask", "possible_route", "without_nodes"]


def possible_ancestor_mask(adjacency: Adjacency, nodes: Iterable[int]) -> bytearray:
    """1 for each node that causes one of `nodes` in some directed graph of the class, themselves included.

    A shortest directed path in a directed graph has no chord. In the partial graph, closed under
    Meek's rules, it is an unshielded walk: undirected edges first, then directed ones (rule 1).
    Conversely, directing the first edge of such a walk forward forces all its other edges.
    """
    sure = ancestor_mask(adjacency, nodes)
    return undirected_mask(adjacency, [node for node, bit in enumerate(sure) if bit])


def possible_descendant_mask(adjacency: Adjacency, nodes: Iterable[int]) -> bytearray:
    """1 for each node that one of `nodes` causes in some directed graph of the class, themselves included."""
    near = undirected_mask(adjacency, nodes)
    return descendant_mask(adjacency, [node for node, bit in enumerate(near) if bit])


def possible_route(adjacency: Adjacency, source: int, targets: Iterable[int]) -> list[int]:
    """A path from `source` into `targets` that is directed in some graph of the class; empty when there is none."""
    wanted = bytearray(len(adjacency))
    for node in (targets := list(targets)):
        wanted[node] = 1
    sure = ancestor_mask(adjacency, targets)
    walks = _Walks(adjacency, [node for node, bit in enumerate(sure) if bit])
    route = walks.back(source)
    return [*route[:-1], *directed_route(adjacency, route[-1:], wanted)]


def undirected_mask(adjacency: Adjacency, nodes: Iterable[int]) -> bytearray:
    """1 for `nodes`, and for each node that an unshielded walk of undirected edges reaches from one of them."""
    reached = bytearray(len(adjacency))
    for node in _Walks(adjacency, nodes).last:
        reached[node] = 1
    return reached


def without_nodes(adjacency: Adjacency, dropped: frozenset[int]) -> Adjacency:
    """Less all edges at the nodes in `dropped`; the numbers of the nodes stay."""
    ends = (adjacency.parents, adjacency.children, adjacency.spouses)
    return Adjacency(
        *(
            [[] if node in dropped else [end for end in near if end not in dropped] for node, near in enumerate(lists)]
            for lists in ends
        )
    )


class _Walks:
    """Unshielded walks of undirected edges away from some nodes.

    Attributes
    ----------
    steps : list of (int, int)
        Edges walked, as (node before, node); -1 before a start. Each edge once in a direction.
    came : list of int
        Place in `steps` of the edge before each edge; -1 at a start.
    last : dict of int to int
        Place in `steps` at which a node was reached first.
    """

    def __init__(self, adjacency: Adjacency, starts: Iterable[int]):
        self.steps = [(-1, node) for node in starts]
        self.came = [-1] * len(self.steps)
        self.last: dict[int, int] = {}
        adjacent = _Adjacent(adjacency)
        ahead: dict[int, list[int]] = {}  # ends of edges at a node that no walk has passed yet
        for place, (before, node) in enumerate(self.steps):  # grows while it is read
            self.last.setdefault(node, place)
            waiting = ahead.get(node, adjacency.spouses[node])
            near = adjacent[before]
            passed = [end for end in waiting if end not in near]
            ahead[node] = [end for end in waiting if end in near]
            self.steps += [(node, end) for end in passed]
            self.came += [place] * len(passed)

    def back(self, node: int) -> list[int]:
        """Nodes of the walk from `node` back to its start; empty when none reached it."""
        place = self.last.get(node, -1)
        route = []
        while place >= 0:
            route.append(self.steps[place][1])
            place = self.came[place]
        return route


class _Adjacent(dict[int, frozenset[int]]):
    """All nodes that share an edge with a node, and itself, gathered when they are asked for."""

    def __init__(self, adjacency: Adjacency):
        super().__init__()
        self.adjacency = adjacency

    def __missing__(self, node: int) -> frozenset[int]:
        if node < 0:
            return frozenset()
        ends = (self.adjacency.parents[node], self.adjacency.children[node], self.adjacency.spouses[node])
        self[node] = frozenset((node,)).union(*ends)
        return self[node]
