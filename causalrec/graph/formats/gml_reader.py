"""Reader of GML. Edges wait until all nodes are read: GML states them in any order."""

import math
import re
from html.entities import name2codepoint

from causalrec.graph.formats.attributes import Attributes
from causalrec.graph.formats.document import GraphDocument
from causalrec.graph.formats.draft import Draft
from causalrec.graph.formats.scanner import Scanner, checked_text, refusal

__all__ = ["parse_gml"]

_BLANK = r"(?:\s++|\#[^\n]*+)*+"
# A key may follow at once: DoWhy writes "directed 1node[".
_NUMBER = r"[+-]?+(?:\d++(?:\.\d*+)?+|\.\d++)(?:[eE][+-]?\d++)?+(?!\.)"
_TOKEN = re.compile(
    rf"""{_BLANK}(?:(?P<number>{_NUMBER})
      | (?P<key>[A-Za-z_][A-Za-z0-9_]*+)
      | (?P<quoted>"[^"]*+")
      | (?P<mark>[\[\]])
      | (?P<end>\Z)
      | (?P<wrong>.))""",
    re.VERBOSE | re.DOTALL,
)
# Nodes and edges with nothing but what every graph has: most of a large one.
_PLAIN_EDGE = re.compile(
    rf"{_BLANK}edge{_BLANK}\[{_BLANK}source\s++(-?+\d++)\s++target\s++(-?+\d++){_BLANK}\]", re.ASCII
)
_PLAIN_NODE = re.compile(rf'{_BLANK}node{_BLANK}\[{_BLANK}id\s++(-?+\d++)\s++label\s++"([^"&]++)"{_BLANK}\]', re.ASCII)
_ENTITY = re.compile(r"&(?:([A-Za-z][A-Za-z0-9]{1,30})|#([0-9]{1,7})|#[xX]([0-9A-Fa-f]{1,6}));")
_USED = frozenset(("id", "label", "source", "target", "directed", "observed", "latent", "role", "roles", "type"))
Record = dict[str, tuple[str, int]]


def parse_gml(text: str) -> GraphDocument:
    """Graph and positions of a GML text."""
    return _Reader(checked_text(text, "GML text")).document()


