"""The interchange format for Bayesian networks, BIF."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import product

import numpy as np

from causalrec.errors import GraphSyntaxError
from causalrec.graph import CausalGraph
from causalrec.structural.bayesian_network.stated_tables import Given
from causalrec.structural.bayesian_network.structure import Structure

__all__ = ["Document", "read_bif", "write_bif"]

TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"|[{}()\[\],;|]|[^\s{}()\[\],;|"]+')
COMMENT = re.compile(r'(?P<kept>"(?:[^"\\]|\\.)*")|//[^\n]*|/\*.*?\*/', re.DOTALL)
PLAIN = re.compile(r"[A-Za-z0-9_.+-]+\Z")


@dataclass(frozen=True, slots=True)
class Document:
    """What a BIF text holds.

    Attributes
    ----------
    graph : CausalGraph
    levels : mapping of str to tuple of str
    tables : mapping of str to Given or list of float
    """

    graph: CausalGraph
    levels: dict[str, tuple[str, ...]]
    tables: dict[str, Given | list[float]]


class Reader:
    """Tokens of a text, one after the other, each with its place."""

    def __init__(self, text: str):
        self.text = COMMENT.sub(lambda found: found["kept"] or re.sub(r"[^\n]", " ", found.group()), text)
        self.tokens = [(found.group(), found.start()) for found in TOKEN.finditer(self.text)]
        self.place = 0

    @property
    def next(self) -> str:
        """The token that comes next; empty at the end."""
        return self.tokens[self.place][0] if self.place < len(self.tokens) else ""

    def take(self, expected: str = "") -> str:
        """The next token without its quotes, where it is the one expected."""
        token = self.next
        if not token or (expected and token != expected):
            raise self.error(f"found {token or 'the end'!r}, expected {expected or 'more'!r}")
        self.place += 1
        return re.sub(r"\\(.)", r"\1", token[1:-1]) if token[0] == '"' else token

    def until(self, end: str) -> list[str]:
        """Tokens up to `end`, commas and bars left out; `end` is taken too."""
        found = []
        while self.next != end:
            is_mark = self.next in (",", "|")  # as it is written: in quotes it is a name
            token = self.take()
            found += [] if is_mark else [token]
        self.take(end)
        return found

    def numbers(self) -> list[float]:
        """Numbers up to the semicolon."""
        start = self.place
        try:
            return [float(token) for token in self.until(";")]
        except ValueError as error:
            self.place = start
            raise self.error(f"{error}") from None

    def error(self, what: str) -> GraphSyntaxError:
        """An error at the next token."""
        at = self.tokens[self.place][1] if self.place < len(self.tokens) else len(self.text)
        line = self.text.count("\n", 0, at) + 1
        return GraphSyntaxError(f"{what} in a BIF text", line=line, column=at - self.text.rfind("\n", 0, at))


def read_bif(text: str) -> Document:
    """Graph, levels and tables of a BIF text.

    Levels are texts. Rows may be `table`, one a combination of levels, or `default`; properties are
    skipped.

    Raises
    ------
    GraphSyntaxError : text that is no BIF, with its line.

    References
    ----------
    Cozman (1998), The interchange format for Bayesian networks.
    """
    reader = Reader(text)
    levels: dict[str, tuple[str, ...]] = {}
    edges: list[tuple[str, str]] = []
    tables: dict[str, Given | list[float]] = {}
    while reader.next:
        kind = reader.take()
        if kind == "network":
            skip_block(reader)
        elif kind == "variable":
            name, found = variable(reader)
            refuse_twice(reader, name, levels)
            levels[name] = found
        elif kind == "probability":
            name, parents, table = probability(reader, levels)
            refuse_twice(reader, name, tables)
            edges += [(parent, name) for parent in parents]
            tables[name] = table
        else:
            reader.place -= 1
            raise reader.error(f"found {kind!r}, expected network, variable or probability")
    return Document(CausalGraph(edges, nodes=levels), levels, tables)


def refuse_twice(reader: Reader, name: str, known: Mapping[str, object]) -> None:
    """Refuse a second block of one variable: which of the two holds is not known."""
    if name in known:
        raise reader.error(f"{name!r} has a second block")


def skip_block(reader: Reader) -> None:
    """Pass over a block."""
    while reader.take() != "{":
        pass
    reader.until("}")


def variable(reader: Reader) -> tuple[str, tuple[str, ...]]:
    """Name and levels of a variable."""
    name = reader.take()
    reader.take("{")
    found: list[str] = []
    while reader.next != "}":
        if reader.take() != "type":
            reader.until(";")
            continue
        reader.take("discrete")
        reader.take("[")
        size = reader.until("]")
        reader.take("{")
        found = reader.until("}")
        reader.take(";")
        if size != [str(len(found))]:
            raise reader.error(f"{name!r} announces {' '.join(size)} levels and has {len(found)}")
    reader.take("}")
    return name, tuple(found)


def probability(reader: Reader, levels: dict[str, tuple[str, ...]]) -> tuple[str, list[str], Given | list[float]]:
    """Name, parents and rows of a table."""
    reader.take("(")
    if reader.next == ")":
        raise reader.error("found ')', expected a variable")
    name, *parents = reader.until(")")
    if strange := [node for node in (name, *parents) if node not in levels]:
        raise reader.error(f"the table of {name!r} names {strange[0]!r}, which is no variable above it")
    reader.take("{")
    rows: dict[tuple[str, ...], list[float]] = {}
    combinations = list(product(*(levels[parent] for parent in parents)))
    default: list[float] | None = None
    while reader.next != "}":
        word = reader.take()
        if word == "(":
            key = tuple(reader.until(")"))
            rows[key] = reader.numbers()
        elif word == "table":
            rows |= by_columns(reader, combinations, len(levels[name]))
        elif word == "default":
            default = reader.numbers()
        else:
            reader.until(";")
    reader.take("}")
    if default is not None:
        rows = {**dict.fromkeys(combinations, default), **rows}
    return name, parents, Given(tuple(parents), rows) if parents else rows.get((), [])


def by_columns(reader: Reader, combinations: Sequence[tuple[str, ...]], size: int) -> dict:
    """Rows of a `table`, in which the variable itself varies slowest."""
    values = reader.numbers()
    if len(values) != size * len(combinations):
        raise reader.error(f"a table has {len(values)} numbers instead of {size * len(combinations)}")
    return {key: values[place :: len(combinations)] for place, key in enumerate(combinations)}


def write_bif(structure: Structure, tables: Sequence[np.ndarray]) -> str:
    """A BIF text; every probability with as many digits as give it back exactly."""
    return "\n".join(["network causalrec {", "}", *variables(structure), *probabilities(structure, tables), ""])


def variables(structure: Structure) -> Iterator[str]:
    """The blocks of the variables."""
    for name, levels in zip(structure.names, structure.levels, strict=True):
        listed = ", ".join(word(str(level)) for level in levels)
        yield f"variable {word(name)} {{\n  type discrete [ {len(levels)} ] {{ {listed} }};\n}}"


def probabilities(structure: Structure, tables: Sequence[np.ndarray]) -> Iterator[str]:
    """The blocks of the tables."""
    for node, table in enumerate(tables):
        parents = structure.parents[node]
        name, causes = word(structure.names[node]), ", ".join(word(structure.names[parent]) for parent in parents)
        yield f"probability ( {name} | {causes} ) {{" if parents else f"probability ( {name} ) {{"
        for place in np.ndindex(table.shape[:-1]):
            at = [word(str(structure.levels[p][code])) for p, code in zip(parents, place, strict=True)]
            head = f"({', '.join(at)})" if parents else "table"
            yield f"  {head} {', '.join(repr(float(value)) for value in table[place])};"
        yield "}"


def word(text: str) -> str:
    """A name, in quotes where it needs them."""
    return text if PLAIN.match(text) else '"' + re.sub(r'(["\\])', r"\\\1", text) + '"'
