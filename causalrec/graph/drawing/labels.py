"""Names as a picture can show them: printable, cut to a length, in one line or two, and how wide they are."""

import re
import unicodedata
from functools import lru_cache

__all__ = ["label_lines", "printable", "shortened", "text_width"]

# Hundredths of the font size that each character from " " to "~" takes in DejaVu Sans, the widest usual font.
_WIDTHS = (
    32, 40, 46, 84, 64, 95, 78, 27, 39, 39, 50, 84, 32, 36, 32, 34, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 34, 34, 84,
    84, 84, 53, 100, 68, 69, 70, 77, 63, 58, 77, 75, 29, 29, 66, 56, 86, 75, 79, 60, 79, 69, 63, 61, 73, 68, 99, 69, 61,
    69, 39, 34, 39, 84, 50, 50, 61, 63, 55, 63, 62, 35, 63, 63, 28, 28, 58, 28, 97, 63, 61, 63, 63, 41, 52, 39, 63, 59,
    82, 59, 59, 52, 64, 34, 64, 84,
)  # fmt: skip
_BOLD = 1.12  # bold letters of that font are no wider than this
_LINE = 18  # characters
_TOOLTIP = 400
_BREAK = re.compile(r"(?<=[_\s\-./:])|(?<=[a-z])(?=[A-Z])")


def printable(name: str, limit: int = _TOOLTIP) -> str:
    r"""`name` without characters that XML or a screen cannot show, and not longer than `limit`.

    >>> printable("a\nb"), printable("\x00")
    ('a b', '\\x00')
    """
    line = " ".join("".join(c if c.isprintable() else " " for c in name[: 4 * limit]).split())
    line = line or name[:limit].encode("unicode_escape").decode("ascii")
    return shortened(line, limit)


def shortened(text: str, limit: int) -> str:
    """Beginning and end of a text too long: names that differ often do so at the end.

    >>> shortened("a_very_long_name_1", 9)
    'a_ver…e_1'
    """
    if len(text) <= limit:
        return text
    tail = max(1, limit // 3)
    return f"{text[: limit - tail - 1]}…{text[-tail:]}"


@lru_cache(maxsize=4096)
def label_lines(name: str) -> tuple[str, ...]:
    """One line or two of a node's label, broken where words meet.

    >>> label_lines("item_store_availability")
    ('item_store_', 'availability')
    """
    text = printable(name)
    if len(text) <= _LINE:
        return (text,)
    cuts = [match.start() for match in _BREAK.finditer(text) if 0 < match.start() < len(text)]
    fitting = [cut for cut in cuts if cut <= _LINE and len(text) - cut <= _LINE]
    if fitting:
        cut = min(fitting, key=lambda cut: abs(2 * cut - len(text)))
        return text[:cut].rstrip(), text[cut:].lstrip()
    text = shortened(text, 2 * _LINE - 2)
    half = (len(text) + 1) // 2
    return (text,) if len(text) <= _LINE + 4 else (text[:half], text[half:])


@lru_cache(maxsize=16384)
def text_width(text: str, size: float, bold: bool = False) -> float:
    """Pixels that `text` takes at most in a usual font of `size` pixels."""
    return sum(map(_character, text)) * size / 100 * (_BOLD if bold else 1)


def _character(character: str) -> int:
    code = ord(character)
    if 32 <= code < 127:
        return _WIDTHS[code - 32]
    if unicodedata.combining(character):
        return 0
    return 105 if unicodedata.east_asian_width(character) in "WF" else 75
