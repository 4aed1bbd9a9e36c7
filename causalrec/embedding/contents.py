"""The texts as they come from a table: checked once, blanks recognised."""

from __future__ import annotations

from collections.abc import Sequence

from causalrec.errors import DataError

__all__ = ["text_contents"]


def text_contents(texts: Sequence[str | None]) -> list[str]:
    """Each text as it is, and "" for a null one or one of nothing but white space.

    Raises
    ------
    DataError : one string instead of several, an entry that is no text, or a text that is not valid Unicode.

    Examples
    --------
    >>> text_contents(["salted butter", None, "  "])
    ['salted butter', '', '']
    """
    if isinstance(texts, str | bytes):
        raise DataError(f"encode takes a sequence of texts, and got one text: [{texts[:40]!r}] would be one.")
    return [_content(text, position) for position, text in enumerate(texts)]


def _content(text: str | None, position: int) -> str:
    if _is_null(text):
        return ""
    if not isinstance(text, str):
        raise DataError(
            f"Entry {position} is {text!r} of type {type(text).__name__}, not a text. Turn it into one first."
        )
    if not text.isascii():
        _check_unicode(text, position)
    return text if text.strip() else ""


def _check_unicode(text: str, position: int) -> None:
    try:
        text.encode()
    except UnicodeEncodeError as error:
        broken = text[error.start : error.end]
        raise DataError(
            f"Entry {position} is not valid Unicode: {broken!r} at character {error.start} is half of a "
            "surrogate pair. Read the file again with its own encoding."
        ) from error


def _is_null(text: object) -> bool:
    # pandas.NA refuses to be compared, and pandas must not be imported to ask for it.
    return text is None or type(text).__name__ in {"NAType", "NaTType"} or (isinstance(text, float) and text != text)
