"""`PartialGraph`: a class of causal graphs that data alone, or data and some knowledge, cannot tell apart."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from causalrec.errors import CycleError, GraphError
from causalrec.graph.adjacency import Adjacency, topological
from causalrec.graph.causal_graph import CausalGraph
from causalrec.graph.extension import extension
from causalrec.graph.meek import Orientation
from causalrec.graph.named_graph import NamedGraph, Names
from causalrec.graph.possible import possible_ancestor_mask, possible_descendant_mask
from causalrec.graph.validation import checked_pairs, names_of

__all__ = ["PartialGraph"]


class PartialGraph(NamedGraph):
    """Partially directed graph (PDAG, CPDAG, MPDAG): immutable, hashable, compared by value.

    It stands for all directed acyclic graphs that have its adjacencies, its directed edges and its
    unshielded colliders, and no other unshielded collider. A CPDAG is a Markov class, what data alone
    can tell; an MPDAG is what is left of it once background knowledge directs some of its edges.

    Parameters
    ----------
    edges : iterable of (str, str)
        Directed edges, cause first.
    undirected : iterable of (str, str)
        Pairs of which one causes the other: which one is not known.
    nodes : iterable of str
        Nodes that stand alone, or all of them to fix their order.
    latent : iterable of str
        Nodes that are not measured.
    roles : mapping of str to str or iterable of str, optional
        What a node is in the study, as in `CausalGraph`.

    Raises
    ------
    CycleError : the directed edges contain a cycle, which it names.
    GraphError : a self-loop, a pair that has two different edges, a name that is not a text, an unknown role.
    UnknownNodeError : `latent` or `roles` name nodes that no edge and not `nodes` has.

    Examples
    --------
    >>> graph = PartialGraph([], undirected=[("season", "display"), ("display", "purchased")])
    >>> sorted(graph.possible_descendants("display"))
    ['display', 'purchased', 'season']
    >>> graph.with_orientations([("season", "display")]).edges
    (('season', 'display'), ('display', 'purchased'))
    """

    __slots__ = ("_closed", "_member")
    _closed: Adjacency | None
    _member: CausalGraph | None

    def __init__(
        self,
        edges: Iterable[tuple[str, str]],
        *,
        undirected: Iterable[tuple[str, str]] = (),
        nodes: Iterable[str] = (),
        latent: Iterable[str] = (),
        roles: Mapping[str, Names] | None = None,
    ):
        edges, undirected = checked_pairs(edges, "edges"), checked_pairs(undirected, "undirected")
        names = dict.fromkeys((*names_of(nodes), *(name for pair in (*edges, *undirected) for name in pair)))
        self._start(names, latent, roles)
        self._set("_adjacency", self._joined(edges, undirected))
        self._set("_closed", None)
        self._set("_member", None)
        if cycle := topological(self._adjacency)[1]:
            raise CycleError(self._names[node] for node in cycle)

    @property
    def undirected(self) -> tuple[tuple[str, str], ...]:
        """Pairs of which one causes the other, each once."""
        return self._symmetric()

    def parents(self, node: str) -> frozenset[str]:
        """Direct causes of `node` in every graph of the class."""
        return self._named(self._adjacency.parents[self._number(node)])

    def children(self, node: str) -> frozenset[str]:
        """Direct effects of `node` in every graph of the class."""
        return self._named(self._adjacency.children[self._number(node)])

    def neighbours(self, node: str) -> frozenset[str]:
        """Nodes that share an undirected edge with `node`."""
        return self._named(self._adjacency.spouses[self._number(node)])

    def possible_ancestors(self, *nodes: str) -> frozenset[str]:
        """Nodes that cause one of `nodes` in some graph of the class, and `nodes` themselves."""
        return self._masked(possible_ancestor_mask(self._closure(), self._numbers(nodes)))

    def possible_descendants(self, *nodes: str) -> frozenset[str]:
        """Nodes that one of `nodes` causes in some graph of the class, and `nodes` themselves."""
        return self._masked(possible_descendant_mask(self._closure(), self._numbers(nodes)))

    @property
    def is_maximally_oriented(self) -> bool:
        """Whether each undirected edge is free: no rule of Meek's directs it."""
        return self._closure() is self._adjacency

    def with_orientations(self, pairs: Iterable[tuple[str, str]]) -> PartialGraph:
        """Graph with these edges directed, and with all that follows (Meek's rules 1 to 4).

        No pairs at all give the maximally oriented graph of the same class.

        Parameters
        ----------
        pairs : iterable of (str, str)
            Background knowledge, cause first, on pairs that share an edge.

        Raises
        ------
        GraphError : a pair shares no edge, or contradicts the graph and the pairs before it; names it.
            Or the graph stands for no directed acyclic graph.

        References
        ----------
        Meek (1995), UAI: the rules. Perkovic, Kalisch, Maathuis (2017), UAI: one pair after the other.
        """
        pairs = checked_pairs(pairs, "pairs")
        self._known(name for pair in pairs for name in pair)
        self.consistent_extension()
        if not pairs:
            return self if self.is_maximally_oriented else self._directed_further(self._closure())
        marks = Orientation(self._closure())
        for done, (cause, effect) in enumerate(pairs):
            tail, head = self._index[cause], self._index[effect]
            if tail in marks.children[head] or head not in marks.adjacent[tail]:
                raise GraphError(self._contradiction(cause, effect, pairs[:done]))
            if head in marks.neighbours[tail]:
                marks.orient(tail, head)
                marks.close([(tail, head)])
        return self._directed_further(marks.adjacency())

    def consistent_extension(self) -> CausalGraph:
        """One directed graph of the class.

        Raises
        ------
        GraphError : there is none; each way to direct the undirected edges makes a cycle or a new collider.

        References
        ----------
        Dor, Tarsi (1992), UCLA Cognitive Systems Laboratory, technical report R-185.
        """
        member = self._member
        if member is None:
            member = self._extended()
            self._set("_member", member)
        return member

    def __repr__(self) -> str:
        return self._described("undirected")

    def __reduce__(self):
        return _rebuild, (self._names, self.edges, self.undirected, tuple(self._latent), dict(self._roles))

    def _directed_further(self, adjacency: Adjacency) -> PartialGraph:
        # What comes from Meek's rules on a consistent graph is acyclic and closed.
        return self._with(adjacency, _closed=adjacency, _member=None)

    def _joined(self, edges: Iterable[tuple[str, str]], undirected: Iterable[tuple[str, str]]) -> Adjacency:
        # Undirected edges take the place of bidirected ones in `Adjacency`: both are symmetric.
        index = self._index
        directed = dict.fromkeys((index[cause], index[effect]) for cause, effect in edges)
        loose = dict.fromkeys((min(index[a], index[b]), max(index[a], index[b])) for a, b in undirected)
        for tail, head in directed:
            if (head, tail) in directed or (min(tail, head), max(tail, head)) in loose:
                pair = f"{self._names[tail]!r} and {self._names[head]!r}"
                raise GraphError(f"Two different edges join {pair}: a pair has one edge, directed or not. Drop one.")
        return Adjacency.from_pairs(len(index), sorted(directed), sorted(loose))

    def _extended(self) -> CausalGraph:
        directed = extension(self._adjacency)
        if directed is None:
            raise GraphError(
                "No causal graph agrees with this partial graph: however its undirected edges are directed, there is "
                "a directed cycle or a collider that it does not have. Drop an edge, or one of its directions."
            )
        edges = (*self.edges, *((self._names[tail], self._names[head]) for tail, head in directed))
        return CausalGraph(edges, nodes=self._names, latent=self._latent, roles=self._roles)

    def _closure(self) -> Adjacency:
        closed = self._closed
        if closed is None:
            marks = Orientation(self._adjacency)
            closed = marks.adjacency() if marks.close(marks.directed()) else self._adjacency
            self._set("_closed", closed)
        return closed

    def _contradiction(self, cause: str, effect: str, before: tuple[tuple[str, str], ...]) -> str:
        tail, head = self._index[cause], self._index[effect]
        edge = f"{cause} -> {effect}"
        if not any(head in ends[tail] for ends in _ends(self._adjacency)):
            return f"The graph has no edge between {cause!r} and {effect!r}, so {edge} cannot be added. Drop the pair."
        turned = f"{effect} -> {cause}"
        if tail in self._adjacency.children[head]:
            return f"{edge} contradicts the graph, which has the edge {turned}. Drop one of the two."
        if tail in self._closure().children[head]:
            return f"{edge} contradicts the graph: {turned} follows from its directed edges. Drop the pair."
        given = ", ".join(f"{one} -> {other}" for one, other in before)
        return f"{edge} contradicts the pairs before it: {turned} follows from {given}. Drop one of them."


def _ends(adjacency: Adjacency) -> tuple[list[list[int]], ...]:
    return adjacency.parents, adjacency.children, adjacency.spouses


def _rebuild(nodes, edges, undirected, latent, roles) -> PartialGraph:
    return PartialGraph(edges, undirected=undirected, nodes=nodes, latent=latent, roles=roles)
