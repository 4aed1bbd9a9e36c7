"""Tokens of dagitty text, each with its line and column."""

import re
from bisect import bisect_right
from collections.abc import Iterator
from typing import NamedTuple

from causalrec.errors import GraphSyntaxError

__all__ = ["BARE_NAME", "Token", "quoted", "refuse", "tokens"]

BARE_NAME = re.compile(r"\w[\w.]*")
"""Names that need no quotes."""

_TOKEN = re.compile(
    r"""(?P<blank>\s+|\#[^\n]*|//[^\n]*)
      | (?P<arrow><->|->|<-)
      | (?P<number>[+-]?(?:\d+\.\d*|\.\d+|\d+)(?:[eE][+-]?\d+)?(?![\w.]))
      | (?P<name>\w[\w.]*)
      | (?P<quoted>"(?:[^"\\\n]|\\[\\"nrt])*")
      | (?P<mark>[{}\[\];,=])""",
    re.VERBOSE,
)
_ESCAPES = {"\\": "\\", '"': '"', "n": "\n", "r": "\r", "t": "\t"}


class Token(NamedTuple):
    """A piece of text.

    Attributes
    ----------
    kind : {"arrow", "name", "number", "quoted", "mark", "end"}
    text : str
        As it is written; for quoted names, without quotes and escapes.
    line, column : int
        Where it starts, counted from 1.
    """

    kind: str
    text: str
    line: int
    column: int

    @property
    def is_name(self) -> bool:
        """Whether it can name a node: numbers such as 1 do too, a text that is empty does not."""
        if self.kind == "number":
            return BARE_NAME.fullmatch(self.text) is not None
        return self.kind in {"name", "quoted"} and self.text != ""

    def __str__(self) -> str:
        return "the end of the text" if self.kind == "end" else repr(self.text)


def tokens(text: str) -> Iterator[Token]:
    """Tokens of `text` without blanks and comments; the last one has kind "end"."""
    starts = [0, *(match.end() for match in re.finditer("\n", text))]
    position = 0
    while position < len(text):
        match = _TOKEN.match(text, position)
        line = bisect_right(starts, position)
        column = position - starts[line - 1] + 1
        if match is None:
            raise _unreadable(text, position, line, column)
        kind = match.lastgroup or ""
        if kind != "blank":
            yield Token(kind, _unescaped(match[0]) if kind == "quoted" else match[0], line, column)
        position = match.end()
    line = len(starts)
    yield Token("end", "", line, len(text) - starts[-1] + 1)


def refuse(token: Token, expected: str) -> GraphSyntaxError:
    """Error for a token that does not belong where it stands."""
    return GraphSyntaxError(f"found {token}, expected {expected}.", line=token.line, column=token.column)


def quoted(name: str) -> str:
    """`name` as it must be written: bare where that reads back, else in quotes.

    >>> print(quoted("price"), quoted("unit price"))
    price "unit price"
    """
    if BARE_NAME.fullmatch(name):
        return name
    written = {character: f"\\{letter}" for letter, character in _ESCAPES.items()}
    return '"' + "".join(written.get(character, character) for character in name) + '"'


def _unescaped(text: str) -> str:
    return re.sub(r"\\(.)", lambda match: _ESCAPES[match[1]], text[1:-1])


def _unreadable(text: str, position: int, line: int, column: int) -> GraphSyntaxError:
    if text[position] == '"':
        rest = text[position : position + 40].split("\n")[0]
        found, expected = rest, 'a name closed by another " on its line, with \\" for quotes in it'
    elif text.startswith(("--", "@"), position):
        found, expected = text[position : position + 3].strip(), "one of the arrows -> <- <->"
    else:
        found, expected = text[position], "a name, an arrow, or one of { } [ ] ; , ="
    return GraphSyntaxError(f"found {found!r}, expected {expected}.", line=line, column=column)
