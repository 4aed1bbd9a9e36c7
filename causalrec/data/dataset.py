"""Tables, and which of their columns plays which node of the graph."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from causalrec.data.columns import Column, NodeColumn
from causalrec.errors import DataError, MissingColumnsError

if TYPE_CHECKING:
    import pyarrow as pa

    from causalrec.data.histories import Histories

__all__ = ["Dataset"]

VISIT_COLUMNS = {  # what each table of a log of visits must have
    "visits": ("user",),
    "purchases": ("user", "item"),
    "treatments": ("item",),
    "items": ("item",),
    "users": ("user",),
}


@dataclass(frozen=True, slots=True, eq=False)
class Dataset:
    """A log of a recommender or shop as Arrow tables, bound to the nodes of a graph.

    Two layouts. A *flat table* has one table, `interactions`, one row a unit. A *log of visits* has
    `visits` (user and context), `purchases` (user, context, item), `treatments` (item, context, one
    column a treatment), `items` and `users`; its units are all visits times all items, and that grid
    is never written down. The context columns are those that `visits` and `treatments` share.

    Attributes
    ----------
    tables : mapping of str to pyarrow.Table
    columns : mapping of str to Column, TextColumn or AbsorbedColumn
        Node of the graph -> how the tables realise it. A node that is not named is its own column.
    name : str
    unit : str
        Unit of the outcome.

    Raises
    ------
    DataError : neither layout.
    MissingColumnsError : a table lacks a column of its layout.

    Examples
    --------
    >>> import pyarrow as pa
    >>> data = Dataset.from_frames(pa.table({"shown": [0, 1, 1], "clicked": [0, 0, 1]}))
    >>> data.n_units
    3
    """

    tables: Mapping[str, pa.Table]
    columns: Mapping[str, NodeColumn] = field(default_factory=dict)
    name: str = "data"
    unit: str = "outcome"

    def __post_init__(self) -> None:
        if "interactions" not in self.tables and not VISIT_COLUMNS.keys() <= self.tables.keys():
            raise DataError(
                f"A dataset holds a flat table `interactions` or the tables {', '.join(VISIT_COLUMNS)}; "
                f"this one has {', '.join(self.tables) or 'none'}."
            )
        if self.is_grid:
            for table, names in VISIT_COLUMNS.items():
                self.require(table, (*names, *(self.context if table in ("visits", "purchases") else ())))

    @classmethod
    def from_frames(cls, interactions, *, columns: Mapping[str, str | NodeColumn] | None = None) -> Dataset:
        """A flat table, one row a unit: pandas, polars, Arrow, or a mapping of columns.

        Nothing that is handed in is changed.
        """
        return cls(tables={"interactions": as_arrow(interactions)}, columns=as_columns(columns))

    @classmethod
    def from_parquet(cls, path: str | Path, *, columns: Mapping[str, str | NodeColumn] | None = None) -> Dataset:
        """A flat table in a Parquet file, one row a unit."""
        import pyarrow.parquet as pq

        return cls(tables={"interactions": pq.read_table(path)}, columns=as_columns(columns), name=Path(path).stem)

    @classmethod
    def from_visits(
        cls, *, visits, purchases, treatments, items, users, columns: Mapping[str, str | NodeColumn] | None = None
    ) -> Dataset:
        """A log of visits: the units are all visits times all items."""
        given = {"visits": visits, "purchases": purchases, "treatments": treatments, "items": items, "users": users}
        return cls(tables={name: as_arrow(frame) for name, frame in given.items()}, columns=as_columns(columns))

    @property
    def is_grid(self) -> bool:
        """Whether the units are visits times items."""
        return "interactions" not in self.tables

    @property
    def context(self) -> tuple[str, ...]:
        """Columns that tell one context (a store in a week) from another."""
        shared = set(self.tables["treatments"].column_names)
        return tuple(name for name in self.tables["visits"].column_names if name in shared)

    @property
    def n_units(self) -> int:
        """Number of units."""
        if not self.is_grid:
            return self.tables["interactions"].num_rows
        return self.tables["visits"].num_rows * self.tables["items"].num_rows

    def column(self, node: str) -> NodeColumn:
        """How the tables realise a node of the graph."""
        return self.columns.get(node, Column(node))

    def column_name(self, node: str) -> str:
        """The one column that holds a node.

        Raises
        ------
        DataError : the node is text, or held fixed by absorbed effects.
        """
        column = self.column(node)
        if not isinstance(column, Column):
            raise DataError(f"{node!r} is {column}; a treatment or an outcome is one column.")
        return column.name

    def require(self, table: str, names: tuple[str, ...]) -> None:
        """Refuse a table that lacks one of these columns; all of them are listed."""
        known = self.tables[table].column_names
        missing = [name for name in names if name not in known]
        if missing:
            raise MissingColumnsError(missing, table, known)

    def with_columns(self, columns: Mapping[str, str | NodeColumn]) -> Dataset:
        """The same tables with some nodes bound otherwise."""
        return replace(self, columns={**self.columns, **as_columns(columns)})

    def window(self, first: int, last: int, *, time: str = "week") -> Dataset:
        """The rows of `first` to `last`, both included, in every table that has the time column."""
        import pyarrow.compute as pc

        def cut(table: pa.Table) -> pa.Table:
            if time not in table.column_names:
                return table
            return table.filter((pc.field(time) >= first) & (pc.field(time) <= last))

        return replace(self, tables={name: cut(table) for name, table in self.tables.items()})

    def on_weekdays(self, *weekdays: int) -> Dataset:
        """Visits and purchases of these days of the week only, Sunday 0; needs the bit column `days`."""
        import pyarrow as pa
        import pyarrow.compute as pc

        mask = pa.scalar(sum(1 << day for day in weekdays), pa.uint8())
        cut = {}
        for name in ("visits", "purchases"):
            self.require(name, ("days",))
            table = self.tables[name]
            cut[name] = table.filter(pc.greater(pc.bit_wise_and(table["days"], mask), 0))
        return replace(self, tables={**self.tables, **cut})

    def histories(self) -> Histories:
        """How often each user bought each item, for recommenders."""
        from causalrec.data.histories import histories

        return histories(self)

    def item_column(self, name: str) -> np.ndarray:
        """One column of the items as text, in the items' order; a missing value is the word 'unknown'."""
        self.require("items", (name,))
        values = self.tables["items"][name].to_pylist()
        return np.array(["unknown" if value is None else str(value) for value in values])

    def __repr__(self) -> str:
        rows = ", ".join(f"{name} {table.num_rows:,}" for name, table in self.tables.items())
        return f"Dataset {self.name!r}: {self.n_units:,} units; rows: {rows}"


def as_arrow(frame) -> pa.Table:
    """Any dataframe, or a mapping of columns, as an Arrow table."""
    import pyarrow as pa

    if isinstance(frame, pa.Table):
        return frame
    if isinstance(frame, Mapping):
        try:
            return pa.table(dict(frame))
        except (pa.ArrowException, TypeError) as error:
            raise DataError(f"These columns make no table: {error}.") from error
    if hasattr(frame, "__arrow_c_stream__"):
        return pa.table(frame)
    raise DataError(f"A table is pandas, polars, Arrow or a mapping of columns, not {type(frame).__name__}.")


def as_columns(columns: Mapping[str, str | NodeColumn] | None) -> dict[str, NodeColumn]:
    """Names of columns stand for plain columns."""
    return {node: Column(value) if isinstance(value, str) else value for node, value in (columns or {}).items()}
