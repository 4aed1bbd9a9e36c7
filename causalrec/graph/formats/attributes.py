"""Attributes by which DOT and GML say what they have no words for."""

import math
import re
from collections.abc import Iterable, Mapping

from causalrec.graph.causal_graph import CausalGraph
from causalrec.graph.formats.draft import Draft, role_named
from causalrec.graph.formats.scanner import refusal

__all__ = ["Attributes", "attribute_words", "split_roles"]

_YES, _NO = frozenset(("yes", "true", "1")), frozenset(("no", "false", "0"))
_POSITION = re.compile(r"\s*+([^,\s]++)\s*+,\s*+([^,\s!]++)(?:,[^,\s!]++)?+!?\s*+")
_ARROWS = {"forward": "->", "back": "<-", "both": "<->"}


def attribute_words(graph: CausalGraph, node: str) -> dict[str, str]:
    """Attributes of a node that say its roles, and that nobody measures it.

    >>> attribute_words(CausalGraph([("a", "b")], latent=["a"], roles={"a": ["block"]}), "a")
    {'observed': 'no', 'roles': 'block'}
    """
    words = {"observed": "no"} if node in graph.latent else {}
    if roles := graph.roles.get(node):
        words["roles"] = " ".join(sorted(roles))
    return words


class Attributes:
    """What attributes mean, put into `draft`; `text` is for the place of one that means nothing.

    Each attribute is its value and where that stands.
    """

    __slots__ = ("_draft", "_text")

    def __init__(self, draft: Draft, text: str):
        self._draft, self._text = draft, text

    def give(self, nodes: Iterable[str], given: Mapping[str, tuple[str, int]]) -> None:
        """Attributes to nodes; the ones that only matter for drawing mean nothing."""
        nodes = tuple(nodes)
        for key, (value, start) in given.items():
            if key in {"observed", "latent"}:
                self._latent(nodes, key, value, start)
            elif key in {"role", "roles"}:
                self._roles(nodes, value, start)
            elif key == "pos":
                self._draft.positions.update(dict.fromkeys(nodes, self._position(value, start)))

    def arrow(self, given: Mapping[str, tuple[str, int]]) -> str:
        """Arrow of an edge with these attributes."""
        value, start = given.get("dir", ("forward", 0))
        head, head_start = given.get("arrowhead", ("normal", 0))
        if head == "none" and value == "forward":
            value, start = "none", head_start
        if value not in _ARROWS:
            raise refusal(self._text, start, value, "forward, back or both: an edge has a direction")
        return _ARROWS[value]

    def _latent(self, nodes: Iterable[str], key: str, value: str, start: int) -> None:
        word = value.lower()
        if word not in _YES | _NO:
            raise refusal(self._text, start, value, f"yes or no for {key}")
        if (word in _YES) == (key == "latent"):
            self._draft.give(nodes, "latent")
        else:
            for node in nodes:
                self._draft.latent.pop(node, None)

    def _roles(self, nodes: Iterable[str], value: str, start: int) -> None:
        for word in split_roles(value):
            role, reason = role_named(word)
            if reason:
                raise refusal(self._text, start, word, f"roles: {reason}")
            self._draft.give(nodes, role)

    def _position(self, value: str, start: int) -> tuple[float, float]:
        match = _POSITION.fullmatch(value)
        try:
            x, y = (float(match[1]), float(match[2])) if match else (math.nan, math.nan)
        except ValueError:
            x = y = math.nan
        if not (math.isfinite(x) and math.isfinite(y)):
            raise refusal(self._text, start, value, 'a position such as "1,2"')
        return x, y


def split_roles(text: str) -> list[str]:
    """Roles in a text, with blanks or commas between them.

    >>> split_roles("treatment, block")
    ['treatment', 'block']
    """
    return text.replace(",", " ").split()
