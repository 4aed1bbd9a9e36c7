"""Labels of Mermaid's nodes: the brackets around them, and the codes of characters in them."""

import re
from html.entities import html5

__all__ = ["label_of", "shape_of"]

_CLOSED_BY = {
    "(((": (")))",), "((": ("))",), "([": ("])",), "[(": (")]",), "[[": ("]]",), "{{": ("}}",),
    "[/": ("/]", "\\]"), "[\\": ("\\]", "/]"), "(": (")",), "[": ("]",), "{": ("}",), ">": ("]",),
}  # fmt: skip
_CODE = re.compile(r"#(?:([0-9]{1,7})|([A-Za-z][A-Za-z0-9]{0,30}));")
_CODED = re.compile(r"[^\w .,:/-]|[\r\n]")


def label_of(name: str) -> str:
    """`name` as a label in quotes, characters that mean something to Mermaid as their codes.

    >>> label_of('say "hi"')
    'say #34;hi#34;'
    """
    return _CODED.sub(lambda match: f"#{ord(match[0])};", name)


def shape_of(text: str) -> str:
    """Label in the brackets of `text`; empty where they do not fit each other.

    >>> shape_of('(["unit #35;1"])'), shape_of("{unit price}"), shape_of("[unit price)")
    ('unit #1', 'unit price', '')
    """
    for opening, closings in _CLOSED_BY.items():
        if text.startswith(opening):
            closing = next((closing for closing in closings if text.endswith(closing)), None)
            if closing is None or len(text) < len(opening) + len(closing):
                return ""
            inside = text[len(opening) : -len(closing)].strip(" \t")
            return _decoded(inside[1:-1] if inside[:1] == '"' == inside[-1:] and len(inside) > 1 else inside)
    return ""


def _decoded(text: str) -> str:
    return _CODE.sub(_character, text) if "#" in text else text


def _character(match: re.Match[str]) -> str:
    number, word = match.groups()
    if word:
        return html5.get(f"{word};", match[0])
    return chr(int(number)) if int(number) <= 0x10FFFF else match[0]
