"""`PartialGraph`: a class of causal graphs that data alone, or data and some knowledge, cannot tell apart."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import MappingProxyType

from causalrec.errors import CycleError, GraphError, UnknownNodeError
from causalrec.graph.adjacency import Adjacency, ancestor_mask, descendant_mask, topological
from causalrec.graph.causal_graph import CausalGraph
from causalrec.graph.extension import extension
from causalrec.graph.meek import Orientation
from causalrec.graph.possible import possible_ancestor_mask, possible_descendant_mask
from causalrec.graph.validation import checked_pairs, checked_roles, names_of

__all__ = ["PartialGraph"]

Names = str | Iterable[str]


class PartialGraph:
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

    __slots__ = ("_adjacency", "_closed", "_index", "_key", "_latent", "_member", "_names", "_roles")
    _adjacency: Adjacency
    _closed: Adjacency | None
    _index: dict[str, int]
    _key: tuple | None
    _latent: frozenset[str]
    _member: CausalGraph | None
    _names: tuple[str, ...]
    _roles: Mapping[str, frozenset[str]]

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
        self._set("_names", tuple(names))
        self._set("_index", {name: number for number, name in enumerate(names)})
        self._set("_adjacency", self._joined(edges, undirected))
        self._set("_latent", frozenset(self._known(latent)))
        roles = checked_roles(roles or {})
        self._known(roles)
        self._set("_roles", MappingProxyType(roles))
        for name in ("_key", "_closed", "_member"):
            self._set(name, None)
        if cycle := topological(self._adjacency)[1]:
            raise CycleError(self._names[node] for node in cycle)

    @property
    def nodes(self) -> tuple[str, ...]:
        """All nodes, in the order in which they were given."""
        return self._names

    @property
    def edges(self) -> tuple[tuple[str, str], ...]:
        """Directed edges, cause first."""
        names, children = self._names, self._adjacency.children
        return tuple((names[node], names[child]) for node in range(len(names)) for child in children[node])

    @property
    def undirected(self) -> tuple[tuple[str, str], ...]:
        """Pairs of which one causes the other, each once."""
        names, neighbours = self._names, self._adjacency.spouses
        return tuple((names[a], names[b]) for a in range(len(names)) for b in neighbours[a] if a < b)

    @property
    def latent(self) -> frozenset[str]:
        """Nodes that are not measured."""
        return self._latent

    @property
    def roles(self) -> Mapping[str, frozenset[str]]:
        """Roles of each node that has one; cannot be written to."""
        return self._roles

    @property
    def adjacency(self) -> Adjacency:
        """The graph in numbers, for algorithms; undirected edges are in `spouses`. Not to be written to."""
        return self._adjacency

    def numbers(self, names: Names) -> list[int]:
        """Numbers of these nodes in `adjacency`, each once; refuses unknown names, all of them at once."""
        return self._numbers(names_of(names))

    def nodes_with(self, role: str) -> tuple[str, ...]:
        """Nodes that have `role`, in the order of `nodes`."""
        return tuple(node for node in self._names if role in self._roles.get(node, ()))

    def parents(self, node: str) -> frozenset[str]:
        """Direct causes of `node` in every graph of the class."""
        return self._named(self._adjacency.parents[self._numbers((node,))[0]])

    def children(self, node: str) -> frozenset[str]:
        """Direct effects of `node` in every graph of the class."""
        return self._named(self._adjacency.children[self._numbers((node,))[0]])

    def neighbours(self, node: str) -> frozenset[str]:
        """Nodes that share an undirected edge with `node`."""
        return self._named(self._adjacency.spouses[self._numbers((node,))[0]])

    def ancestors(self, *nodes: str) -> frozenset[str]:
        """Causes of `nodes` along directed edges, and `nodes` themselves."""
        return self._masked(ancestor_mask(self._adjacency, self._numbers(nodes)))

    def descendants(self, *nodes: str) -> frozenset[str]:
        """Effects of `nodes` along directed edges, and `nodes` themselves."""
        return self._masked(descendant_mask(self._adjacency, self._numbers(nodes)))

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
            return self if self.is_maximally_oriented else self._with(self._closure())
        marks = Orientation(self._closure())
        for done, (cause, effect) in enumerate(pairs):
            tail, head = self._index[cause], self._index[effect]
            if tail in marks.children[head] or head not in marks.adjacent[tail]:
                raise GraphError(self._contradiction(cause, effect, pairs[:done]))
            if head in marks.neighbours[tail]:
                marks.orient(tail, head)
                marks.close([(tail, head)])
        return self._with(marks.adjacency())

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

    def __contains__(self, node: object) -> bool:
        return node in self._index

    def __len__(self) -> int:
        return len(self._names)

    def __eq__(self, other: object) -> bool:
        return self._value() == other._value() if isinstance(other, PartialGraph) else NotImplemented

    def __hash__(self) -> int:
        return hash(self._value())

    def __repr__(self) -> str:
        parts = [f"{len(self)} nodes", f"{len(self.edges)} edges", f"{len(self.undirected)} undirected"]
        named = [(role, self.nodes_with(role)) for role in ("treatment", "outcome", "selected")]
        parts += [f"{role} {', '.join(nodes)}" for role, nodes in (*named, ("latent", sorted(self._latent))) if nodes]
        return f"<PartialGraph: {'; '.join(parts)}>"

    def __setattr__(self, name: str, value: object) -> None:
        raise AttributeError(f"A PartialGraph does not change: build a new one instead of setting {name!r}.")

    def __delattr__(self, name: str) -> None:
        raise AttributeError(f"A PartialGraph does not change: {name!r} stays.")

    def __reduce__(self):
        return _rebuild, (self._names, self.edges, self.undirected, tuple(self._latent), dict(self._roles))

    def _set(self, name: str, value: object) -> None:
        object.__setattr__(self, name, value)

    def _with(self, adjacency: Adjacency) -> PartialGraph:
        # What comes from Meek's rules on a consistent graph is acyclic and closed.
        graph = object.__new__(PartialGraph)
        for name in self.__slots__:
            graph._set(name, getattr(self, name))
        graph._set("_adjacency", adjacency)
        graph._set("_closed", adjacency)
        graph._set("_key", None)
        graph._set("_member", None)
        return graph

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

    def _value(self) -> tuple:
        key = self._key
        if key is None:
            pairs = frozenset(frozenset(pair) for pair in self.undirected)
            key = (frozenset(self._names), frozenset(self.edges), pairs, self._latent, frozenset(self._roles.items()))
            self._set("_key", key)
        return key

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

    def _known(self, names: Names) -> tuple[str, ...]:
        names = names_of(names)
        if unknown := dict.fromkeys(name for name in names if name not in self._index):
            raise UnknownNodeError(unknown, self._names)
        return names

    def _numbers(self, names: Iterable[str]) -> list[int]:
        return [self._index[name] for name in dict.fromkeys(self._known(names))]

    def _named(self, numbers: Iterable[int]) -> frozenset[str]:
        return frozenset(self._names[number] for number in numbers)

    def _masked(self, mask: bytearray) -> frozenset[str]:
        return frozenset(name for name, bit in zip(self._names, mask, strict=True) if bit)


def _ends(adjacency: Adjacency) -> tuple[list[list[int]], ...]:
    return adjacency.parents, adjacency.children, adjacency.spouses


def _rebuild(nodes, edges, undirected, latent, roles) -> PartialGraph:
    return PartialGraph(edges, undirected=undirected, nodes=nodes, latent=latent, roles=roles)
