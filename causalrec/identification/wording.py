"""Names in messages."""

from __future__ import annotations

from collections.abc import Collection, Iterable

__all__ = ["quoted", "some"]


def quoted(names: Iterable[str]) -> str:
    """All names in quotes, joined by "and".

    >>> print(quoted(["display", "mailer"]))
    'display' and 'mailer'
    """
    return " and ".join(map(repr, names))


def some(names: Collection[str], n_shown: int = 12) -> str:
    """The first names in alphabetical order, and how many more there are.

    >>> print(some({"b", "a", "c"}, n_shown=2))
    ['a', 'b'] and 1 more
    """
    shown = ", ".join(map(repr, sorted(names)[:n_shown]))
    more = f" and {len(names) - n_shown} more" if len(names) > n_shown else ""
    return f"[{shown}]{more}"
