"""Reader of dagitty text, in one pass without recursion."""

import math
import re
from collections.abc import Sequence

from causalrec.graph.formats.document import GraphDocument
from causalrec.graph.formats.draft import Draft, role_named
from causalrec.graph.formats.scanner import BLANK, Scanner, checked_text, refusal

__all__ = ["BARE_NAME", "ESCAPES", "parse_dagitty"]

BARE_NAME = re.compile(r"\w[\w.]*")
"""Names that need no quotes."""
_TOKEN = re.compile(
    BLANK
    + r"""(?:(?P<arrow><->|->|<-)
      | (?P<number>[+-]?+(?:\d++(?:\.\d*+)?+|\.\d++)(?:[eE][+-]?\d++)?+(?![\w.]))
      | (?P<name>\w[\w.]*+)
      | (?P<quoted>"(?:[^"\\\n]++|\\[\\"nrt])*+")
      | (?P<mark>[{}\[\];,=])
      | (?P<end>\Z)
      | (?P<wrong>.))""",
    re.VERBOSE | re.DOTALL,
)
_BETWEEN = BLANK.replace("(?:", "(?:[;,]|", 1)
# `a` or `a -> b` between statements: most lines of a large graph. What follows shows that the statement ends there.
_PLAIN_NAME = r'(?:"([^"\\\n]++)"|(\w[\w.]*+))'
_PLAIN = re.compile(
    rf"{_BETWEEN}{_PLAIN_NAME}(?:{BLANK}->{BLANK}{_PLAIN_NAME})?+(?={_BETWEEN}[\w\"{{}}])",
)
ESCAPES = {"\\": "\\", '"': '"', "n": "\n", "r": "\r", "t": "\t"}
_KINDS = {
    "mag": "a MAG: its edges stand for paths through nodes that are not drawn",
    "pag": "a PAG: it stands for several graphs",
    "pdag": "a PDAG: it stands for several graphs",
    "cpdag": "a CPDAG: it stands for several graphs",
    "graph": "undirected edges, which do not say what causes what",
    "digraph": "DOT; read_dot reads it",
}
_DAG_ONLY = "'dag {' (only directed acyclic graphs are causal graphs)"


def parse_dagitty(text: str) -> GraphDocument:
    """Graph and positions of a dagitty text."""
    return _Reader(checked_text(text, "dagitty text")).document()


