"""Rows of some weeks, and of some days of the week."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from causalrec.data.relation import Relation, quoted

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["on_days", "within"]


def within(table, first: int, last: int, time: str):
    """Rows whose time is `first` to `last`, both included; all rows of a table without that column."""
    import pyarrow.compute as pc

    if time not in table.column_names:
        return table
    if isinstance(table, Relation):
        return table.where(f"{quoted(time)} BETWEEN {int(first)} AND {int(last)}")
    return table.filter((pc.field(time) >= first) & (pc.field(time) <= last))


def on_days(table: pa.Table, weekdays: Sequence[int]) -> pa.Table:
    """Rows of which the bit column `days` has one of these days of the week, Sunday 0."""
    import pyarrow as pa
    import pyarrow.compute as pc

    mask = pa.scalar(sum(1 << day for day in weekdays), pa.uint8())
    return table.filter(pc.greater(pc.bit_wise_and(table["days"], mask), 0))
