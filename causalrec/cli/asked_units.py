"""Which units of a table are asked for, and what is set: words of a command line."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np

from causalrec.data import Dataset
from causalrec.errors import DataError
from causalrec.falsification.table import flat_table, read_arrays

__all__ = ["asked_units", "assignments"]


def assignments(pairs: Sequence[str], option: str) -> dict[str, int | float | str]:
    """NODE=VALUE as a dictionary; a value that reads as a number is one.

    Raises
    ------
    DataError : a text without "=", or two for one name.

    Examples
    --------
    >>> assignments(["display=1", "store=s 3"], "--do")
    {'display': 1, 'store': 's 3'}
    """
    found: dict[str, int | float | str] = {}
    for pair in pairs:
        name, sign, value = pair.partition("=")
        if not (name.strip() and sign and value.strip()):
            raise DataError(f"{option} {pair!r} says nothing to set; write NAME=VALUE, such as {option} display=1.")
        if name.strip() in found:
            raise DataError(f"{option} names {name.strip()!r} twice.")
        found[name.strip()] = _number(value.strip())
    return found


def asked_units(data: Dataset, rows: Sequence[int], where: Mapping[str, int | float | str]) -> Dataset:
    """The rows with these numbers, counted from 0, in which every column of `where` has its value.

    Raises
    ------
    MissingColumnsError : the table lacks a column of `where`.
    DataError : no such row, or none is left.
    """
    table = flat_table(data)
    n = table.num_rows
    if wrong := [row for row in rows if not 0 <= row < n]:
        raise DataError(f"There is no row {wrong[0]}: rows of {data.name!r} are counted from 0 to {n - 1:,}.")
    kept = np.zeros(n, dtype=bool)
    kept[list(rows) if rows else slice(None)] = True
    data.require("interactions", tuple(where))
    for name, value in where.items():
        kept &= _equal(read_arrays(data, {name: (name,)})[name], value)
    if not kept.any():
        listed = " and ".join(f"{name} = {value}" for name, value in where.items())
        raise DataError(f"No row of {data.name!r} has {listed or 'that number'}.")
    return replace(data, tables={**data.tables, "interactions": table.take(np.flatnonzero(kept))})


def _equal(column: np.ndarray, value: int | float | str) -> np.ndarray:
    if column.dtype.kind in "iuf" and not isinstance(value, str):
        return column == value
    if column.dtype.kind == "b":
        return column == {"true": True, "false": False, "1": True, "0": False}.get(str(value).lower())
    return np.array([str(cell) for cell in column]) == str(value)


def _number(text: str) -> int | float | str:
    for kind in (int, float):
        try:
            value = kind(text)
        except ValueError:
            continue
        return value if np.isfinite(value) else text
    return text
