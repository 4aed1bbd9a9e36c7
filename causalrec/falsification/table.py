"""Tables as arrays and variables: one for each node that a column or several realise."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np

from causalrec.data import Column, Dataset
from causalrec.data.dataset import as_arrow
from causalrec.errors import DataError, MissingColumnsError, ShapeError, nearest
from causalrec.falsification.variable import Variable, as_variable, n_missing, refuse_missing, same_length

__all__ = ["Columns", "column_names", "flat_table", "read_arrays", "read_variables", "realised"]

Columns = Mapping[str, str | Sequence[str]]


def column_names(data: Any) -> tuple[str, ...]:
    """Names of the columns of a mapping of arrays, a dataframe, an Arrow table, or a flat dataset.

    Raises
    ------
    DataError : it is none of these, or a log of visits.
    """
    return tuple(data) if isinstance(data, Mapping) else tuple(_table(data).column_names)


def realised(data: Any, nodes: Iterable[str], columns: Columns | None) -> dict[str, tuple[str, ...]]:
    """Columns of each node: those that `columns` or the dataset names, else the one of its own name.

    Raises
    ------
    DataError : `columns` names nodes that there are not.
    """
    nodes = tuple(nodes)
    columns = dict(columns or {})
    if unknown := [node for node in columns if node not in nodes]:
        raise DataError(f"`columns` names {nearest(unknown, nodes)}.")
    return {node: _names_of(node, columns.get(node), data) for node in nodes}


def read_variables(
    data: Any, columns: Mapping[str, tuple[str, ...]], kinds: Mapping[str, str] | None = None
) -> dict[str, Variable]:
    """Variables of the nodes in `columns`.

    Raises
    ------
    MissingColumnsError : the table lacks columns; all of them, with the nearest names.
    DataError : values are missing (the counts of all columns), or a kind does not fit.
    ShapeError : the columns have different lengths.
    """
    kinds = dict(kinds or {})
    if unknown := [node for node in kinds if node not in columns]:
        raise DataError(f"`kinds` names {nearest(unknown, columns)}.")
    known = column_names(data)
    wanted = dict.fromkeys(name for names in columns.values() for name in names)
    if missing := [name for name in wanted if name not in known]:
        raise MissingColumnsError(missing, getattr(data, "name", "data"), known)
    arrays = _arrays(data, wanted)
    refuse_missing({name: n_missing(array) for name, array in arrays.items()})
    variables = {node: as_variable(_joined(node, [arrays[name] for name in names]), name=node, kind=kinds.get(node))
                 for node, names in columns.items()}  # fmt: skip
    same_length(variables.values())
    return variables


def read_arrays(data: Any, columns: Mapping[str, tuple[str, ...]]) -> dict[str, np.ndarray]:
    """Array of each node in `columns`: a column as it is, several side by side, lists of one length as a matrix.

    Raises
    ------
    DataError : it is no flat table, or the columns or lists of one node have different lengths.

    Examples
    --------
    >>> read_arrays({"a": [1, 2], "b": [3, 4]}, {"both": ("a", "b")})["both"].tolist()
    [[1, 3], [2, 4]]
    """
    arrays = _arrays(data, dict.fromkeys(name for names in columns.values() for name in names))
    return {node: _joined(node, [arrays[name] for name in names]) for node, names in columns.items()}


def _arrays(data: Any, names: Iterable[str]) -> dict[str, np.ndarray]:
    table = data if isinstance(data, Mapping) else flat_table(data)
    return {name: _array(table[name]) for name in names}


def flat_table(data: Any) -> Any:
    """The one Arrow table of a dataframe, an Arrow table, or a flat dataset, streamed ones read whole.

    Raises
    ------
    DataError : it is none of these, or a log of visits.
    """
    table = _table(data)
    return table.read() if hasattr(table, "read") else table


def _table(data: Any) -> Any:
    if not isinstance(data, Dataset):
        return as_arrow(data)
    if data.is_grid:
        raise DataError(
            f"Dataset {data.name!r} is a log of visits, whose units are never written down. Give a flat table: "
            f"Dataset.from_frames, or the frame itself."
        )
    return data.tables["interactions"]


def _names_of(node: str, given: str | Sequence[str] | None, data: Any) -> tuple[str, ...]:
    if given is not None:
        return (given,) if isinstance(given, str) else tuple(given)
    if isinstance(data, Dataset) and isinstance(column := data.column(node), Column):
        return (column.name,)
    return (node,)


def _array(column: Any) -> np.ndarray:
    """A column as an array; lists of one length become a matrix, and what is null becomes None or NaN."""
    if not hasattr(column, "combine_chunks"):
        return np.asarray(column)
    import pyarrow as pa

    if pa.types.is_dictionary(column.type):
        column = column.cast(column.type.value_type)
    if pa.types.is_decimal(column.type):
        column = column.cast(pa.float64())
    if pa.types.is_list(column.type) or pa.types.is_large_list(column.type) or pa.types.is_fixed_size_list(column.type):
        return _matrix(column)
    return column.to_numpy()


def _matrix(column: Any) -> np.ndarray:
    rows = column.to_pylist()
    lengths = {-1 if row is None else len(row) for row in rows}
    if len(lengths) > 1 or -1 in lengths:
        return np.array([None] * len(rows), dtype=object) if -1 in lengths else _refuse_ragged(lengths)
    return np.array(rows, dtype=float)


def _refuse_ragged(lengths: set[int]) -> np.ndarray:
    raise DataError(f"A block is a column of lists of one length; this one has lengths {sorted(lengths)}.")


def _joined(node: str, arrays: list[np.ndarray]) -> np.ndarray:
    if len({len(array) for array in arrays}) > 1:
        raise ShapeError(f"Columns of one table have one length; those of {node!r} have {[len(a) for a in arrays]}.")
    return arrays[0] if len(arrays) == 1 else np.column_stack(arrays)
