"""The adjustment criterion for a class of graphs: whether they agree on the effect, and one that speaks for all.

References
----------
Perkovic, Textor, Kalisch, Maathuis (2018), JMLR 18(220): CPDAGs.
Perkovic, Kalisch, Maathuis (2017), UAI: MPDAGs; the criterion is sound and complete.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

from causalrec.graph import NamedPath
from causalrec.graph.adjacency import Adjacency
from causalrec.graph.partial_graph import PartialGraph
from causalrec.graph.possible import possible_ancestor_mask, possible_route, without_nodes
from causalrec.identification.criterion import Criterion, Names

__all__ = ["PartialCriterion"]


@dataclass(frozen=True, slots=True)
class PartialCriterion:
    """What the effect asks of a set that is to be an adjustment set in every graph of the class.

    Attributes
    ----------
    graph : PartialGraph
        Maximally oriented.
    doubtful : NamedPath
        A path from treatment to outcome that starts with an undirected edge and may be causal. It is so in
        some graphs of the class and not in others, so no set serves all. Empty when the effect is amenable.
    member : Criterion
        Criterion of one graph of the class. When the effect is amenable, all of them forbid the same nodes,
        and a set without these closes all paths in one just when it does so in each.
    """

    graph: PartialGraph
    doubtful: NamedPath
    member: Criterion

    @classmethod
    def of(cls, graph: PartialGraph, treatment: Names, outcome: Names) -> PartialCriterion:
        """Criterion for one treatment or several; time linear in the graph for each treatment.

        Raises
        ------
        UnknownNodeError : the graph lacks some of the nodes.
        GraphError : there is no treatment or outcome, one is latent, or a node is both; or the class is empty.
        """
        member = Criterion.of(graph.consistent_extension(), treatment, outcome)
        closed = graph.with_orientations(())
        return cls(closed, _doubtful_path(closed, member), member)

    def drawn(self, path: tuple[str, ...]) -> NamedPath:
        """`path` with the edges of the class: "--" where they have no direction."""
        children, parents = self.graph.children, self.graph.parents
        arrows = ["->" if b in children(a) else "<-" if b in parents(a) else "--" for a, b in pairwise(path)]
        return NamedPath(path, arrows)

    def causal_path(self, node: str) -> NamedPath:
        """A possibly causal path to the outcome on which `node` lies, or a node lies of which `node` is an effect."""
        return self.drawn(self.member.causal_path(self._on_path(node)[0]))

    def why_forbidden(self, node: str) -> str:
        """Reason why a node that `member` forbids cannot be adjusted for, with the paths that show it."""
        route, path = self._on_path(node), self.causal_path(node)
        way = f"the {'causal' if _is_directed(path) else 'possibly causal'} path {path}"
        if node in path:
            return f"{node!r} lies on {way}"
        sure = "is" if _is_directed(route) else "may be"
        return f"{node!r} {sure} an effect of {route[0]!r} ({route}), which lies on {way}"

    def _on_path(self, node: str) -> NamedPath:
        causal = self.member.causal
        return self.drawn((node,) if node in causal else self.member.graph.directed_path(causal, node))


def _is_directed(path: NamedPath) -> bool:
    return set(path.arrows) == {"->"}


def _doubtful_path(graph: PartialGraph, member: Criterion) -> NamedPath:
    """A proper possibly causal path with an undirected first edge x -- v; empty when there is none.

    No edge may lead from the path back to x, so it avoids the parents of x. What is left is a path that
    is directed in some graph of the class, from v to the outcome, among the nodes that are neither
    treatments nor parents of x.
    """
    x, y = graph.numbers(member.treatment), graph.numbers(member.outcome)
    outside = without_nodes(graph.adjacency, frozenset(x))
    above = possible_ancestor_mask(outside, y)
    for node in x:
        if any(above[end] for end in graph.adjacency.spouses[node]):
            parents = frozenset(graph.adjacency.parents[node])
            inside = without_nodes(outside, parents)
            if route := _route(inside, graph.adjacency.spouses[node], [end for end in y if end not in parents]):
                return _named(graph, (node, *route))
    return NamedPath()


def _route(inside: Adjacency, starts: list[int], targets: list[int]) -> list[int]:
    above = possible_ancestor_mask(inside, targets)
    return next((possible_route(inside, node, targets) for node in starts if above[node]), [])


def _named(graph: PartialGraph, route: tuple[int, ...]) -> NamedPath:
    children = graph.adjacency.children
    arrows = ["->" if after in children[before] else "--" for before, after in pairwise(route)]
    return NamedPath((graph.nodes[node] for node in route), arrows)
