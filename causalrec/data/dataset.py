"""Tables, and which of their columns plays which node of the graph."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from causalrec.data.bindings import refuse_strangers
from causalrec.data.columns import Column, NodeColumn
from causalrec.data.periods import on_days, within
from causalrec.data.relation import n_bytes
from causalrec.data.sources import (
    Paths,
    as_arrow,
    csv_table,
    duckdb_table,
    machine_share,
    parquet_table,
    sql_table,
    table_of,
)
from causalrec.errors import DataError, MissingColumnsError

if TYPE_CHECKING:
    import pyarrow as pa

    from causalrec.data.histories import Histories
    from causalrec.graph import CausalGraph

__all__ = ["Dataset", "as_arrow"]

Columns = Mapping[str, "str | NodeColumn"]
KEYS = {"items": "item", "users": "user"}

VISIT_COLUMNS = {  # what each table of a log of visits must have
    "visits": ("user",),
    "purchases": ("user", "item"),
    "treatments": ("item",),
    "items": ("item",),
    "users": ("user",),
}


@dataclass(frozen=True, slots=True, eq=False)
class Dataset:
    """Tables of a recommender or shop, bound to the nodes of a graph.

    Two layouts. A *flat table* has `interactions`, one row a unit; beside it may stand `items` and
    `users`, one row each, whose columns are kept once per item or user, and `social`. A *log of visits* has
    `visits` (user and context), `purchases` (user, context, item), `treatments` (item, context, one
    column a treatment), `items` and `users`; its units are all visits times all items, and that grid
    is never written down. The context columns are those that `visits` and `treatments` share.

    Attributes
    ----------
    tables : mapping of str to pyarrow.Table or Relation
        A table that is larger than memory stays on disk.
    columns : mapping of str to Column, TextColumn or AbsorbedColumn
        Node of the graph -> how the tables realise it. A node that is not named is its own column.
    name : str
    unit : str
        Unit of the outcome.
    times : mapping of str to str
        Node of the graph -> column of `interactions` that says when it was measured or done.
    keys : mapping of str to str
        Column that tells the rows of `items` and `users` apart, and that `interactions` has too.

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
    times: Mapping[str, str] = field(default_factory=dict)
    keys: Mapping[str, str] = field(default_factory=lambda: dict(KEYS))

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
    def from_frames(
        cls, interactions, *, items=None, users=None, social=None, columns: Columns | None = None,
        times: Mapping[str, str] | None = None, keys: Mapping[str, str] | None = None,
    ) -> Dataset:  # fmt: skip
        """A flat table, one row a unit: pandas, polars, Arrow, or a mapping of columns.

        `items`, `users` and `social` may be frames, or Parquet or CSV files. Nothing that is handed in is
        changed.
        """
        return cls._flat(as_arrow(interactions), "data", items, users, social, columns, times, keys)

    @classmethod
    def from_parquet(
        cls, path: Paths, *, items=None, users=None, social=None, columns: Columns | None = None,
        times: Mapping[str, str] | None = None, keys: Mapping[str, str] | None = None,
        memory_limit: str | int | None = None, temp_directory: str | Path | None = None,
    ) -> Dataset:  # fmt: skip
        """A flat table in Parquet files, one row a unit: a path, a pattern, or a list of paths.

        Parameters
        ----------
        memory_limit : str or int, optional
            Such as "2GB". A larger table stays on disk and is streamed, and DuckDB takes no more than
            that. A quarter of the machine's memory where it is not given.
        temp_directory : path, optional
            Folder for what does not fit.
        """
        limit, folder = _limits(memory_limit, temp_directory)
        table = parquet_table(path, limit, folder)
        return cls._flat(table, _stem(path), items, users, social, columns, times, keys)

    @classmethod
    def from_csv(
        cls, path: Paths, *, items=None, users=None, social=None, columns: Columns | None = None,
        times: Mapping[str, str] | None = None, keys: Mapping[str, str] | None = None,
        memory_limit: str | int | None = None, temp_directory: str | Path | None = None,
    ) -> Dataset:  # fmt: skip
        """A flat table in text files with a header; types are found from the values. See `from_parquet`."""
        limit, folder = _limits(memory_limit, temp_directory)
        table = csv_table(path, limit, folder)
        return cls._flat(table, _stem(path), items, users, social, columns, times, keys)

    @classmethod
    def from_duckdb(
        cls, database, table: str, *, items=None, users=None, social=None, columns: Columns | None = None,
        times: Mapping[str, str] | None = None, keys: Mapping[str, str] | None = None,
        memory_limit: str | int | None = None, temp_directory: str | Path | None = None,
    ) -> Dataset:  # fmt: skip
        """A table or view of a DuckDB file, which is opened to read only, or of an open connection.

        See `from_parquet` for the limits; an open connection keeps its own settings. Its temporary tables
        and frames that were registered with it are not seen: hand those to `from_frames`.
        """
        limit, folder = _limits(memory_limit, temp_directory)
        found = duckdb_table(database, table, limit, folder)
        return cls._flat(found, table, items, users, social, columns, times, keys)

    @classmethod
    def from_sql(
        cls, uri: str, query: str, *, items=None, users=None, social=None, columns: Columns | None = None,
        times: Mapping[str, str] | None = None, keys: Mapping[str, str] | None = None,
    ) -> Dataset:  # fmt: skip
        """What a query of a PostgreSQL database answers, one row a unit, read into memory.

        Needs the extra `sql`. The query runs in a transaction that reads only.
        """
        return cls._flat(sql_table(uri, query), "query", items, users, social, columns, times, keys)

    @classmethod
    def _flat(cls, interactions, name: str, items, users, social, columns, times, keys) -> Dataset:
        others = {"items": items, "users": users, "social": social}
        limit, given = machine_share(), {name: table for name, table in others.items() if table is not None}
        tables = {"interactions": interactions, **{name: table_of(table, limit) for name, table in given.items()}}
        data = cls(tables, as_columns(columns), name, times=dict(times or {}), keys={**KEYS, **(keys or {})})
        data.require("interactions", tuple(data.times.values()))
        for table in ("items", "users"):
            if table in tables:
                data.require(table, (data.keys[table],))
        return data

    @classmethod
    def from_visits(cls, *, visits, purchases, treatments, items, users, columns: Columns | None = None) -> Dataset:
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

    def with_columns(self, columns: Columns) -> Dataset:
        """The same tables with some nodes bound otherwise."""
        return replace(self, columns={**self.columns, **as_columns(columns)})

    def check(self, graph: CausalGraph) -> Dataset:
        """The dataset itself, where every binding names a node and every measured node has its columns.

        Raises
        ------
        DataError : names that do not match, all of them, each with the nearest.
        """
        refuse_strangers(self, graph)
        return self

    def window(self, first: int, last: int, *, time: str = "week") -> Dataset:
        """The rows of `first` to `last`, both included, in every table that has the time column."""
        return replace(self, tables={name: within(table, first, last, time) for name, table in self.tables.items()})

    def on_weekdays(self, *weekdays: int) -> Dataset:
        """Visits and purchases of these days of the week only, Sunday 0; needs the bit column `days`."""
        for name in ("visits", "purchases"):
            self.require(name, ("days",))
        cut = {name: on_days(self.tables[name], weekdays) for name in ("visits", "purchases")}
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


def as_columns(columns: Columns | None) -> dict[str, NodeColumn]:
    """Names of columns stand for plain columns."""
    return {node: Column(value) if isinstance(value, str) else value for node, value in (columns or {}).items()}


def _limits(memory_limit: str | int | None, temp_directory: str | Path | None) -> tuple[int, str | None]:
    limit = machine_share() if memory_limit is None else n_bytes(memory_limit)
    if temp_directory is not None and not Path(temp_directory).is_dir():
        raise DataError(f"`temp_directory` {str(temp_directory)!r} is no folder; make it first.")
    return limit, None if temp_directory is None else str(temp_directory)


def _stem(path: Paths) -> str:
    return Path(path).stem if isinstance(path, str | Path) else "data"
