"""Histories as they come from outside: checked once, ids to integers."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import chain
from numbers import Integral
from typing import Any

import numpy as np

from causalrec.errors import DataError

__all__ = ["Items", "catalogue", "coded", "told_histories"]

Items = list[int] | list[str]


def told_histories(histories: Sequence[Sequence[Any] | None]) -> list[list[Any]]:
    """Each history as a list of Python's own ints or texts; a null one is empty.

    Raises
    ------
    DataError : no sequence of sequences, or an id that is neither whole number nor text.

    Examples
    --------
    >>> told_histories([("milk", "tea"), None])
    [['milk', 'tea'], []]
    """
    told = [_told(history, position) for position, history in enumerate(_entries(histories))]
    if set(map(type, chain.from_iterable(told))) <= {int, str}:
        return told
    return [[_id(item, position) for item in history] for position, history in enumerate(told)]


def catalogue(told: Iterable[list[Any]]) -> Items:
    """The distinct ids, ascending.

    Raises
    ------
    DataError : whole numbers and texts together.
    """
    known = set(chain.from_iterable(told))
    if len({type(item) for item in known}) > 1:
        number, text = (min(item for item in known if isinstance(item, kind)) for kind in (int, str))
        raise DataError(f"Ids of items are of one type, and there are {number!r} and {text!r}; make them one.")
    return sorted(known)


def coded(told: Iterable[list[Any]], items: Items) -> list[np.ndarray]:
    """Positions in the catalogue, int64; ids that are not in it are left out.

    Raises
    ------
    DataError : ids of the other type than the catalogue's.
    """
    index: dict[Any, int] = {item: code for code, item in enumerate(items)}
    found = []
    for position, history in enumerate(told):
        codes = [index.get(item, -1) for item in history]
        if -1 in codes:
            _check_type(history[codes.index(-1)], items, position)
        found.append(np.array([code for code in codes if code >= 0], dtype=np.int64))
    return found


def _entries(histories: Any) -> Iterable[Any]:
    is_table = len(getattr(histories, "shape", (0,))) == 2 and not isinstance(histories, np.ndarray)
    if isinstance(histories, str | bytes | Mapping | set | frozenset) or is_table or not hasattr(histories, "__iter__"):
        raise DataError(
            f"histories is a {type(histories).__name__}; give a list with one list of item ids a user, in time order."
        )
    return histories.to_pylist() if hasattr(histories, "to_pylist") else histories


def _told(history: Any, position: int) -> list[Any]:
    if history is None:
        return []
    if hasattr(history, "to_pylist") or hasattr(history, "tolist"):
        history = history.to_pylist() if hasattr(history, "to_pylist") else history.tolist()
    if not isinstance(history, list | tuple):
        raise DataError(
            f"History {position} is {_shown(history)}; give a list of item ids in time order, empty where there is "
            "none."
        )
    return list(history)


def _id(item: Any, position: int) -> int | str:
    if isinstance(item, str):
        return str(item)
    if isinstance(item, Integral) and not isinstance(item, bool | np.bool_):
        return int(item)
    raise DataError(f"History {position} holds {_shown(item)}; ids of items are whole numbers or texts.")


def _check_type(item: int | str, items: Items, position: int) -> None:
    if type(item) is not type(items[0]):
        raise DataError(
            f"History {position} holds {_shown(item)}, and the ids that were learned are like {items[0]!r}: of another "
            "type."
        )


def _shown(value: Any) -> str:
    return f"{repr(value)[:40]} ({type(value).__name__})"
