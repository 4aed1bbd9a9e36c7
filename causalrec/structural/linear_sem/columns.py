"""Columns of data as numbers, and codes of clusters."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

from causalrec.data import Column, Dataset
from causalrec.data.dataset import as_arrow
from causalrec.data.values import is_number, numbers_of
from causalrec.errors import DataError, MissingColumnsError

__all__ = ["read_clusters", "read_rows"]


def read_rows(data: Any, names: Sequence[str], latent: Sequence[str] = ()) -> np.ndarray:
    """Columns of a dataset, frame or mapping as numbers; float64, shape (n, len(names)), NaN where missing.

    Raises
    ------
    MissingColumnsError : columns are not there.
    DataError : a column is no number, a latent variable is a column, or the data are a log of visits.
    """
    table, columns = _table(data), {name: _column(data, name) for name in names}
    known = table.column_names
    if absent := [name for name, column in columns.items() if column not in known]:
        raise MissingColumnsError([columns[name] for name in absent], getattr(data, "name", "data"), known)
    if both := [name for name in latent if name in known]:
        raise DataError(
            f"{', '.join(map(repr, both))} is a latent variable of the model and a column of the data too. Rename the "
            f"latent one, or drop what measures it."
        )
    return np.column_stack([_numbers(table[column], name) for name, column in columns.items()])


def read_clusters(data: Any, names: str | Sequence[str]) -> dict[str, np.ndarray]:
    """Codes 0, 1, ... of the columns whose rows depend on each other, by name."""
    if not isinstance(names, Iterable):
        raise DataError(f"`clusters` is {names!r}; it names a column, or several in a list.")
    names, table = (names,) if isinstance(names, str) else tuple(names), _table(data)
    if absent := [name for name in names if name not in table.column_names]:
        raise MissingColumnsError(map(str, absent), getattr(data, "name", "data"), table.column_names)
    codes = {}
    for name in names:
        column = table[name]
        if column.null_count:
            raise DataError(f"Column {name!r} has {column.null_count:,} missing values; every row needs its cluster.")
        codes[name] = np.unique(np.asarray(column.to_pylist()), return_inverse=True)[1].astype(np.int64)
    return codes


def _table(data: Any) -> Any:
    if not isinstance(data, Dataset):
        return as_arrow(data)
    if data.is_grid:
        raise DataError(
            f"Dataset {data.name!r} is a log of visits, whose units are never written down. Give a flat table: "
            f"Dataset.from_frames, or the frame itself."
        )
    return data.tables["interactions"]


def _column(data: Any, name: str) -> str:
    if isinstance(data, Dataset):
        column = data.column(name)
        if not isinstance(column, Column):
            raise DataError(f"{name!r} is {column}; a linear structural model takes nodes of one column each.")
        return column.name
    return name


def _numbers(column: Any, name: str) -> np.ndarray:
    if not is_number(column.type):
        raise DataError(
            f"Column {name!r} holds {column.type}; a linear structural model takes numbers. Code it as numbers."
        )
    values = numbers_of(column)
    if np.isinf(values).any():
        raise DataError(f"Column {name!r} holds {int(np.isinf(values).sum()):,} infinite values.")
    return values
