"""Reader of Mermaid flowcharts. Edges join ids; the labels that name the nodes may come later."""

import re

from causalrec.graph.formats.document import GraphDocument
from causalrec.graph.formats.draft import Draft
from causalrec.graph.formats.mermaid_labels import shape_of
from causalrec.graph.formats.scanner import Scanner, checked_text, refusal
from causalrec.graph.validation import ROLES

__all__ = ["RESERVED", "parse_mermaid"]

_BLANK = r"(?:[^\S\n]++|%%[^\n]*+)*+"
_ID = r"\w++(?:[-.](?=\w)\w++)*+"
_TOKEN = re.compile(
    rf"""{_BLANK}(?:(?P<link><?+(?:
          -{{2,}}+(?:>|(?![->])[ \t]*+(?:(?!--)[^\n|;>])++-{{2,}}+>)
        | ={{2,}}+(?:>|(?![=>])[ \t]*+(?:(?!==)[^\n|;>])++={{2,}}+>)
        | -\.++->|-\.++(?![.\->])[ \t]*+(?:(?!\.-)[^\n|;>])++\.++->))
      | (?P<id>{_ID})
      | (?P<class>:::{_ID})
      | (?P<shape>[\[({{>][\[({{/\\]?+\(?+[ \t]*+(?:"[^"]*+"|[^"\[\](){{}}|\n]++)[ \t]*+[\])}}/\\]++)
      | (?P<words>\|(?:"[^"]*+"|[^"|\n])*+\|)
      | (?P<mark>[&,\n;])
      | (?P<end>\Z)
      | (?P<wrong>.))""",
    re.VERBOSE | re.DOTALL,
)
_HEADER = re.compile(
    r"(?:\s++|%%[^\n]*+)*+(?:---[^\S\n]*+\n(?:(?!---)[^\n]*+\n)*+---[^\S\n]*+\n(?:\s++|%%[^\n]*+)*+)?+"
    r"((?:flowchart(?:-elk)?+|graph)(?![\w-]))(?:[^\S\n]++(TB|TD|BT|RL|LR)(?!\w))?+(?=[^\S\n]*+(?:[\n;]|%%|\Z))"
)
# Statements that are about looks alone, to the end of their line.
_LOOKS = re.compile(r"(?:classDef|style|linkStyle|click|direction)[ \t]++(?=\w)(?![^\n]*->)[^\n]*+")
_SUBGRAPH = re.compile(rf"subgraph(?!\w)[^\S\n]*+({_ID})?+[^\n]*+")
_CLASS = re.compile(rf"class[^\S\n]++({_ID}(?:[^\S\n]*+,[^\S\n]*+{_ID})*+)[^\S\n]++({_ID})")
# `a --> b` on its own line, the ids without labels: most of a large graph.
_PLAIN = re.compile(r"[\s;]*+(\w++)[ \t]*+-->[ \t]*+(\w++)(?=[ \t]*+[\n;])")
RESERVED = frozenset(
    (
        *("end", "graph", "subgraph", "flowchart", "class", "classDef", "style", "linkStyle", "click"),
        *("direction", "default", "call", "href"),
    )
)
_ROLE_OF = {role: role for role in (*ROLES, "latent")} | {"exposure": "treatment"}


def parse_mermaid(text: str) -> GraphDocument:
    """Graph of a Mermaid flowchart."""
    return _Reader(checked_text(text, "Mermaid text")).document()


