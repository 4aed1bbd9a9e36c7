"""Reader and writer of causal graphs as JSON; ``graph.schema.json`` beside this file is its schema.

The text is read by the standard library. Where it is a JSON text but no graph, a second look finds
the line and column of the value that does not belong.
"""

import json
import math
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from causalrec.graph.causal_graph import CausalGraph
from causalrec.graph.formats.document import GraphDocument, as_document
from causalrec.graph.formats.draft import Draft
from causalrec.graph.formats.json_places import place_of, place_too_deep
from causalrec.graph.formats.scanner import checked_text, excerpt, refusal
from causalrec.graph.validation import ROLES

__all__ = ["VERSION", "parse_json", "read_json", "schema", "write_json"]

NAME, VERSION = "causalrec-graph", 1

_KEYS = ("format", "version", "nodes", "edges", "bidirected")
_NODE_KEYS = ("name", "latent", "roles", "position")
_EXPECTED = {
    dict: "an object",
    list: "a list",
    str: "a text that is not empty",
    bool: "true or false",
}

Keys = tuple[str | int, ...]


class _Misplaced(Exception):
    """A value that does not belong, by the keys that lead to it."""

    def __init__(self, path: Keys, found: str, expected: str, *, key: bool = False):
        self.path, self.found, self.expected, self.key = path, found, expected, key


def read_json(text: str) -> CausalGraph:
    """Graph that a JSON text describes.

    Raises
    ------
    GraphSyntaxError : the text is no JSON, or not of the schema; says line and column.
    CycleError, GraphError : the text is a graph that is not causal.

    Examples
    --------
    >>> read_json('{"format": "causalrec-graph", "version": 1, "nodes": [{"name": "display"}]}').nodes
    ('display',)
    """
    return parse_json(text).graph


def schema() -> dict[str, Any]:
    """JSON Schema (draft 2020-12) of the text.

    >>> schema()["properties"]["version"]
    {'const': 1}
    """
    return json.loads(Path(__file__).with_name("graph.schema.json").read_text(encoding="utf-8"))


def parse_json(text: str) -> GraphDocument:
    """Graph and positions of a JSON text."""
    text = checked_text(text, "a JSON text")
    try:
        draft = _draft(_loaded(text))
    except _Misplaced as wrong:
        raise refusal(text, place_of(text, wrong.path, key=wrong.key), wrong.found, wrong.expected) from None
    return draft.document()


def _loaded(text: str) -> Any:
    try:
        # Numbers are taken as they are written: a million digits would be slow to turn into an integer.
        return json.loads(
            text, object_pairs_hook=_object, parse_int=_Number, parse_float=_Number, parse_constant=_Number
        )
    except json.JSONDecodeError as error:
        found = text[error.pos : error.pos + 20].split("\n")[0] or "the end of the text"
        found = found if error.pos < len(text) else "the end of the text"
        raise refusal(text, error.pos, found, f"JSON ({error.msg})") from None
    except RecursionError:
        start = place_too_deep(text)
        raise refusal(text, start, text[start : start + 10], "a value: no graph is nested so deep") from None


class _Number(str):
    """A number as it is written."""

    __slots__ = ()


class _Object(dict):
    """An object, with a key that it states twice."""

    twice: str | None = None


def _object(pairs: list[tuple[str, Any]]) -> _Object:
    made = _Object(pairs)
    if len(made) < len(pairs):
        seen: set[str] = set()
        made.twice = next(key for key, _ in pairs if key in seen or seen.add(key))  # type: ignore[func-returns-value]
    return made


def _draft(value: Any) -> Draft:
    top = _checked(value, dict, ())
    _known_keys(top, _KEYS, ("format", "version", "nodes"), ())
    if top["format"] != NAME or isinstance(top["format"], _Number):
        raise _Misplaced(("format",), _shown(top["format"]), f'"{NAME}"')
    if not isinstance(top["version"], _Number) or top["version"] != str(VERSION):
        raise _Misplaced(("version",), _shown(top["version"]), f"version {VERSION}, the only one so far")
    draft = Draft()
    for number, node in enumerate(_checked(top["nodes"], list, ("nodes",))):
        _add_node(draft, node, ("nodes", number))
    draft.edges = _pairs(top.get("edges", []), draft.nodes, "edges")
    draft.bidirected = _pairs(top.get("bidirected", []), draft.nodes, "bidirected")
    return draft


