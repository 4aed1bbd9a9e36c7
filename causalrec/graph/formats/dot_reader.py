"""Reader of DOT: braces are a stack, so that nesting costs no recursion."""

import html
import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from causalrec.graph.formats.attributes import Attributes
from causalrec.graph.formats.document import GraphDocument
from causalrec.graph.formats.draft import Draft
from causalrec.graph.formats.scanner import Scanner, checked_text, refusal

__all__ = ["KEYWORDS", "parse_dot"]

DEEPEST = 50
"""Subgraphs in each other that are read."""
_BLANK = r"(?:[ \t\r\n\f\v]++|(?m:^)\#[^\n]*+|//[^\n]*+|/\*(?:[^*]++|\*(?!/))*+\*/)*+"
_BARE = r"[A-Za-z_\x80-\U0010ffff][A-Za-z0-9_\x80-\U0010ffff]*+"
_TOKEN = re.compile(
    rf"""{_BLANK}(?:(?P<arrow>->)
      | (?P<number>-?+(?:\.\d++|\d++(?:\.\d*+)?+)(?![A-Za-z0-9_.\x80-\U0010ffff]))
      | (?P<name>{_BARE})
      | (?P<quoted>"(?:[^"\\]++|\\.)*+")
      | (?P<html><)
      | (?P<mark>[{{}}\[\];,=:+])
      | (?P<end>\Z)
      | (?P<wrong>.))""",
    re.VERBOSE | re.DOTALL | re.ASCII,
)
KEYWORDS = frozenset(("strict", "graph", "digraph", "node", "edge", "subgraph"))
_PLAIN_NAME = rf'(?:"([^"\\]++)"|((?!(?i:{"|".join(sorted(KEYWORDS))})(?![\w\x80-\U0010ffff])){_BARE}))'
# `a`, or `a -> b`, and no attributes: most lines of a large graph.
_PLAIN = re.compile(
    rf'(?:;|{_BLANK[3:-3]})*+{_PLAIN_NAME}(?:{_BLANK}->{_BLANK}{_PLAIN_NAME})?+(?={_BLANK}[;"A-Za-z_\x80-\U0010ffff}}])',
    re.ASCII,
)
_ENDS = "a node, '{' or 'subgraph'"


def parse_dot(text: str) -> GraphDocument:
    """Graph and positions of a DOT text."""
    return _Reader(checked_text(text, "DOT text")).document()


@dataclass(slots=True)
class _Frame:
    """A pair of braces: the nodes in it, its defaults, and the ends of the statement that is read."""

    node: dict[str, tuple[str, int]] = field(default_factory=dict)
    edge: dict[str, tuple[str, int]] = field(default_factory=dict)
    names: dict[str, None] = field(default_factory=dict)
    chain: list[list[str]] = field(default_factory=list)
    arrows: list[int] = field(default_factory=list)