class _Reader:
    """State of one reading. Edges join ids; the labels that name the nodes may come later."""

    def __init__(self, text: str):
        header = _HEADER.match(text)
        if not header:
            start = len(text) - len(text.lstrip())
            found = text[start : start + 20].split("\n")[0] or "the end of the text"
            raise refusal(text, start, found, "'flowchart LR' or another direction, then lines such as 'a --> b'")
        self._scan = Scanner(text, _TOKEN, _wrong, header.end())
        self._draft = Draft(len(text))
        self._first: dict[str, int] = {}
        self._labels: dict[str, str] = {}
        self._classes: list[tuple[str, str, int]] = []
        self._subgraphs: dict[str, None] = {}
        self._open = 0

    def document(self) -> GraphDocument:
        while self._scan.kind != "end":
            self._statement()
        if self._open:
            raise self._scan.refuse("'end' that closes the subgraph")
        names = self._names()
        named = Draft()
        named.add(names.values())
        named.edges = [(names[cause], names[effect]) for cause, effect in self._draft.edges]
        named.bidirected = [(names[one], names[other]) for one, other in self._draft.bidirected]
        for node, role, start in self._classes:
            if node in names:
                named.give((names[node],), role)
            elif node not in self._subgraphs:
                raise refusal(self._scan.text, start, node, "a node that the flowchart has")
        return named.document()

    def _names(self) -> dict[str, str]:
        seen: dict[str, str] = {}
        for node, start in self._first.items():
            if node in self._subgraphs:
                raise refusal(self._scan.text, start, node, "a node: a subgraph has no causes and effects")
            name = self._labels.get(node, node)
            if seen.setdefault(name, node) != node:
                raise refusal(self._scan.text, start, node, f"a label of its own: {seen[name]!r} has the same")
        return {node: name for name, node in seen.items()}

    def _statement(self) -> None:
        scan, text = self._scan, self._scan.text
        if scan.skip("\n") or scan.skip(";"):
            self._plain_statements()
            return
        word = scan.value if scan.kind == "id" else ""
        if word == "end" and self._open:
            scan.take()
            self._open -= 1
        elif word == "subgraph" and (found := _SUBGRAPH.match(text, scan.start)):
            self._open += 1
            if found[1]:
                self._subgraphs[found[1]] = None
            scan.move(found.end())
        elif word == "class" and (found := _CLASS.match(text, scan.start)):
            self._classed([node.strip() for node in found[1].split(",")], found[2], found.start(1))
            scan.move(found.end())
        elif found := _LOOKS.match(text, scan.start) if word in RESERVED else None:
            scan.move(found.end())
        else:
            self._chain()
        if not (scan.kind == "end" or scan.at("\n") or scan.at(";")):
            raise scan.refuse("an arrow, & or the end of the line")

    def _plain_statements(self) -> None:
        text, position, first = self._scan.text, self._scan.start, self._first
        while found := _PLAIN.match(text, position):
            cause, effect = found.groups()
            if cause in RESERVED or effect in RESERVED:
                break
            if cause not in first:
                first[cause] = found.start(1)
            if effect not in first:
                first[effect] = found.start(2)
            self._draft.edges.append((cause, effect))
            position = found.end()
        if position > self._scan.start:
            self._scan.move(position)

    def _chain(self) -> None:
        scan, left = self._scan, self._group("a node")
        while scan.kind == "link":
            start, link = scan.start, scan.take()
            if scan.kind == "words":
                scan.take()
            right = self._group(f"a node after {link[:20]}")
            if reason := self._draft.connect(left, "<->" if link[0] == "<" else "->", right):
                raise refusal(scan.text, start, link, reason)
            left = right

    def _group(self, expected: str) -> list[str]:
        names = {self._node(expected): None}
        while self._scan.skip("&"):
            names[self._node("a node after &")] = None
        return list(names)

    def _node(self, expected: str) -> str:
        scan, start = self._scan, self._scan.start
        if scan.kind != "id" or scan.value in RESERVED:
            raise scan.refuse(expected)
        node = scan.take()
        self._first.setdefault(node, start)
        if scan.kind == "shape":
            label = shape_of(scan.value)
            if not label:
                raise scan.refuse('a label in brackets that close it, such as ["price"]')
            scan.take()
            self._labels[node] = label
        while scan.kind == "class":
            self._classed([node], scan.value[3:], scan.start)
            scan.take()
        return node

    def _classed(self, nodes: list[str], name: str, start: int) -> None:
        if name in _ROLE_OF:
            self._classes += [(node, _ROLE_OF[name], start) for node in nodes]


def _wrong(text: str, position: int) -> tuple[str, str]:
    piece = text[position : position + 40].split("\n")[0].split(" ")[0]
    if piece.startswith(("--", "-.", "==", "~~", "<")):
        return piece, "one of the arrows --> -.-> ==> or, at both ends, <-->"
    return text[position], "a node, an arrow or a label"
