"""Nodes, their levels and their parents, in numbers."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import prod
from typing import Any

from causalrec.errors import DataError, GraphError, UnknownNodeError, nearest
from causalrec.graph import CausalGraph

__all__ = ["MAX_TABLE", "Level", "Structure", "refuse_no_graph", "structure_of"]

Level = str | int | float | bool

MAX_TABLE = 10_000_000
"""Cells that one conditional table may have."""


@dataclass(frozen=True, slots=True, eq=False)
class Structure:
    """A graph in numbers.

    The table of node i has one axis for each parent, in the order of their numbers, and its own axis last.

    Attributes
    ----------
    graph : CausalGraph
    levels : tuple of tuple
        Levels of each node, in the order of the nodes.
    parents : tuple of tuple of int
        Parents of each node, ascending.
    order : tuple of int
        The nodes, causes before their effects.
    """

    graph: CausalGraph
    levels: tuple[tuple[Level, ...], ...]
    parents: tuple[tuple[int, ...], ...]
    order: tuple[int, ...]

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the nodes."""
        return self.graph.nodes

    @property
    def sizes(self) -> tuple[int, ...]:
        """Number of levels of each node."""
        return tuple(map(len, self.levels))

    def family(self, node: int) -> tuple[int, ...]:
        """Parents of a node and the node itself: the axes of its table."""
        return (*self.parents[node], node)

    def shape(self, node: int) -> tuple[int, ...]:
        """Shape of a node's table."""
        return tuple(len(self.levels[member]) for member in self.family(node))

    @property
    def n_cells(self) -> int:
        """Cells of all tables."""
        return sum(prod(self.shape(node)) for node in range(len(self.levels)))

    @property
    def n_parameters(self) -> int:
        """Probabilities that may be chosen freely."""
        return sum(prod(self.shape(node)) // size * (size - 1) for node, size in enumerate(self.sizes))

    def numbers(self, names: str | Iterable[str]) -> tuple[int, ...]:
        """Numbers of nodes, each once, in the order given."""
        if not isinstance(names, Iterable):
            raise DataError(f"Nodes are named by a text or a list of texts, not {type(names).__name__}.")
        wanted = [names] if isinstance(names, str) else list(names)
        places = {name: place for place, name in enumerate(self.names)}
        if unknown := [name for name in wanted if not isinstance(name, str) or name not in places]:
            raise UnknownNodeError(map(str, unknown), self.names)
        return tuple(dict.fromkeys(places[name] for name in wanted))

    def codes(self, assignment: Mapping[str, Level] | None, what: str) -> dict[int, int]:
        """Number of a node -> number of its level.

        Raises
        ------
        DataError : not a mapping, or a level that the node does not have, with the nearest ones.
        UnknownNodeError : a node that the graph does not have.
        """
        if not isinstance(assignment or {}, Mapping):
            raise DataError(f"`{what}` is a mapping of nodes to levels, not {type(assignment).__name__}.")
        given = dict(assignment or {})
        numbers = self.numbers(given)
        return {node: code_of(self.names[node], self.levels[node], given[self.names[node]]) for node in numbers}


def code_of(name: str, levels: Sequence[Level], level: Any) -> int:
    """Place of a level among those of its node."""
    try:
        return levels.index(level)
    except ValueError:
        raise DataError(f"{name!r} has no level {nearest([str(level)], map(str, levels))}.") from None


def refuse_no_graph(graph: Any) -> None:
    """
    Raises
    ------
    GraphError : anything but a graph.
    """
    if not isinstance(graph, CausalGraph):
        raise GraphError(f"`graph` is a CausalGraph, not {type(graph).__name__}; see causalrec.graph.")


def structure_of(graph: CausalGraph, levels: Mapping[str, Sequence[Level]]) -> Structure:
    """The graph in numbers, where it and the levels make a network.

    Raises
    ------
    GraphError : bidirected edges.
    DataError : a node without levels, levels that are not distinct, or a table that would be too large.
    """
    if not len(graph):
        raise GraphError("A network needs at least one node; this graph has none.")
    if graph.bidirected:
        pairs = ", ".join(f"{a} <-> {b}" for a, b in graph.bidirected[:3])
        raise GraphError(f"A Bayesian network has no hidden common causes, and {pairs} share one. Draw it as a node.")
    lists = tuple(checked_levels(name, levels[name]) for name in graph.nodes)
    parents = tuple(tuple(sorted(graph.numbers(graph.parents(name)))) for name in graph.nodes)
    found = Structure(graph, lists, parents, tuple(graph.numbers(graph.topological_order)))
    for node, name in enumerate(graph.nodes):
        if (cells := prod(found.shape(node))) > MAX_TABLE:
            raise DataError(
                f"The table of {name!r} given its {len(parents[node])} causes would have {cells:,} cells, more than "
                f"{MAX_TABLE:,}. Join levels, or put a node between it and its causes."
            )
    return found


def checked_levels(name: str, levels: Sequence[Level]) -> tuple[Level, ...]:
    """Levels as a tuple, where they are distinct plain values."""
    if isinstance(levels, str) or not isinstance(levels, Iterable):
        raise DataError(f"The levels of {name!r} are a sequence such as ('no', 'yes'), not {levels!r}.")
    plain = tuple(level.item() if hasattr(level, "item") else level for level in levels)
    if wrong := [level for level in plain if not isinstance(level, str | int | float) or level != level]:
        raise DataError(f"A level is a text, a number, True or False; {name!r} has {wrong[0]!r}.")
    if not plain or len(set(plain)) < len(plain):
        raise DataError(f"The levels of {name!r} are {plain!r}; they are distinct, and at least one.")
    return plain
