"""Statements of a model in lavaan's syntax, with what lavaan writes before a `*`."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from causalrec.errors import GraphError
from causalrec.graph.formats.lavaan_reader import TOKEN, taken_variable, wrong_token
from causalrec.graph.formats.scanner import Scanner, checked_text, refusal

__all__ = ["Model", "Relation", "Statement", "parse_model"]

_COMMENT = re.compile(r"(?P<kept>`[^`\n]*+`|\"[^\"\n]*+\"|'[^'\n]*+')|[\#!][^\n]*+")
_SIGN = re.compile(r":=|==|<=?|>=?")
_RELATION = re.compile(r"(?<![^\n;])(?P<left>[^\n;\#!~`\"'=<>:]*+)(?P<sign>:=|==|<(?!~)=?|>=?)(?P<right>[^\n;\#!]*+)")


@dataclass(frozen=True, slots=True)
class Statement:
    """One coefficient, covariance or intercept.

    Attributes
    ----------
    left, operator, right : str
        `operator` is "=~" (is measured by), "~" (is regressed on), "~~" (covaries with) or "~1" (its
        intercept, where `right` is empty).
    value : float, optional
        What it is fixed at; None where it is free.
    label : str
        Parameters of one label are equal.
    start : float, optional
    free : bool
        Whether the text says that it is free (`NA*`), against a default that would fix it.
    """

    left: str
    operator: str
    right: str = ""
    value: float | None = None
    label: str = ""
    start: float | None = None
    free: bool = False

    def __str__(self) -> str:
        return f"{self.left} {self.operator} {self.right}".strip()


@dataclass(frozen=True, slots=True)
class Relation:
    """`left := right`, or the constraint `left == right`."""

    left: str
    right: str


@dataclass(frozen=True, slots=True)
class Model:
    """What a text says.

    Attributes
    ----------
    statements : tuple of Statement
    defined, constraints : tuple of Relation
    latent : tuple of str
        Latent variables that no "=~" names.
    completed : bool
        Whether lavaan's default covariances are to be added; a graph says all of its own.
    """

    statements: tuple[Statement, ...]
    defined: tuple[Relation, ...] = ()
    constraints: tuple[Relation, ...] = ()
    latent: tuple[str, ...] = ()
    completed: bool = True


def parse_model(text: str) -> Model:
    """Read a model in lavaan's syntax: `=~`, `~`, `~~`, `~ 1`, labels, fixed values, `start()`, `:=`, `==`.

    Raises
    ------
    GraphSyntaxError : text that is none, with line and column.

    Examples
    --------
    >>> [str(one) for one in parse_model("taste =~ clicks + a*saves; buys ~ b*taste; ab := a*b").statements]
    ['taste =~ clicks', 'taste =~ saves', 'buys ~ taste']
    """
    return _Reader(checked_text(text, "a model in lavaan's syntax")).model()


class _Reader:
    """State of one reading."""

    def __init__(self, text: str):
        self._statements: dict[tuple[str, str, str], Statement] = {}
        self._relations: dict[str, list[Relation]] = {":=": [], "==": []}
        text = _COMMENT.sub(lambda found: found["kept"] or " " * len(found[0]), text)
        self._scan = Scanner(self._take_relations(text), TOKEN, wrong_token)

    def model(self) -> Model:
        scan = self._scan
        self._over_lines()
        while scan.kind != "end":
            self._statement()
            self._over_lines()
        if not self._statements:
            raise scan.refuse("a statement, such as y ~ x")
        return Model(tuple(self._statements.values()), tuple(self._relations[":="]), tuple(self._relations["=="]))

    def _statement(self) -> None:
        scan = self._scan
        left = [taken_variable(scan, "a variable")]
        while scan.skip("+"):
            self._over_lines(marks=False)
            left.append(taken_variable(scan, "a variable after +"))
        if scan.kind != "operator":
            raise scan.refuse("one of ~ ~~ =~ := == and what stands behind it")
        operator = scan.take()
        for term in self._terms(operator):
            for name in left:
                self._add(replace(term, left=name))

    def _take_relations(self, text: str) -> str:
        """Lines `a := ...` and `... == ...` hold no variables: they are read apart, and blank for the scanner."""
        return _RELATION.sub(self._taken, text)

    def _taken(self, match: re.Match[str]) -> str:
        left, sign, right = match["left"].strip(), match["sign"], match["right"].strip()
        if not left or not right or _SIGN.search(right):
            raise refusal(
                match.string, match.start("left"), match[0].strip(), f"one {sign} with something on both sides"
            )
        if sign not in self._relations:
            raise refusal(match.string, match.start("sign"), sign, ":= or ==: bounds on parameters are not supported")
        self._relations[sign].append(Relation(left, right))
        return " " * len(match[0])

    def _terms(self, operator: str) -> list[Statement]:
        scan, terms = self._scan, list[Statement]()
        while True:
            self._over_lines(marks=False)
            terms.append(self._term(operator))
            had_line = self._over_lines(marks=False)
            if scan.skip("+"):
                continue
            if not (had_line or scan.at(";") or scan.kind == "end"):
                raise scan.refuse("+ or the end of the line")
            return terms

    def _term(self, operator: str) -> Statement:
        scan, said = self._scan, Statement("", operator)
        while True:
            start = scan.start
            if scan.kind == "number":
                number = float(scan.take().replace(" ", ""))
                if scan.skip("*"):
                    said = replace(said, value=number)
                    continue
                if operator != "~" or number not in (0.0, 1.0):
                    raise refusal(scan.text, start, f"{number:g}", "a variable, or * behind a fixed value")
                return replace(said, operator="~1", value=0.0 if number == 0 else said.value)
            if scan.kind == "quoted":
                said = replace(said, label=scan.take()[1:-1])
                scan.expect("*", "* after a label in quotes")
                continue
            name = taken_variable(scan, "a variable, a number or a label before *")
            if scan.at("("):
                said = self._called(start, name, said)
            elif not scan.skip("*"):
                return replace(said, right=name)
            else:
                said = replace(said, free=True) if name == "NA" else replace(said, label=name)

    def _called(self, start: int, name: str, said: Statement) -> Statement:
        """`start(0.5)*` and `label("a")*`; what R could compute is refused."""
        scan = self._scan
        scan.expect("(", "(")
        kind, value = scan.kind, scan.take()
        scan.expect(")", f"')' that closes {name}(")
        scan.expect("*", f"* after {name}(...)")
        if name == "start" and kind == "number":
            return replace(said, start=float(value.replace(" ", "")))
        if name == "label" and kind == "quoted":
            return replace(said, label=value[1:-1])
        raise refusal(scan.text, start, f"{name}({value})", 'start(number), label("name"), a number, NA or a label')

    def _add(self, statement: Statement) -> None:
        left, right = statement.left, statement.right
        if statement.operator != "~~" and left == right:
            raise GraphError(f"{statement}: a variable cannot be its own cause.")
        key = (left, statement.operator, right)
        twin = (right, statement.operator, left) if statement.operator == "~~" else key
        if known := self._statements.get(key) or self._statements.get(twin):
            # lavaan lets a second term add its label or start to the first one, as in y ~ 2*x + a*x.
            if known.left != left:
                statement = replace(statement, left=known.left, right=known.right)
            statement = _merged(known, statement)
            key = (known.left, known.operator, known.right)
        self._statements[key] = statement

    def _over_lines(self, *, marks: bool = True) -> bool:
        scan, moved = self._scan, False
        while scan.kind == "line" or (marks and scan.at(";")):
            scan.take()
            moved = True
        return moved


def _merged(known: Statement, more: Statement) -> Statement:
    for name in ("value", "label", "start"):
        old, new = getattr(known, name), getattr(more, name)
        if old not in (None, "") and new not in (None, "") and old != new:
            raise GraphError(f"{known} is said twice, with {old!r} and {new!r}. Say it once.")
    return replace(
        known,
        value=known.value if more.value is None else more.value,
        label=known.label or more.label,
        start=known.start if more.start is None else more.start,
        free=known.free or more.free,
    )
