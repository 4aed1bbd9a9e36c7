"""What directed graphs and classes of graphs share: named nodes over integer adjacency, which never change."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Any

from causalrec.errors import UnknownNodeError
from causalrec.graph.adjacency import Adjacency, ancestor_mask, descendant_mask
from causalrec.graph.validation import checked_roles, names_of

__all__ = ["NamedGraph"]

Names = str | Iterable[str]


class NamedGraph:
    """Nodes with names, roles and latent ones among them; immutable, hashable, compared by value.

    A subclass names its symmetric edges, which `Adjacency` keeps as spouses, and checks the rest.
    """

    __slots__ = ("_adjacency", "_index", "_key", "_latent", "_names", "_roles")
    _adjacency: Adjacency
    _index: dict[str, int]
    _key: tuple | None
    _latent: frozenset[str]
    _names: tuple[str, ...]
    _roles: Mapping[str, frozenset[str]]

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
    def latent(self) -> frozenset[str]:
        """Nodes that are not measured."""
        return self._latent

    @property
    def roles(self) -> Mapping[str, frozenset[str]]:
        """Roles of each node that has one; cannot be written to."""
        return self._roles

    @property
    def adjacency(self) -> Adjacency:
        """The graph in numbers, for algorithms; node i is ``nodes[i]``. Not to be written to."""
        return self._adjacency

    def numbers(self, names: Names) -> list[int]:
        """Numbers of these nodes in `adjacency`, each once; refuses unknown names, all of them at once."""
        return self._numbers(names_of(names))

    def nodes_with(self, role: str) -> tuple[str, ...]:
        """Nodes that have `role`, in the order of `nodes`."""
        return tuple(node for node in self._names if role in self._roles.get(node, ()))

    def ancestors(self, *nodes: str) -> frozenset[str]:
        """All causes of `nodes` along directed edges, direct or not, and `nodes` themselves."""
        return self._masked(ancestor_mask(self._adjacency, self._numbers(nodes)))

    def descendants(self, *nodes: str) -> frozenset[str]:
        """All effects of `nodes` along directed edges, direct or not, and `nodes` themselves."""
        return self._masked(descendant_mask(self._adjacency, self._numbers(nodes)))

    def __contains__(self, node: object) -> bool:
        return node in self._index

    def __len__(self) -> int:
        return len(self._names)

    def __eq__(self, other: object) -> bool:
        return self._value() == other._value() if type(other) is type(self) else NotImplemented

    def __hash__(self) -> int:
        return hash(self._value())

    def __setattr__(self, name: str, value: object) -> None:
        raise AttributeError(f"A {type(self).__name__} does not change: build a new one instead of setting {name!r}.")

    def __delattr__(self, name: str) -> None:
        raise AttributeError(f"A {type(self).__name__} does not change: {name!r} stays.")

    def _set(self, name: str, value: object) -> None:
        object.__setattr__(self, name, value)

    def _start(self, names: Iterable[str], latent: Names, roles: Mapping[str, Names] | None) -> None:
        self._set("_names", tuple(names))
        self._set("_index", dict(zip(self._names, range(len(self._names)), strict=True)))
        self._set("_latent", frozenset(self._known(latent)))
        checked = checked_roles(roles or {})
        self._known(checked)
        self._set("_roles", MappingProxyType(checked))
        self._set("_key", None)

    def _with(self, adjacency: Adjacency, **changed: object) -> Any:
        graph = object.__new__(type(self))
        for name in (*NamedGraph.__slots__, *type(self).__slots__):
            graph._set(name, getattr(self, name))
        for name, value in {"_adjacency": adjacency, "_key": None, **changed}.items():
            graph._set(name, value)
        return graph

    def _symmetric(self) -> tuple[tuple[str, str], ...]:
        names, spouses = self._names, self._adjacency.spouses
        return tuple((names[a], names[b]) for a in range(len(names)) for b in spouses[a] if a < b)

    def _value(self) -> tuple:
        key = self._key
        if key is None:
            pairs = frozenset(frozenset(pair) for pair in self._symmetric())
            key = (frozenset(self._names), frozenset(self.edges), pairs, self._latent, frozenset(self._roles.items()))
            self._set("_key", key)
        return key

    def _described(self, symmetric: str) -> str:
        pairs = self._symmetric()
        parts = [f"{len(self)} nodes", f"{len(self.edges)} edges", *([f"{len(pairs)} {symmetric}"] if pairs else [])]
        named = [(role, self.nodes_with(role)) for role in ("treatment", "outcome", "selected")]
        parts += [f"{role} {', '.join(nodes)}" for role, nodes in (*named, ("latent", sorted(self._latent))) if nodes]
        return f"<{type(self).__name__}: {'; '.join(parts)}>"

    def _known(self, names: Names) -> tuple[str, ...]:
        names = names_of(names)
        if unknown := dict.fromkeys(name for name in names if name not in self._index):
            raise UnknownNodeError(unknown, self._names)
        return names

    def _number(self, name: str) -> int:
        return self._numbers((name,))[0]

    def _numbers(self, names: Iterable[str]) -> list[int]:
        return [self._index[name] for name in dict.fromkeys(self._known(names))]

    def _named(self, numbers: Iterable[int]) -> frozenset[str]:
        return frozenset(self._names[number] for number in numbers)

    def _masked(self, mask: bytearray) -> frozenset[str]:
        return frozenset(name for name, bit in zip(self._names, mask, strict=True) if bit)
