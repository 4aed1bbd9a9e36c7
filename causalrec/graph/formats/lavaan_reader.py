"""Reader of lavaan's model syntax and of R formulas."""

import re

from causalrec.graph.formats.document import GraphDocument
from causalrec.graph.formats.draft import Draft
from causalrec.graph.formats.scanner import Scanner, checked_text, refusal

__all__ = ["BARE", "ESCAPES", "RESERVED", "TOKEN", "parse_lavaan", "taken_variable", "wrong_token"]

_BLANK = r"(?:[^\S\n]++|[\#!][^\n]*+)*+"
BARE = r"(?:[^\W\d_]|\.(?!\d))[\w.]*+"
TOKEN = re.compile(
    rf"""{_BLANK}(?:(?P<operator>=~|~~(?!~)|~(?![~*]))
      | (?P<constraint>:=|==|[<>](?!~)=?+)
      | (?P<number>-?+[ ]?+(?:\d++(?:\.\d*+)?+|\.\d++)(?:[eE][+-]?\d++)?+(?![\w.]))
      | (?P<name>{BARE})
      | (?P<ticked>`(?:[^`\\]++|\\[\\`nrt])*+`)
      | (?P<quoted>"[^"\n]*+"|'[^'\n]*+')
      | (?P<mark>[+*(),;])
      | (?P<line>\n)(?:\s++|[\#!][^\n]*+)*+
      | (?P<end>\Z)
      | (?P<wrong>.))""",
    re.VERBOSE | re.DOTALL,
)
RESERVED = frozenset(
    (
        *("NA", "NaN", "Inf", "NULL", "TRUE", "FALSE", "if", "else", "for", "while", "repeat"),
        *("function", "next", "break", "in", "."),
    )
)
ESCAPES = {"\\": "\\", "`": "`", "n": "\n", "r": "\r", "t": "\t"}
_LINE = "one of ~ ~~ =~ and what stands behind it"


def parse_lavaan(text: str) -> GraphDocument:
    """Graph of a lavaan model."""
    return _Reader(checked_text(text, "a model in lavaan's syntax")).document()


class _Reader:
    """State of one reading."""

    def __init__(self, text: str):
        self._scan = Scanner(text, TOKEN, wrong_token)
        self._draft = Draft(len(text))
        self._coefficients: dict[str, int] = {}

    def document(self) -> GraphDocument:
        scan = self._scan
        self._over_lines()
        while scan.kind != "end":
            self._statement()
            self._over_lines()
        for name, start in self._coefficients.items():
            if name in self._draft.nodes:
                expected = "a coefficient before *: this is a variable too, and an interaction is no node"
                raise refusal(scan.text, start, name, expected)
        return self._draft.document()

    def _over_lines(self) -> None:
        while self._over_line() or self._scan.skip(";"):
            pass

    def _statement(self) -> None:
        scan = self._scan
        left = [taken_variable(scan, "a variable")]
        if scan.kind == "constraint":
            self._skip_line()
            return
        while scan.skip("+"):
            self._over_line()
            left.append(taken_variable(scan, "a variable after +"))
        start, operator = scan.start, scan.value
        if scan.kind != "operator":
            raise scan.refuse(_LINE)
        scan.take()
        right = self._terms()
        self._draft.add((*left, *right))
        if reason := self._related(list(dict.fromkeys(left)), operator, right):
            raise refusal(scan.text, start, operator, reason)

    def _related(self, left: list[str], operator: str, right: dict[str, bool]) -> str:
        draft, free = self._draft, [name for name, is_free in right.items() if is_free]
        if operator == "=~":
            draft.give(left, "latent")
            return draft.connect(left, "->", free)
        if operator == "~":
            return draft.connect(left, "<-", free)
        # The variance of a variable is no edge.
        for name in left:
            if reason := draft.connect([name], "<->", [other for other in free if other != name]):
                return reason
        return ""

    def _terms(self) -> dict[str, bool]:
        """Variables of a sum; False where the coefficient is fixed at 0."""
        scan, terms = self._scan, dict[str, bool]()
        while True:
            self._over_line()
            is_free, name = self._term()
            if name:
                terms[name] = terms.get(name, False) or is_free
            had_line = self._over_line()
            if scan.kind == "number" and scan.value.startswith("-"):  # y ~ x - 1: no intercept
                scan.take()
                had_line = self._over_line()
            if scan.skip("+"):
                continue
            if not (had_line or scan.at(";") or scan.kind == "end"):
                raise scan.refuse("+ or the end of the line")
            return terms

    def _term(self) -> tuple[bool, str]:
        scan, is_free = self._scan, True
        while True:
            if scan.kind == "number":
                number = scan.take()
                if not scan.skip("*"):
                    return is_free, ""  # an intercept
                is_free = is_free and float(number.replace(" ", "")) != 0
            elif scan.kind == "quoted":
                scan.take()
                scan.expect("*", "* after a coefficient's name in quotes")
            else:
                start, name = scan.start, taken_variable(scan, "a variable, a number or a coefficient before *")
                if scan.at("("):
                    self._call(start, name)
                elif not scan.skip("*"):
                    return is_free, name
                elif name != "NA":
                    self._coefficients.setdefault(name, start)

    def _call(self, start: int, name: str) -> None:
        scan, depth = self._scan, 0
        while True:
            if scan.kind == "end" or scan.kind == "line":
                raise scan.refuse(f"')' that closes {name}(")
            depth += scan.at("(")
            depth -= scan.at(")")
            scan.take()
            if not depth:
                break
        if not scan.skip("*"):
            found = scan.text[start : scan.start]
            raise refusal(scan.text, start, found, "a variable: a function of one is no node, name it on its own")

    def _over_line(self) -> bool:
        # One token: the end of a line, with the blank ones and comments behind it.
        if self._scan.kind == "line":
            self._scan.take()
            return True
        return False

    def _skip_line(self) -> None:
        text, start = self._scan.text, self._scan.start
        end = re.compile(r"[\n;]|\Z").search(text, start)
        self._scan.move(end.start() if end else len(text))


def taken_variable(scan: Scanner, expected: str) -> str:
    """Name of the variable ahead, without its ticks; anything else is refused."""
    if scan.kind == "ticked" and len(scan.value) > 2:
        return _unticked(scan.take())
    if scan.kind != "name" or scan.value == ".":
        raise scan.refuse(expected)
    return scan.take()


def _unticked(text: str) -> str:
    text = text[1:-1]
    return re.sub(r"\\(.)", lambda match: ESCAPES[match[1]], text) if "\\" in text else text


def wrong_token(text: str, position: int) -> tuple[str, str]:
    for piece, expected in (
        (":", "no interaction: it is no node, its variables are"),
        ("|", "no groups or thresholds: they are no edges"),
        ("<~", "~ or =~: a composite has no edge of its own"),
        ("`", "a name closed by another `, with \\` for ticks in it"),
    ):
        if text.startswith(piece, position):
            return piece, expected
    return text[position], "a variable or one of ~ ~~ =~ + *"