class _Reader:
    """State of one reading; braces are a stack, so that nesting costs no recursion."""

    def __init__(self, text: str):
        self._scan = Scanner(text, _TOKEN, _wrong)
        self._draft = Draft(len(text))
        self._attributes = Attributes(self._draft, text)
        self._frames: list[_Frame] = []

    def document(self) -> GraphDocument:
        self._opening()
        while self._frames:
            self._step(self._frames[-1])
        if self._scan.kind != "end":
            raise self._scan.refuse("nothing after the '}' that closes the graph")
        return self._draft.document()

    def _opening(self) -> None:
        self._keyword("strict")
        if not self._keyword("digraph"):
            undirected = self._is_keyword("graph")
            why = ", and the edges of 'graph' do not say what causes what" if undirected else ""
            raise self._scan.refuse(f"'digraph {{'{why}")
        if not self._scan.at("{"):
            self._id("'{' that opens the graph")
        self._scan.expect("{", "'{' that opens the graph")
        self._frames.append(_Frame())
        self._plain_statements()

    def _plain_statements(self) -> None:
        frame = self._frames[-1]
        if len(self._frames) > 1 or frame.node or frame.edge:
            return
        draft, text, position = self._draft, self._scan.text, self._scan.start
        nodes, edges = draft.nodes, draft.edges
        while found := _PLAIN.match(text, position):
            quoted_cause, cause, quoted_effect, effect = found.groups()
            cause, effect = cause or quoted_cause, effect or quoted_effect
            nodes[cause] = None
            if effect:
                nodes[effect] = None
                edges.append((cause, effect))
            position = found.end()
        if position > self._scan.start:
            self._scan.move(position)

    def _step(self, frame: _Frame) -> None:
        scan = self._scan
        if frame.chain:
            self._go_on(frame)
        elif scan.skip("}"):
            self._close()
        elif scan.skip(";"):
            pass
        elif self._is_keyword("graph") or self._is_keyword("node") or self._is_keyword("edge"):
            self._defaults(frame)
        else:
            self._end("a statement, or the '}' that closes the graph", is_first=True)

    def _go_on(self, frame: _Frame) -> None:
        if self._scan.kind == "arrow":
            frame.arrows.append(self._scan.start)
            self._scan.take()
            self._end(f"{_ENDS} after ->")
            return
        given = self._attribute_lists()
        if frame.arrows:
            self._connect(frame, {**frame.edge, **given})
        elif given:
            self._attributes.give(frame.chain[0], given)
        frame.chain, frame.arrows = [], []
        self._plain_statements()

    def _close(self) -> None:
        closed = self._frames.pop()
        if self._frames:
            self._frames[-1].names.update(closed.names)
            self._frames[-1].chain.append(list(closed.names))

    def _defaults(self, frame: _Frame) -> None:
        kind = self._scan.take().lower()
        if not self._scan.at("["):
            raise self._scan.refuse(f"'[' after {kind}")
        given = self._attribute_lists()
        if kind == "node":
            frame.node.update(given)
        elif kind == "edge":
            frame.edge.update(given)

    def _end(self, expected: str, *, is_first: bool = False) -> None:
        scan, frame = self._scan, self._frames[-1]
        if scan.at("{") or self._is_keyword("subgraph"):
            self._open()
            return
        name = self._id(expected)
        if is_first and scan.skip("="):
            self._id("a value")
            return
        while scan.skip(":"):
            self._id("a port")
        if name not in self._draft.nodes:
            self._draft.nodes[name] = None
            self._attributes.give((name,), frame.node)
        frame.names[name] = None
        frame.chain.append([name])

    def _open(self) -> None:
        if self._keyword("subgraph") and not self._scan.at("{"):
            self._id("'{' that opens the subgraph")
        if len(self._frames) > DEEPEST:
            raise self._scan.refuse(f"at most {DEEPEST} subgraphs in each other")
        self._scan.expect("{", "'{' that opens the subgraph")
        outer = self._frames[-1]
        self._frames.append(_Frame(dict(outer.node), dict(outer.edge)))

    def _connect(self, frame: _Frame, given: dict[str, tuple[str, int]]) -> None:
        arrow = self._attributes.arrow(given)
        for left, right, start in zip(frame.chain, frame.chain[1:], frame.arrows, strict=False):
            if reason := self._draft.connect(left, arrow, right):
                raise refusal(self._scan.text, start, "->", reason)

    def _attribute_lists(self) -> dict[str, tuple[str, int]]:
        scan, given = self._scan, {}
        while scan.skip("["):
            while not scan.skip("]"):
                if scan.skip(",") or scan.skip(";"):
                    continue
                start, key = scan.start, self._id("a key or the ']' that closes the attributes", is_name=False)
                if scan.skip("="):
                    start = scan.start
                    given[key] = (self._id("a value", is_name=False), start)
                else:
                    given[key] = ("true", start)
        return given

    def _is_keyword(self, word: str) -> bool:
        return self._scan.kind == "name" and self._scan.value.lower() == word

    def _keyword(self, word: str) -> bool:
        if self._is_keyword(word):
            self._scan.take()
            return True
        return False

    def _id(self, expected: str, *, is_name: bool = True) -> str:
        scan, start = self._scan, self._scan.start
        if scan.kind == "html":
            return self._markup(is_name)
        if scan.kind not in {"name", "number", "quoted"} or (is_name and self._is_reserved()):
            raise scan.refuse(expected)
        parts = [_unquoted(scan.value) if scan.kind == "quoted" else scan.value]
        may_go_on = scan.kind == "quoted"
        scan.take()
        while may_go_on and scan.skip("+"):
            if scan.kind != "quoted":
                raise scan.refuse("a text in quotes after +")
            parts.append(_unquoted(scan.take()))
        name = "".join(parts)
        if is_name and not name:
            raise refusal(scan.text, start, '""', expected)
        return name

    def _is_reserved(self) -> bool:
        return self._scan.kind == "name" and self._scan.value.lower() in KEYWORDS

    def _markup(self, is_name: bool) -> str:
        text, start, depth = self._scan.text, self._scan.start, 0
        for match in re.compile("[<>]").finditer(text, start):
            depth += 1 if match[0] == "<" else -1
            if not depth:
                inside = text[start + 1 : match.start()]
                if is_name and (not inside or "<" in inside):
                    raise refusal(text, start, text[start : match.end()], "a name: one with markup is none")
                self._scan.move(match.end())
                return html.unescape(inside)
        raise refusal(text, start, text[start : start + 10], "a name closed by another >")


def _unquoted(text: str) -> str:
    if "\\" not in text:
        return text[1:-1]
    # DOT escapes quotes and ends of lines only: two backslashes stay two.
    kept: Sequence[str] = ("\\\\", '"', "")
    pairs = dict(zip(("\\\\", '\\"', "\\\n"), kept, strict=True))
    return re.sub(r"\\.", lambda match: pairs.get(match[0], match[0]), text[1:-1], flags=re.DOTALL)


def _wrong(text: str, position: int) -> tuple[str, str]:
    if text.startswith("--", position):
        return "--", "->: edges without a direction do not say what causes what"
    if text[position] == '"':
        return text[position : position + 40].split("\n")[0], 'a text closed by another "'
    if text.startswith("/*", position):
        return "/*", "a comment closed by */"
    return text[position], "a name, -> or one of { } [ ] ; , = :"
