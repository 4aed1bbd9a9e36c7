"""Counts that a caller gives, refused where they are none."""

from __future__ import annotations

from collections.abc import Mapping
from numbers import Integral

from causalrec.errors import DataError

__all__ = ["refuse_counts"]


def refuse_counts(given: Mapping[str, tuple[object, int]]) -> None:
    """Refuse what is no whole number of at least so much.

    Parameters
    ----------
    given : mapping of str to (object, int)
        By the argument's name, what was given and the least that is allowed.

    Raises
    ------
    DataError : with the argument's name.
    """
    for name, (count, least) in given.items():
        if isinstance(count, bool) or not isinstance(count, Integral) or count < least:
            raise DataError(f"{name} is {count!r}; give a whole number, at least {least}.")
