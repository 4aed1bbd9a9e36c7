"""The rows that cleaning works on: a table of DuckDB that each step replaces."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from causalrec.data.relation import quoted
from causalrec.errors import DataError, MissingColumnsError

if TYPE_CHECKING:
    import duckdb

__all__ = ["Log"]


@dataclass(frozen=True, slots=True, eq=False)
class Log:
    """Rows between two steps.

    Attributes
    ----------
    connection : DuckDB connection
    number : int
        Steps so far; the rows stand in a table of that number.
    names : tuple of str
        Columns.
    place : str
        Column that keeps the rows' order; none of `names`.
    """

    connection: duckdb.DuckDBPyConnection
    number: int
    names: tuple[str, ...]
    place: str

    @property
    def table(self) -> str:
        """Name of the table, quoted."""
        return quoted(f"step {self.number}")

    @property
    def n_rows(self) -> int:
        """Number of rows."""
        return int(self.ask(f"SELECT count(*) FROM {self.table}")[0])

    def ask(self, sql: str) -> tuple:
        """The one row that a query answers."""
        (row,) = self.connection.sql(sql).fetchall()
        return row

    def require(self, *names: str) -> None:
        """Refuse a log that lacks one of these columns; all of them are listed."""
        missing = [name for name in names if name not in self.names]
        if missing:
            raise MissingColumnsError(missing, "interactions", self.names)

    def kind(self, name: str) -> str:
        """Type of a column, in DuckDB's words."""
        return str(
            self.ask(f"SELECT typeof({quoted(name)}) FROM (SELECT NULL) LEFT JOIN {self.table} ON true LIMIT 1")[0]
        )

    def clock(self, name: str) -> tuple[str, int]:
        """SQL of a time as a number, and how many of its units are a second.

        Raises
        ------
        DataError : text, whose order is not that of time.
        """
        kind = self.kind(name)
        if kind.startswith(("TIMESTAMP", "DATE")):
            return (
                f"epoch_us({quoted(name)}::TIMESTAMPTZ)" if "ZONE" in kind else f"epoch_us({quoted(name)}::TIMESTAMP)",
                10**6,
            )
        if kind == "VARCHAR":
            raise DataError(f"Column {name!r} holds text; make it timestamps or numbers of seconds first.")
        return quoted(name), 1

    def refuse_missing(self, *names: str) -> None:
        """Refuse columns with missing values, with their counts."""
        counts = {name: self.ask(f"SELECT count(*) - count({quoted(name)}) FROM {self.table}")[0] for name in names}
        if any(counts.values()):
            listed = ", ".join(f"{name!r} {n:,}" for name, n in counts.items() if n)
            raise DataError(f"Missing values of {self.n_rows:,} rows: {listed}. Drop those rows first.")

    def made(self, sql: str, *added: str) -> Log:
        """The rows that a query gives, in place of these.

        Raises
        ------
        DataError : a column that is added and there already.
        """
        if taken := [name for name in added if name in self.names]:
            raise DataError(f"Column {', '.join(map(repr, taken))} is there already; give the step another `name`.")
        after = replace(self, number=self.number + 1, names=(*self.names, *added))
        self.connection.execute(f"CREATE TABLE {after.table} AS {sql}")
        self.connection.execute(f"DROP TABLE {self.table}")
        return after

    def keep(self, condition: str) -> Log:
        """The rows that fulfil a condition, which may use window functions."""
        return self.made(f"SELECT {self.listed()} FROM {self.table} QUALIFY {condition}")

    def listed(self, names: Sequence[str] | None = None) -> str:
        """Columns as SQL, the place last."""
        return ", ".join(map(quoted, [*(self.names if names is None else names), self.place]))
