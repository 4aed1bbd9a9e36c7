"""`CausalGraph`: what causes what, and what is not measured."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import chain, combinations
from typing import TYPE_CHECKING, Any

from causalrec.errors import CycleError, GraphError
from causalrec.graph.adjacency import Adjacency, directed_route, topological
from causalrec.graph.cuts import minimum_cut
from causalrec.graph.districts import cliques, district_numbers, markov_blanket
from causalrec.graph.independence import Independence
from causalrec.graph.independences import basis
from causalrec.graph.named_graph import NamedGraph, Names
from causalrec.graph.paths import NamedPath
from causalrec.graph.projection import projected_pairs
from causalrec.graph.separation import open_walk
from causalrec.graph.separators import minimal_separators, nearest_separator
from causalrec.graph.validation import checked_pairs, names_of

if TYPE_CHECKING:
    import networkx

    from causalrec.graph.drawing import Drawing
    from causalrec.graph.partial_graph import PartialGraph

__all__ = ["CausalGraph"]


class CausalGraph(NamedGraph):
    """Causal graph with directed and bidirected edges: immutable, hashable, compared by value.

    A bidirected edge says that two nodes share an unmeasured common cause that is not drawn.
    Inside are lists of node numbers; names come in and go out. Each query takes time linear in
    the number of edges.

    Parameters
    ----------
    edges : iterable of (str, str)
        Directed edges, cause first.
    bidirected : iterable of (str, str)
        Pairs that share an unmeasured cause.
    latent : iterable of str
        Nodes that are not measured.
    nodes : iterable of str
        Nodes that stand alone, or all of them to fix their order.
    roles : mapping of str to str or iterable of str, optional
        What a node is in the study: "treatment", "outcome", "mediator", "instrument", "selected"
        (every row has it), "block" (stands for several columns), "absorbed" (an effect of each
        group of rows), "adjusted", "sensitive" (an attribute that must not decide), "domain"
        (its effects have another mechanism in another population).

    Raises
    ------
    CycleError : the directed edges contain a cycle, which it names.
    GraphError : a self-loop, a name that is not a text, an unknown role.
    UnknownNodeError : `latent` or `roles` name nodes that no edge and not `nodes` has.

    Examples
    --------
    >>> graph = CausalGraph([("taste", "exposed"), ("taste", "watched"), ("exposed", "watched")], latent=["taste"])
    >>> sorted(graph.ancestors("exposed"))
    ['exposed', 'taste']
    >>> print(graph.without_edges([("exposed", "watched")]).open_path("exposed", "watched"))
    exposed <- taste -> watched
    """

    __slots__ = ("_order",)
    _order: tuple[str, ...]

    def __init__(
        self,
        edges: Iterable[tuple[str, str]],
        *,
        bidirected: Iterable[tuple[str, str]] = (),
        latent: Iterable[str] = (),
        nodes: Iterable[str] = (),
        roles: Mapping[str, Names] | None = None,
    ):
        edges, bidirected = checked_pairs(edges, "edges"), checked_pairs(bidirected, "bidirected")
        names = dict.fromkeys(chain(names_of(nodes), chain.from_iterable(edges), chain.from_iterable(bidirected)))
        self._start(names, latent, roles)
        number = self._index.__getitem__
        directed = map(number, chain.from_iterable(dict.fromkeys(edges)))
        twins = dict.fromkeys(tuple(sorted((number(a), number(b)))) for a, b in bidirected)
        self._set("_adjacency", Adjacency.from_flat(len(names), directed, chain.from_iterable(twins)))
        order, cycle = topological(self._adjacency)
        if cycle:
            raise CycleError(self._names[node] for node in cycle)
        self._set("_order", tuple(self._names[node] for node in order))

    @property
    def bidirected(self) -> tuple[tuple[str, str], ...]:
        """Pairs that share an unmeasured cause, each once."""
        return self._symmetric()

    @property
    def topological_order(self) -> tuple[str, ...]:
        """All nodes, causes before their effects."""
        return self._order

    def parents(self, node: str) -> frozenset[str]:
        """Direct causes of `node`."""
        return self._named(self._adjacency.parents[self._number(node)])

    def children(self, node: str) -> frozenset[str]:
        """Direct effects of `node`."""
        return self._named(self._adjacency.children[self._number(node)])

    def spouses(self, node: str) -> frozenset[str]:
        """Nodes that share a bidirected edge with `node`."""
        return self._named(self._adjacency.spouses[self._number(node)])

    def districts(self) -> tuple[frozenset[str], ...]:
        """Sets of nodes that bidirected edges hold together, in the order of their first nodes."""
        found: dict[int, list[str]] = {}
        for name, number in zip(self._names, district_numbers(self._adjacency), strict=True):
            found.setdefault(number, []).append(name)
        return tuple(map(frozenset, found.values()))

    def markov_blanket(self, node: str) -> frozenset[str]:
        """Smallest set of nodes that separates `node` from all others."""
        return self._named(markov_blanket(self._adjacency, self._number(node)))

    def moral_graph(self) -> networkx.Graph:
        """Undirected graph that joins each node to its Markov blanket; frozen.

        A node with k causes gives k (k - 1) / 2 edges.
        """
        import networkx

        graph = networkx.Graph()
        graph.add_nodes_from(self._names)
        for members in cliques(self._adjacency):
            graph.add_edges_from(combinations((self._names[node] for node in members), 2))
        return networkx.freeze(graph)

    def induced(self, nodes: Names) -> CausalGraph:
        """Graph of these nodes and the edges among them, in the order of this graph."""
        kept = frozenset(self._known(nodes))
        return CausalGraph(
            (pair for pair in self.edges if kept.issuperset(pair)),
            bidirected=(pair for pair in self.bidirected if kept.issuperset(pair)),
            latent=self._latent & kept,
            nodes=(node for node in self._names if node in kept),
            roles={node: roles for node, roles in self._roles.items() if node in kept},
        )

    def ancestral(self, *nodes: str) -> CausalGraph:
        """Graph of `nodes` and all their causes."""
        return self.induced(self.ancestors(*nodes))

    def latent_projection(self) -> CausalGraph:
        """Graph of the measured nodes alone, which says of them what this one says.

        A directed path through latent nodes becomes an edge, a latent common cause a bidirected one.

        Examples
        --------
        >>> graph = CausalGraph([("taste", "exposed"), ("taste", "watched")], latent=["taste"])
        >>> graph.latent_projection().bidirected
        (('exposed', 'watched'),)
        """
        if not self._latent:
            return self
        mask = bytearray(name in self._latent for name in self._names)
        directed, twins = projected_pairs(self._adjacency, mask, self._numbers(self._order))
        return CausalGraph(
            ((self._names[a], self._names[b]) for a, b in directed),
            bidirected=((self._names[a], self._names[b]) for a, b in twins),
            nodes=(name for name in self._names if name not in self._latent),
            roles={node: roles for node, roles in self._roles.items() if node not in self._latent},
        )

    def implied_independences(self) -> Iterator[Independence]:
        """Independences among measured nodes that imply all others; made one at a time, never all at once.

        Without latent nodes: each node and those before it that are no causes of it, given its
        causes. With them: each pair that some set separates, given a minimal one.

        Examples
        --------
        >>> graph = CausalGraph([("season", "display"), ("season", "price")])
        >>> [str(statement) for statement in graph.implied_independences()]
        ['price ⊥ display | season']
        """
        return basis(self)

    def cpdag(self) -> PartialGraph:
        """Graph of all that graphs which imply the same independences agree on.

        Raises
        ------
        GraphError : the graph has latent nodes or bidirected edges.
        """
        from causalrec.graph.markov_class import cpdag

        return cpdag(self)

    def equivalent(self, other: CausalGraph) -> bool:
        """Whether both imply the same independences among the same measured nodes."""
        from causalrec.graph.markov_class import equivalent

        return equivalent(self, other)

    def without_edges(self, edges: Iterable[tuple[str, str]]) -> CausalGraph:
        """Graph less these directed edges; a pair that is not an edge is refused.

        Raises
        ------
        GraphError : a pair is not an edge.
        """
        pairs = tuple(dict.fromkeys(checked_pairs(edges, "edges")))
        self._known(name for pair in pairs for name in pair)
        dropped = frozenset((self._index[cause], self._index[effect]) for cause, effect in pairs)
        adjacency = self._adjacency.without(dropped)
        if sum(map(len, self._adjacency.children)) - sum(map(len, adjacency.children)) < len(dropped):
            self._refuse_absent(pairs)
        return self._with(adjacency)  # fewer edges: the order of the nodes stays a topological one

    def mutilated(self, *nodes: str) -> CausalGraph:
        """Graph of an intervention on `nodes`, do(nodes): nothing causes them any more."""
        return self._with(self._adjacency.mutilated(frozenset(self._numbers(nodes))))

    def is_separated(self, x: Names, y: Names, given: Names = ()) -> bool:
        """Whether `given` closes every path between `x` and `y`, latent nodes and bidirected edges included."""
        return not self.open_path(x, y, given)

    def open_path(self, x: Names, y: Names, given: Names = ()) -> NamedPath:
        """A path between `x` and `y` that stays open given `given`; empty when they are separated.

        A tuple of names; ``print`` draws it with its arrows. A collider on it is in `given`, or
        has a descendant there.
        """
        ends = self._disjoint(x=x, y=y, given=given)
        nodes, arrows = open_walk(self._adjacency, *ends)
        return NamedPath((self._names[node] for node in nodes), arrows)

    def directed_path(self, x: Names, y: Names) -> NamedPath:
        """A shortest directed path from `x` to `y`; empty when `x` does not cause `y`."""
        targets = bytearray(len(self._names))
        for node in self._numbers(names_of(y)):
            targets[node] = 1
        route = directed_route(self._adjacency, self._numbers(names_of(x)), targets)
        return NamedPath((self._names[node] for node in route), ["->"] * (len(route) - 1))

    def minimal_separator(
        self, x: Names, y: Names, *, include: Names = (), within: Iterable[str] | None = None
    ) -> frozenset[str] | None:
        """Minimal set that separates `x` from `y`, the one nearest to `x`; None when there is none.

        Parameters
        ----------
        x, y : str or iterable of str
        include : str or iterable of str
            Nodes that the set must hold; minimal then means: no other node can be left out.
        within : iterable of str, optional
            Nodes that the set may hold beside `include`; default all. Latent nodes never enter.

        References
        ----------
        van der Zander, Liskiewicz, Textor (2019), Artif. Intell. 270, 1-40.
        """
        (from_x, to_y, kept), mask = self._separable(x, y, include, within)
        found = nearest_separator(self._adjacency, from_x, to_y, kept, mask)
        return None if found is None else self._named(found)

    def minimal_separators(
        self,
        x: Names,
        y: Names,
        *,
        include: Names = (),
        within: Iterable[str] | None = None,
        check: Callable[[], None] = lambda: None,
    ) -> Iterator[frozenset[str]]:
        """All minimal sets that separate `x` from `y`, one at a time.

        Between one and the next is time of the order of nodes times edges, however many there are.
        Parameters as in `minimal_separator`; `check` is called at each step of the search, and may end it
        by raising.

        References
        ----------
        Takata (2010), Discrete Applied Math. 158(15), 1660-1667.
        """
        (from_x, to_y, kept), mask = self._separable(x, y, include, within)
        return map(self._named, minimal_separators(self._adjacency, from_x, to_y, kept, mask, check))

    def minimum_separator(
        self,
        x: Names,
        y: Names,
        *,
        include: Names = (),
        within: Iterable[str] | None = None,
        costs: Mapping[str, float] | None = None,
    ) -> frozenset[str] | None:
        """Set of least total cost that separates `x` from `y`; None when there is none.

        Parameters
        ----------
        x, y, include, within
            As in `minimal_separator`.
        costs : mapping of str to float, optional
            Cost of a node, 0 or more; 1 for those that are not named.
        """
        costs = costs or {}
        self._known(costs)
        if wrong := [node for node, cost in costs.items() if not 0 <= cost < float("inf")]:
            raise GraphError(f"`costs` must be 0 or more and finite: {wrong[0]!r} costs {costs[wrong[0]]}.")
        (from_x, to_y, kept), mask = self._separable(x, y, include, within)
        prices = [float(costs.get(name, 1)) for name in self._names]
        found = minimum_cut(self._adjacency, from_x, to_y, kept, mask, prices)
        return None if found is None else self._named(found)

    def draw(
        self,
        *,
        estimand: Any = None,
        treatment: Names | None = None,
        outcome: Names | None = None,
        adjustment: Names | None = None,
        paths: Iterable[Sequence[str]] | None = None,
        direction: str = "TB",
        positions: Mapping[str, tuple[float, float]] | None = None,
    ) -> Drawing:
        """Picture of the graph: shown in notebooks, saved as .svg, .png or .pdf.

        See `causalrec.graph.drawing.draw` for the arguments.
        """
        from causalrec.graph.drawing import draw

        return draw(
            self,
            estimand=estimand,
            treatment=treatment,
            outcome=outcome,
            adjustment=adjustment,
            paths=paths,
            direction=direction,
            positions=positions,
        )

    def _repr_html_(self) -> str:
        from causalrec.graph.drawing import repr_html

        return repr_html(self)

    def __repr__(self) -> str:
        return self._described("bidirected")

    def __reduce__(self):
        return _rebuild, (self._names, self.edges, self.bidirected, tuple(self._latent), dict(self._roles))

    def _separable(
        self, x: Names, y: Names, include: Names, within: Iterable[str] | None
    ) -> tuple[list[list[int]], bytearray]:
        ends = self._disjoint(x=x, y=y, include=include)
        if hidden := self._latent.intersection(self._names[node] for node in ends[2]):
            raise GraphError(f"`include` holds {sorted(hidden)}, which are latent: nobody can condition on them.")
        allowed = self._names if within is None else self._known(names_of(within))
        mask = bytearray(len(self._names))
        for name in allowed:
            mask[self._index[name]] = name not in self._latent
        return ends, mask

    def _disjoint(self, **sets: Names) -> list[list[int]]:
        given = {name: names_of(value) for name, value in sets.items()}
        self._known(name for names in given.values() for name in names)
        owner: dict[str, str] = {}
        for argument, names in given.items():
            for name in names:
                if owner.setdefault(name, argument) != argument:
                    raise GraphError(f"{name!r} is in both `{owner[name]}` and `{argument}`: they must be disjoint.")
        return [self._numbers(names) for names in given.values()]

    def _refuse_absent(self, pairs: Iterable[tuple[str, str]]) -> None:
        edges = frozenset(self.edges)
        absent = [pair for pair in pairs if pair not in edges]
        turned = [f"{effect} -> {cause}" for cause, effect in absent if (effect, cause) in edges]
        listed = ", ".join(f"{cause} -> {effect}" for cause, effect in absent)
        raise GraphError(f"The graph has no edge {listed}." + (f" It has {', '.join(turned)}." if turned else ""))


def _rebuild(nodes, edges, bidirected, latent, roles) -> CausalGraph:
    return CausalGraph(edges, bidirected=bidirected, latent=latent, nodes=nodes, roles=roles)
