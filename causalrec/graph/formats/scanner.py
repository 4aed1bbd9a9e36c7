"""Tokens of a text, one at a time, and the place of one that does not belong.

A token's line and column are worked out only when it is refused: reading a text that is right
never counts lines.
"""

import re
from collections.abc import Callable

from causalrec.errors import GraphError, GraphSyntaxError

__all__ = ["BLANK", "Scanner", "checked_text", "excerpt", "refusal"]

BLANK = r"(?:\s++|\#[^\n]*+|//[^\n]*+)*+"
"""Blanks and comments of dagitty and of other formats that have the same ones."""

_SHOWN = 40


class Scanner:
    """One token of `text` ahead.

    Parameters
    ----------
    text : str
    token : pattern
        Blanks, then one named group for each kind of token; "end" is the end of the text, and
        "wrong" any character that starts no token. It must not give back what it has taken, so
        that it is linear.
    wrong : callable
        For the text and the place of a character that starts no token: what to say was found
        there, and what is expected.
    start : int
        Where reading starts.

    Attributes
    ----------
    kind, value : str
        Of the token ahead: the name of its group, and how it is written.
    start, stop : int
        Its first character, and where the next one is looked for.
    """

    __slots__ = ("_match", "_wrong", "kind", "start", "stop", "text", "value")

    def __init__(self, text: str, token: re.Pattern[str], wrong: Callable[[str, int], tuple[str, str]], start: int = 0):
        self.text, self._match, self._wrong = text, token.match, wrong
        self.kind, self.value, self.start, self.stop = "", "", 0, 0
        self.move(start)

    def move(self, position: int) -> None:
        """Look at the token that starts at `position` or behind the blanks there."""
        match = self._match(self.text, position)
        if match is None or match.lastgroup is None or match.lastgroup == "wrong":
            start = position if match is None else match.start("wrong")
            raise refusal(self.text, start, *self._wrong(self.text, start))
        self.kind, self.value = match.lastgroup, match[match.lastgroup]
        self.start, self.stop = match.start(match.lastgroup), match.end()

    def take(self) -> str:
        """Value of the token ahead; the next one is ahead then."""
        value = self.value
        self.move(self.stop)
        return value

    def at(self, value: str) -> bool:
        """Whether the token ahead is the mark `value`."""
        return self.value == value and self.kind == "mark"

    def skip(self, value: str) -> bool:
        """Take the mark `value` if it is ahead, and say whether it was."""
        if self.at(value):
            self.move(self.stop)
            return True
        return False

    def expect(self, value: str, expected: str) -> None:
        """Take the mark `value`; anything else is refused."""
        if not self.skip(value):
            raise self.refuse(expected)

    def refuse(self, expected: str) -> GraphSyntaxError:
        """Error for the token ahead, which does not belong there."""
        found = "the end of the text" if self.kind == "end" else self.value
        return refusal(self.text, self.start, found, expected)


def checked_text(text: object, what: str) -> str:
    """`text` without a byte order mark; anything but a text is refused."""
    if not isinstance(text, str):
        raise GraphError(f"Expected {what}, got {type(text).__name__}; load_graph reads a file.")
    return text.removeprefix("\ufeff")


def refusal(text: str, position: int, found: str, expected: str) -> GraphSyntaxError:
    """Error at a position of `text`, with line and column counted from 1."""
    shown = found if found == "the end of the text" else repr(excerpt(found))
    line = text.count("\n", 0, position) + 1
    column = position - (text.rfind("\n", 0, position) + 1) + 1
    return GraphSyntaxError(f"found {shown}, expected {expected}.", line=line, column=column)


def excerpt(text: str) -> str:
    """`text`, cut where it is long.

    >>> excerpt("x" * 100)
    'xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx...'
    """
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}..."