class _Reader:
    """State of one reading. Edges wait until all nodes are read: GML states them in any order."""

    def __init__(self, text: str):
        self._scan = Scanner(text, _TOKEN, _wrong)
        self._draft = Draft()
        self._attributes = Attributes(self._draft, text)
        self._names: dict[str, str] = {}
        self._edges: list[tuple[str, str]] = []
        self._told_edges: list[Record] = []
        self._directed = False

    def document(self) -> GraphDocument:
        scan, start = self._scan, self._scan.start
        while not (scan.kind == "key" and scan.value == "graph"):
            if scan.kind != "key":
                raise scan.refuse("'graph ['")
            scan.take()
            self._skipped()
        scan.take()
        scan.expect("[", "'[' that opens the graph")
        self._graph()
        while scan.kind != "end":
            self._key("nothing after the ']' that closes the graph")
            self._skipped()
        if not self._directed:
            raise refusal(scan.text, start, "a graph without direction", "'directed 1': edges say what causes what")
        self._draft.edges += self._resolved()
        return self._draft.document()

    def _graph(self) -> None:
        scan = self._scan
        while not scan.skip("]"):
            start, key = scan.start, self._key("node, edge or the ']' that closes the graph")
            if key == "node":
                self._node(self._record(), start)
                self._plain(_PLAIN_NODE)
            elif key == "edge":
                self._told_edges.append({**self._record(), "": ("", start)})
                self._plain(_PLAIN_EDGE)
            elif key == "directed":
                self._directed = self._scalar("0 or 1") == "1"
            else:
                self._skipped()

    def _plain(self, pattern: re.Pattern[str]) -> None:
        text, position, match = self._scan.text, self._scan.start, pattern.match
        while found := match(text, position):
            one, other = found.groups()
            if pattern is _PLAIN_EDGE:
                self._edges.append((one, other))
            elif one in self._names or other in self._draft.nodes:
                break
            else:
                self._names[one] = other
                self._draft.nodes[other] = None
            position = found.end()
        if position > self._scan.start:
            self._scan.move(position)

    def _record(self) -> Record:
        scan, record, depth = self._scan, Record(), 0
        scan.expect("[", "'[' after node or edge")
        inner = ""
        while True:
            if scan.skip("]"):
                depth -= 1
                if depth < 0:
                    return record
                continue
            key = self._key("a key or the ']' that closes it")
            if scan.skip("["):
                depth += 1
                inner = key if depth == 1 else inner
                continue
            start, value = scan.start, self._scalar("a value or '['")
            if not depth and key in _USED:
                # A list of roles is the key once for each of them, as networkx writes it.
                value = f"{record[key][0]} {value}" if key == "roles" and key in record else value
                record[key] = (value, start)
            elif depth == 1 and inner == "graphics" and key in {"x", "y"}:
                record[key] = (value, start)

    def _node(self, record: Record, start: int) -> None:
        if "id" not in record:
            raise refusal(self._scan.text, start, "a node without it", "an id")
        number, place = record["id"]
        name, name_place = record.get("label", record["id"])
        if number in self._names:
            raise refusal(self._scan.text, place, number, "an id that no node before has")
        if not name or name in self._draft.nodes:
            raise refusal(self._scan.text, name_place, name, "a label that is not empty and that no node before has")
        self._names[number] = name
        self._draft.nodes[name] = None
        roles = " ".join(word for word in record.get("roles", ("", 0))[0].split() if word != "_networkx_list_start")
        told = {**record, "roles": (roles, record["roles"][1])} if "roles" in record else record
        self._attributes.give((name,), told)
        if "x" in record and "y" in record:
            self._draft.positions[name] = self._number(*record["x"]), self._number(*record["y"])

    def _resolved(self) -> list[tuple[str, str]]:
        names, edges = self._names, list[tuple[str, str]]()
        for record in self._told_edges:
            one, other = self._end(record, "source"), self._end(record, "target")
            (self._draft.bidirected if self._is_bidirected(record) else edges).append((one, other))
        try:
            return edges + [(names[one], names[other]) for one, other in self._edges]
        except KeyError as missing:
            word = str(missing.args[0])
            found = re.compile(rf"(?:source|target)\s++({re.escape(word)})(?![\w.])").search(self._scan.text)
            raise refusal(self._scan.text, found.start(1) if found else 0, word, "the id of a node") from None

    def _end(self, record: Record, key: str) -> str:
        if key not in record:
            raise refusal(self._scan.text, record[""][1], "an edge without it", key)
        value, start = record[key]
        if value not in self._names:
            raise refusal(self._scan.text, start, value, "the id of a node")
        return self._names[value]

    def _is_bidirected(self, record: Record) -> bool:
        kind, start = record.get("type", ("directed", 0))
        if kind not in {"directed", "bidirected"}:
            raise refusal(self._scan.text, start, kind, "directed or bidirected")
        return kind == "bidirected"

    def _number(self, value: str, start: int) -> float:
        try:
            number = float(value)
        except ValueError:
            number = math.nan
        if not math.isfinite(number):
            raise refusal(self._scan.text, start, value, "a number")
        return number

    def _key(self, expected: str) -> str:
        if self._scan.kind != "key":
            raise self._scan.refuse(expected)
        return self._scan.take()

    def _scalar(self, expected: str) -> str:
        kind = self._scan.kind
        if kind not in {"number", "quoted"}:
            raise self._scan.refuse(expected)
        value = self._scan.take()
        return _unescaped(value[1:-1]) if kind == "quoted" else value

    def _skipped(self) -> None:
        scan, depth = self._scan, 0
        if not scan.at("["):
            self._scalar("a value or '['")
            return
        while True:
            if scan.skip("["):
                depth += 1
            elif scan.skip("]"):
                depth -= 1
            else:
                self._key("a key or ']'")
                if not scan.at("["):
                    self._scalar("a value or '['")
            if not depth:
                return


def _unescaped(text: str) -> str:
    return _ENTITY.sub(_character, text) if "&" in text else text


def _character(match: re.Match[str]) -> str:
    word, decimal, hexadecimal = match.groups()
    code = name2codepoint.get(word, -1) if word else int(decimal) if decimal else int(hexadecimal, 16)
    return chr(code) if 0 <= code <= 0x10FFFF else match[0]


def _wrong(text: str, position: int) -> tuple[str, str]:
    if text[position] == '"':
        return text[position : position + 40].split("\n")[0], 'a text closed by another "'
    return text[position], "a key, a number, a text in quotes, [ or ]"
