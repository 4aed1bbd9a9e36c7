"""The texts as they come from a table: checked once, blanks recognised."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from causalrec.errors import DataError

__all__ = ["is_null", "text_contents"]


def text_contents(texts: Sequence[str | None], first: int = 0) -> list[str]:
    """Each text as it is, and "" for a null one or one of nothing but white space.

    A table or an array of one column is that column.

    Parameters
    ----------
    texts : sequence of str or None
    first : int
        Number of the first entry in what the caller was given; errors count from there.

    Raises
    ------
    DataError : one string instead of several, an entry that is no text, a text that is not valid Unicode, a table
        of several columns, or texts without an order.

    Examples
    --------
    >>> text_contents(["salted butter", None, "  "])
    ['salted butter', '', '']
    """
    if isinstance(texts, str | bytes):
        raise DataError(f"encode takes a sequence of texts, and got one text: [{texts[:40]!r}] would be one.")
    return [_content(text, position) for position, text in enumerate(_entries(texts), first)]


def _entries(texts: Any) -> Any:
    shape = getattr(texts, "shape", None)
    if isinstance(shape, tuple) and len(shape) != 1:
        return _column(texts, shape)
    if isinstance(texts, Mapping | set | frozenset) or not hasattr(texts, "__iter__"):
        raise DataError(f"encode takes a sequence of texts, and got a {type(texts).__name__}.")
    return texts.to_pylist() if hasattr(texts, "to_pylist") else texts


def _column(texts: Any, shape: tuple[int, ...]) -> Any:
    """The one column of a frame, an Arrow table or a two-dimensional array."""
    if len(shape) != 2 or shape[1] != 1:
        raise DataError(f"encode takes one column of texts, and got a table of shape {shape}: choose the column.")
    if hasattr(texts, "iloc"):
        return texts.iloc[:, 0]
    return texts[:, 0] if not hasattr(texts, "column") else texts.column(0).to_pylist()


def _content(text: str | None, position: int) -> str:
    if isinstance(text, str):
        if not text.isascii():
            _check_unicode(text, position)
        return text if text and not text.isspace() else ""
    if is_null(text):
        return ""
    raise DataError(
        f"Entry {position} is {_shown(text)} of type {type(text).__name__}, not a text. Turn it into one first."
    )


def _check_unicode(text: str, position: int) -> None:
    try:
        text.encode()
    except UnicodeEncodeError as error:
        broken = text[error.start : error.end]
        raise DataError(
            f"Entry {position} is not valid Unicode: {broken!r} at character {error.start} is half of a "
            "surrogate pair. Read the file again with its own encoding."
        ) from error


def is_null(value: object) -> bool:
    """Whether an entry of a column says that nothing is known."""
    # pandas.NA refuses to be compared, and pandas must not be imported to ask for it.
    is_nan = isinstance(value, float) and value != value
    return value is None or type(value).__name__ in {"NAType", "NaTType"} or is_nan


def _shown(value: object) -> str:
    shown = repr(value)
    return shown if len(shown) <= 80 else f"{shown[:77]}..."
