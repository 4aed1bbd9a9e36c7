"""`Knowledge`: which edges can be there, before any data are looked at."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from causalrec.errors import GraphError, UnknownNodeError
from causalrec.graph import CausalGraph
from causalrec.graph.validation import checked_pairs, names_of

__all__ = ["Knowledge"]

Pair = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Knowledge:
    """Background knowledge on the edges between some nodes; `Knowledge.of` checks it.

    Attributes
    ----------
    tier : mapping of str to int
        Time of a node: nothing causes what came before. A node without one may come at any time.
    forbidden : frozenset of (str, str)
        Edges that are not there, cause first.
    required : frozenset of (str, str)
        Edges that are there.
    """

    tier: dict[str, int]
    forbidden: frozenset[Pair]
    required: frozenset[Pair]

    @classmethod
    def of(
        cls,
        nodes: Sequence[str],
        tiers: Iterable[Iterable[str]] | None = None,
        forbidden: Iterable[Pair] = (),
        required: Iterable[Pair] = (),
    ) -> Knowledge:
        """Knowledge that does not contradict itself.

        Parameters
        ----------
        nodes : sequence of str
        tiers : iterable of iterable of str, optional
            Nodes by time, the earliest first.
        forbidden, required : iterable of (str, str)
            Cause first.

        Raises
        ------
        UnknownNodeError : a name is none of `nodes`.
        GraphError : a node in two tiers, an edge both required and ruled out, a cycle of required edges.

        Examples
        --------
        >>> knowledge = Knowledge.of(["season", "price", "sold"], tiers=[["season"], ["price", "sold"]])
        >>> knowledge.allows("price", "season"), knowledge.allows("price", "sold")
        (False, True)
        """
        layers = [names_of(tier) for tier in tiers or ()]
        forbidden = frozenset(checked_pairs(forbidden, "forbidden"))
        pairs = checked_pairs(required, "required")
        named = [
            *(name for layer in layers for name in layer),
            *(name for pair in (*forbidden, *pairs) for name in pair),
        ]
        if unknown := dict.fromkeys(name for name in named if name not in nodes):
            raise UnknownNodeError(unknown, nodes)
        knowledge = cls(_tier_of(layers), forbidden, frozenset(pairs))
        CausalGraph(pairs)  # refuses a cycle of required edges
        for cause, effect in pairs:
            if (cause, effect) in forbidden or knowledge.is_later(cause, effect):
                why = "`forbidden` rules it out" if (cause, effect) in forbidden else "the tiers rule it out"
                raise GraphError(f"{cause} -> {effect} is required, but {why}. Drop one of the two.")
        return knowledge

    def is_later(self, node: str, other: str) -> bool:
        """Whether `node` comes in a later tier than `other`."""
        return node in self.tier and other in self.tier and self.tier[node] > self.tier[other]

    def allows(self, cause: str, effect: str) -> bool:
        """Whether there may be an edge from `cause` to `effect`."""
        ruled_out = (cause, effect) in self.forbidden or (effect, cause) in self.required
        return not ruled_out and not self.is_later(cause, effect)

    def requires(self, one: str, other: str) -> bool:
        """Whether there is an edge between two nodes, whatever the data say."""
        return (one, other) in self.required or (other, one) in self.required


def _tier_of(layers: Sequence[tuple[str, ...]]) -> dict[str, int]:
    tier: dict[str, int] = {}
    for position, layer in enumerate(layers):
        for name in layer:
            if tier.setdefault(name, position) != position:
                raise GraphError(f"{name!r} is in tiers {tier[name]} and {position}: a node comes at one time.")
    return tier