class _Reader:
    """State of one reading."""

    def __init__(self, text: str):
        self._scan = Scanner(text, _TOKEN, _wrong)
        self._draft = Draft(len(text))
        self._bounds: tuple[float, float, float, float] | None = None

    def document(self) -> GraphDocument:
        self._opening()
        while not self._scan.at("}"):
            self._statement()
        self._scan.take()
        if self._scan.kind != "end":
            raise self._scan.refuse("nothing after the '}' that closes the graph")
        return self._draft.document(self._bounds)

    def _opening(self) -> None:
        scan = self._scan
        if scan.kind != "name" or scan.value != "dag":
            reason = _KINDS.get(scan.value.lower()) if scan.kind == "name" else None
            raise scan.refuse(_DAG_ONLY + (f", and this is {reason}" if reason else ""))
        scan.take()
        if self._is_name():
            scan.take()
        scan.expect("{", "'{' that opens the graph")
        self._plain_statements(scan.start)

    def _plain_statements(self, position: int) -> None:
        text, nodes, edges, match = self._scan.text, self._draft.nodes, self._draft.edges, _PLAIN.match
        while found := match(text, position):
            quoted_cause, cause, quoted_effect, effect = found.groups()
            cause, effect = cause or quoted_cause, effect or quoted_effect
            nodes[cause] = None
            if effect:
                nodes[effect] = None
                edges.append((cause, effect))
            position = found.end()
        if position > self._scan.start:
            self._scan.move(position)

    def _statement(self) -> None:
        scan = self._scan
        if scan.skip(";") or scan.skip(","):
            return
        is_name, first = self._is_name(), scan.value
        left, is_edge = self._ends("a name, '{' or the '}' that closes the graph"), False
        if is_name and scan.skip("="):
            self._setting(first)
            return
        self._draft.add(left)
        while scan.kind == "arrow":
            start, arrow = scan.start, scan.take()
            right = self._ends(f"a name or '{{' after {arrow}")
            self._draft.add(right)
            if reason := self._draft.connect(left, arrow, right):
                raise refusal(scan.text, start, arrow, reason)
            left, is_edge = right, True
        if scan.skip("["):
            self._attributes(() if is_edge else left)
        self._plain_statements(scan.start)

    def _ends(self, expected: str) -> list[str]:
        scan = self._scan
        if not scan.at("{"):
            return [self._name(expected)]
        scan.take()
        names: dict[str, None] = {}
        while not scan.skip("}"):
            if not (scan.skip(",") or scan.skip(";")):
                names[self._name("a name or the '}' that closes the group")] = None
        return list(names)

    def _attributes(self, nodes: Sequence[str]) -> None:
        scan = self._scan
        while not scan.skip("]"):
            if scan.skip(",") or scan.skip(";"):
                continue
            start, key = scan.start, self._name("a role, a key or the ']' that closes the attributes")
            if scan.skip("="):
                place = scan.start, scan.value
                value = self._value()
                if key == "pos" and nodes:
                    x, y = self._numbers(value, 2, *place)
                    self._draft.positions.update(dict.fromkeys(nodes, (x, y)))
                continue
            if not nodes:
                expected = "key=value: roles stand in a node's own statement, not behind an edge"
                raise refusal(scan.text, start, key, expected)
            role, reason = role_named(key)
            if reason:
                raise refusal(scan.text, start, key, f"a role or key=value: {reason}")
            self._draft.give(nodes, role)

    def _setting(self, key: str) -> None:
        place = self._scan.start, self._scan.value
        value = self._value()
        if key == "bb":
            left, top, right, bottom = self._numbers(value, 4, *place)
            self._bounds = left, top, right, bottom

    def _value(self) -> str:
        if self._scan.kind not in {"name", "number", "quoted"}:
            raise self._scan.refuse("a value: a number, a word or a text in quotes")
        kind, value = self._scan.kind, self._scan.take()
        return _unquoted(value) if kind == "quoted" else value

    def _numbers(self, value: str, count: int, start: int, written: str) -> list[float]:
        try:
            numbers = [float(part) for part in value.split(",", count)]
        except ValueError:
            numbers = []
        if len(numbers) != count or not all(map(math.isfinite, numbers)):
            raise refusal(self._scan.text, start, written, f"{count} numbers with commas between them, in quotes")
        return numbers

    def _is_name(self) -> bool:
        # Numbers such as 1 name nodes too; a text that is empty does not.
        kind, value = self._scan.kind, self._scan.value
        if kind == "quoted":
            return len(value) > 2
        return kind == "name" or (kind == "number" and BARE_NAME.fullmatch(value) is not None)

    def _name(self, expected: str) -> str:
        if not self._is_name():
            raise self._scan.refuse(expected)
        kind, value = self._scan.kind, self._scan.take()
        return _unquoted(value) if kind == "quoted" else value


def _unquoted(text: str) -> str:
    text = text[1:-1]
    return re.sub(r"\\(.)", lambda match: ESCAPES[match[1]], text) if "\\" in text else text


def _wrong(text: str, position: int) -> tuple[str, str]:
    if text[position] == '"':
        rest = text[position : position + 40].split("\n")[0]
        return rest, 'a name closed by another " on its line, with \\" for quotes in it'
    if text.startswith(("--", "@"), position):
        return text[position : position + 3].strip(), "one of the arrows -> <- <->"
    return text[position], "a name, an arrow, or one of { } [ ] ; , ="
