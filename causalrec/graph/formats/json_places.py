"""Where in a JSON text a value stands."""

import json
import re

__all__ = ["DEEPEST", "place_of", "place_too_deep"]

DEEPEST = 100
"""Nesting that is named as too deep."""

_TOKEN = re.compile(r'[\[\]{},:]|"(?:[^"\\]++|\\.)*+"|[^\s,:\[\]{}"]++', re.DOTALL)


def place_of(text: str, path: tuple[str | int, ...], *, key: bool = False) -> int:
    """Where the value at `path` starts in a text that is JSON; with `key`, where its key does.

    A key that an object states twice is found where it stands last.

    >>> text = '{"edges": [["a", "b"], ["a"]]}'
    >>> text[place_of(text, ("edges", 1)):]
    '["a"]]}'
    """
    # The key or number of the value that comes next, at each depth; None where a key comes next.
    stack: list[str | int | None] = []
    place = 0
    for match in _TOKEN.finditer(text):
        token, is_key = match[0], False
        if token == ",":
            number = stack[-1]
            stack[-1] = number + 1 if isinstance(number, int) else None
        elif token in "]}":
            stack.pop()
        elif token != ":":
            if stack and stack[-1] is None:
                stack[-1], is_key = json.loads(token), True
            if is_key == key and len(stack) == len(path) and tuple(stack) == path:
                place = match.start()
            if token in "[{":
                stack.append(0 if token == "[" else None)
    return place


def place_too_deep(text: str) -> int:
    """Where a text opens more than `DEEPEST` lists and objects at once; 0 when it never does."""
    depth = 0
    for match in _TOKEN.finditer(text):
        depth += match[0] in "[{"
        depth -= match[0] in "]}"
        if depth > DEEPEST:
            return match.start()
    return 0
