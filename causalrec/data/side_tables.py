"""Columns of the items and users, kept once for each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from causalrec.data.arrow_scan import ArrowScan
from causalrec.data.blocks import encoded
from causalrec.data.coding import BlockPart, CodesPart, part_of
from causalrec.data.columns import Column, TextColumn
from causalrec.data.ids import plain, sorted_levels
from causalrec.data.relation import Relation
from causalrec.data.scan import Scan
from causalrec.errors import DataError

if TYPE_CHECKING:
    from causalrec.data.dataset import Dataset

__all__ = ["SIDES", "side_block", "side_codes", "side_of", "text_block"]

SIDES = ("items", "users")


def side_of(data: Dataset, column: str) -> str | None:
    """The table beside the interactions that has a column; None where there is none."""
    sides = [side for side in SIDES if side in data.tables and column in data.tables[side].column_names]
    return sides[0] if sides else None


def side_block(data: Dataset, side: str, columns: Mapping[str, Column | TextColumn], missing: str) -> BlockPart:
    """Some nodes that one side table holds, as one block.

    Raises
    ------
    DataError : two rows of one key, or missing values that may not be filled in.
    """
    look, key = _look(data, side), data.keys[side]
    fillable = [c.name for c in columns.values() if isinstance(c, Column)] if missing == "indicator" else []
    _refuse_incomplete(look, side, list(dict.fromkeys(c.name for c in columns.values())), fillable)
    found: list[np.ndarray] = []
    names: list[str] = []
    for node, column in columns.items():
        if isinstance(column, TextColumn):
            matrix, labels = _text_matrix(plain(look.table[column.name]).to_pylist(), node, column)
        else:
            part = part_of(look, node, column.name, missing)
            matrix, labels = part.read(look.table), part.names
        found.append(matrix)
        names += labels
    return BlockPart(side, key, plain(look.table[key]).combine_chunks(), np.column_stack(found), tuple(names))


def side_codes(data: Dataset, name: str) -> CodesPart:
    """Groups by a column of a side table, for each of its keys."""
    side = str(side_of(data, name))
    look, key = _look(data, side), data.keys[side]
    _refuse_incomplete(look, side, [name])
    groups = CodesPart(name, name, look.levels(name))
    return CodesPart(name, key, plain(look.table[key]).combine_chunks(), groups.read(look.table))


def text_block(look: Scan, node: str, column: TextColumn, missing: str) -> BlockPart:
    """A text column of the interactions: each distinct text is encoded once.

    Raises
    ------
    DataError : no text, numbers, or missing texts that may not be filled in.
    """
    if look.numeric(column.name):
        raise DataError(f"Column {column.name!r} holds numbers; text({column.name!r}) needs text.")
    if look.missing([column.name]) and missing != "refuse":
        raise DataError(f"A text cannot be filled in: {column.name!r} has missing values. Drop them or write a text.")
    levels = look.levels(column.name)
    matrix, names = _text_matrix(levels.to_pylist(), node, column)
    return BlockPart(node, column.name, levels, matrix, names)


def _text_matrix(texts: list, node: str, column: TextColumn) -> tuple[np.ndarray, tuple[str, ...]]:
    if not texts:
        raise DataError(f"Column {column.name!r} has no text.")
    matrix = encoded([str(text) for text in texts], column)
    return matrix, tuple(f"{node} {k}" for k in range(matrix.shape[1]))


def _look(data: Dataset, side: str) -> ArrowScan:
    table = data.tables[side]
    key = data.keys[side]
    table = table.read() if isinstance(table, Relation) else table
    repeated = table.num_rows - len(sorted_levels(table[key], key))
    if repeated:
        raise DataError(f"{repeated:,} rows of {side!r} repeat the {key!r} of another; keep one row of each.")
    return ArrowScan(table)


def _refuse_incomplete(look: ArrowScan, side: str, names: list[str], fillable: Sequence[str] = ()) -> None:
    missing = {name: n for name, n in look.missing(names).items() if name not in fillable}
    for what, counts in (("Missing", missing), ("Infinite", look.infinite(names))):
        if counts:
            listed = ", ".join(f"{name!r} {n:,}" for name, n in counts.items())
            raise DataError(f"{what} values of {look.table.num_rows:,} rows of {side!r}: {listed}. Fill them in first.")
