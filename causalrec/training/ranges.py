"""Parameters that are out of their range, named."""

from __future__ import annotations

import os
from collections.abc import Collection
from numbers import Integral, Real

from causalrec.errors import DataError

__all__ = ["check_choice", "check_folder", "check_number", "check_whole"]


def check_whole(name: str, value: object, least: int = 1) -> None:
    """Refuse what is no whole number of `least` or more.

    Raises
    ------
    DataError : it is none.
    """
    if isinstance(value, bool) or not isinstance(value, Integral) or value < least:
        raise DataError(f"{name} is {value!r}; give a whole number of {least} or more.")


def check_number(name: str, value: object, *, above: float | None = None, below: float = float("inf")) -> None:
    """Refuse what is no number of 0 or more, or above `above`, and below `below`.

    Raises
    ------
    DataError : it is none.
    """
    number = float(value) if isinstance(value, Real) and not isinstance(value, bool) else -1.0
    if not 0 <= number < below or (above is not None and number <= above):
        upper = f" and below {below:g}" if below < float("inf") else ""
        span = f"above {above:g}" if above is not None else "of 0 or more"
        raise DataError(f"{name} is {value!r}; give a number {span}{upper}.")


def check_choice(name: str, value: object, known: Collection[str | None]) -> None:
    """Refuse what is not one of the names.

    Raises
    ------
    DataError : it is none of them.
    """
    if value not in known:
        raise DataError(f"{name} is {value!r}; it is one of {', '.join(map(repr, known))}.")


def check_folder(name: str, value: object) -> None:
    """Refuse what is neither a path nor None.

    Raises
    ------
    DataError : it is something else.
    """
    if not isinstance(value, str | os.PathLike | None):
        raise DataError(f"{name} is {value!r}; give the path of a folder.")