def _add_node(draft: Draft, value: Any, path: Keys) -> None:
    node = _checked(value, dict, path)
    _known_keys(node, _NODE_KEYS, ("name",), path)
    name = _checked(node["name"], str, (*path, "name"))
    if name in draft.nodes:
        raise _Misplaced((*path, "name"), name, "a name that no node before has")
    draft.nodes[name] = None
    if _checked(node.get("latent", False), bool, (*path, "latent")):
        draft.latent[name] = None
    for number, role in enumerate(_checked(node.get("roles", []), list, (*path, "roles"))):
        if role not in ROLES or isinstance(role, _Number):
            raise _Misplaced((*path, "roles", number), _shown(role), f"one of {', '.join(ROLES)}")
        draft.give((name,), role)
    if "position" in node:
        draft.positions[name] = _position(node["position"], (*path, "position"))


def _position(value: Any, path: Keys) -> tuple[float, float]:
    numbers = _checked(value, list, path)
    if len(numbers) != 2 or not all(isinstance(number, _Number) for number in numbers):
        raise _Misplaced(path, _shown(value), "two numbers, x and y")
    x, y = map(float, numbers)
    if not (math.isfinite(x) and math.isfinite(y)):
        raise _Misplaced(path, _shown(value), "two finite numbers, x and y")
    return x, y


def _pairs(value: Any, nodes: Mapping[str, None], key: str) -> list[tuple[str, str]]:
    pairs = []
    for number, pair in enumerate(_checked(value, list, (key,))):
        if type(pair) is not list or len(pair) != 2:
            raise _Misplaced((key, number), _shown(pair), "a list of two names")
        for place, name in enumerate(pair):
            if type(name) is not str or name not in nodes:
                raise _Misplaced((key, number, place), _shown(name), 'the name of one of the "nodes"')
        pairs.append((pair[0], pair[1]))
    return pairs


def _checked(value: Any, kind: type, path: Keys) -> Any:
    right = isinstance(value, kind) and not isinstance(value, _Number) and value != ""
    if not right:
        raise _Misplaced(path, _shown(value), _EXPECTED[kind])
    return value


def _known_keys(value: _Object, keys: Iterable[str], needed: Iterable[str], path: Keys) -> None:
    if value.twice is not None:
        raise _Misplaced((*path, value.twice), value.twice, "each key once", key=True)
    for key in value:
        if key not in keys:
            raise _Misplaced((*path, key), key, f"one of the keys {', '.join(keys)}", key=True)
    for key in needed:
        if key not in value:
            raise _Misplaced(path, "an object without it", f'the key "{key}"')


def _shown(value: Any) -> str:
    if isinstance(value, str):
        return excerpt(value)
    if isinstance(value, dict | list):
        return "an object" if isinstance(value, dict) else "a list"
    return json.dumps(value)


def write_json(graph: CausalGraph | GraphDocument) -> str:
    """JSON text of `graph`, one node or edge a line; reading it gives an equal graph.

    >>> print(write_json(CausalGraph([("display", "purchased")], roles={"display": "treatment"})))
    {"format": "causalrec-graph", "version": 1,
     "nodes": [
      {"name": "display", "roles": ["treatment"]},
      {"name": "purchased"}],
     "edges": [
      ["display", "purchased"]]}
    """
    document = as_document(graph)
    lists = {
        "nodes": [_node(document, name) for name in document.graph.nodes],
        "edges": document.graph.edges,
        "bidirected": document.graph.bidirected,
    }
    parts = [f'{{"format": "{NAME}", "version": {VERSION}']
    parts += [f' "{key}": {_lines(values)}' for key, values in lists.items() if values or key == "nodes"]
    return ",\n".join(parts) + "}"


def _lines(values: Iterable[Any]) -> str:
    return "[" + ",".join(f"\n  {json.dumps(value, ensure_ascii=False)}" for value in values) + "]"


def _node(document: GraphDocument, name: str) -> dict[str, Any]:
    node: dict[str, Any] = {"name": name}
    if name in document.graph.latent:
        node["latent"] = True
    if roles := document.graph.roles.get(name):
        node["roles"] = sorted(roles)
    if name in document.positions:
        node["position"] = list(document.positions[name])
    return node
