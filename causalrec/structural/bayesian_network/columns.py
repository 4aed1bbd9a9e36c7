"""From the columns of a flat table to numbers of levels."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from causalrec.data.ids import in_order, one_zero, plain
from causalrec.errors import DataError, nearest
from causalrec.structural.bayesian_network.structure import Level, Structure, checked_levels

if TYPE_CHECKING:
    import pyarrow as pa

    from causalrec.data import Dataset
    from causalrec.graph import CausalGraph

__all__ = ["MAX_LEVELS", "codes_of", "found_levels", "refuse_unmeasured", "weights_of"]

MAX_LEVELS = 1_000
"""Levels that a node may have."""


def found_levels(
    graph: CausalGraph, data: Dataset, given: Mapping[str, Sequence[Level]]
) -> dict[str, tuple[Level, ...]]:
    """Levels of each node: those given, else the values of its column in ascending order.

    Raises
    ------
    DataError : a node that is not one flat column of texts, integers, or true and false; a latent node.
    """
    if graph.latent:
        raise DataError(
            f"{', '.join(map(repr, sorted(graph.latent)))} cannot be learned: no column measures it. Learn the network "
            f"of graph.latent_projection() where that has no bidirected edge, or state the tables (from_tables)."
        )
    columns = {name: column_of(data, name) for name in graph.nodes}
    return {
        name: checked_levels(name, given[name]) if name in given else levels_in(name, column)
        for name, column in columns.items()
    }


def codes_of(structure: Structure, data: Dataset) -> np.ndarray:
    """Number of the level of each row and node, -1 where it is missing; int32, shape (n_rows, n_nodes).

    Raises
    ------
    DataError : a value that is none of the levels, or no row.
    """
    columns = [column_of(data, name) for name in structure.names]
    if not len(columns[0]):
        raise DataError(f"The flat table of {data.name!r} has no rows.")
    pairs = zip(structure.names, structure.levels, columns, strict=True)
    return np.column_stack([coded(name, levels, column) for name, levels, column in pairs])


def refuse_unmeasured(structure: Structure, codes: np.ndarray, weights: np.ndarray) -> None:
    """Refuse a node without any value: which level is which could not be told.

    Raises
    ------
    DataError : such nodes, all of them.
    """
    hidden = np.flatnonzero((codes[weights > 0] < 0).all(axis=0))
    if names := [repr(structure.names[node]) for node in hidden]:
        raise DataError(f"{', '.join(names)} has no value in any row; leave it out, or state the tables (from_tables).")


def weights_of(data: Dataset, weights: str | None) -> np.ndarray:
    """How many units each row stands for; float64, shape (n_rows,).

    Raises
    ------
    DataError : values that are missing, negative or infinite.
    """
    if weights is None:
        return np.ones(data.n_units)
    data.require("interactions", (weights,))
    from causalrec.data.values import is_number, numbers_of

    column = data.tables["interactions"][weights]
    if not is_number(plain(column).type):
        raise DataError(f"The weights {weights!r} are {column.type}; they are numbers of 0 or more.")
    values = numbers_of(column)
    if not (np.isfinite(values).all() and (values >= 0).all() and values.sum() > 0):
        raise DataError(f"The weights {weights!r} must be finite, 0 or more, and not all 0.")
    return values


def column_of(data: Dataset, node: str) -> pa.ChunkedArray:
    """The column that holds a node, of a flat table."""
    from causalrec.data import Dataset

    if not isinstance(data, Dataset):
        raise DataError(f"`data` is a Dataset, not {type(data).__name__}; make one with Dataset.from_frames(...).")
    if data.is_grid:
        raise DataError("A Bayesian network is learned from a flat table, one row a unit; this is a log of visits.")
    name = data.column_name(node)
    data.require("interactions", (name,))
    return one_zero(plain(data.tables["interactions"][name]))


def levels_in(node: str, column: pa.ChunkedArray) -> tuple[Level, ...]:
    """Distinct values of a column, in ascending order."""
    import pyarrow as pa
    import pyarrow.compute as pc

    kind = column.type
    known = (pa.types.is_null, pa.types.is_floating, pa.types.is_integer, pa.types.is_boolean, is_text)
    if not any(is_kind(kind) for is_kind in known):
        raise DataError(f"{node!r} holds {kind}; a node of a network holds texts, integers, or true and false.")
    found = pc.drop_null(column.unique())
    values = in_order(found.filter(pc.invert(pc.is_nan(found))) if pa.types.is_floating(kind) else found).to_pylist()
    if not values:
        raise DataError(f"{node!r} has no value in any row; leave it out, or state the tables (from_tables).")
    if any(isinstance(value, float) and not value.is_integer() for value in values):
        raise DataError(f"{node!r} holds numbers with decimals; cut it into levels first, such as low, middle, high.")
    if len(values) > MAX_LEVELS:
        raise DataError(f"{node!r} has {len(values):,} levels, more than {MAX_LEVELS:,}; join them first.")
    return tuple(int(value) if isinstance(value, float) else value for value in values)


def coded(node: str, levels: Sequence[Level], column: pa.ChunkedArray) -> np.ndarray:
    """Places of values among the levels, -1 where missing; int32, shape (n_rows,)."""
    import pyarrow.compute as pc

    encoded = column.combine_chunks().dictionary_encode()
    values = encoded.dictionary.to_pylist()
    places = {level: place for place, level in enumerate(levels)}
    strange = [value for value in values if value is not None and value == value and value not in places]
    if strange:
        raise DataError(
            f"{node!r} has no level {nearest(map(str, strange), map(str, levels))}. "
            f"State all levels with `levels`, or mend the column {node!r}."
        )
    lookup = np.array([places.get(value, -1) for value in values] + [-1], dtype=np.int32)
    return lookup[pc.fill_null(encoded.indices, len(values)).to_numpy(zero_copy_only=False)]


def is_text(kind) -> bool:
    """Whether an Arrow type holds texts."""
    import pyarrow as pa

    return pa.types.is_string(kind) or pa.types.is_large_string(kind)
