"""A table that stays on disk: DuckDB reads what is asked for."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from causalrec.errors import DataError, MissingColumnsError
from causalrec.threads import thread_count

if TYPE_CHECKING:
    import duckdb
    import pyarrow as pa

__all__ = ["Relation", "duckdb_reasons", "literal", "n_bytes", "quoted"]

FLOOR = 100 * 10**6  # bytes below which DuckDB can hardly open a file
UNITS = {"": 1, "B": 1, "KB": 10**3, "MB": 10**6, "GB": 10**9, "TB": 10**12, "KIB": 2**10, "MIB": 2**20, "GIB": 2**30}


def quoted(name: str) -> str:
    """A name of a column or table as SQL, whatever it holds.

    >>> print(quoted('x"; drop table t; --'))
    "x""; drop table t; --"
    """
    if "\0" in name:
        raise DataError(f"A column or table cannot be called {name!r}: it holds a null character.")
    return '"' + name.replace('"', '""') + '"'


def literal(text: str) -> str:
    """A text as SQL."""
    return "'" + text.replace("'", "''") + "'"


def n_bytes(size: str | int) -> int:
    """Bytes of a size such as 2GB.

    >>> n_bytes("1.5 MB"), n_bytes(7)
    (1500000, 7)
    """
    text = str(size).replace(" ", "").upper()
    number = text.rstrip("KMGTIB")
    try:
        found = int(float(number) * UNITS[text[len(number) :]])
    except (ValueError, KeyError, OverflowError):
        found = 0
    if found <= 0:
        raise DataError(f"{size!r} is no size of memory; write a number of bytes, or a text such as '2GB'.")
    return found


@dataclass(frozen=True, slots=True, eq=False)
class Relation:
    """A table that DuckDB reads when asked, in a fixed order of its rows.

    It has the names that an Arrow table has for its columns (`column_names`, `num_rows`, `schema`,
    `table[name]`), so that a column can be taken from either.

    Attributes
    ----------
    source : str
        What stands after FROM, quoted.
    database : str, a DuckDB connection, or None
        Where `source` is found; a file is opened to read only, a connection is used through a cursor of
        its own and keeps its settings. None for files that DuckDB reads by itself.
    memory_limit : int
        Bytes. DuckDB takes half of them, the batches that leave it the rest; it needs 100 MB at least.
    temp_directory : str or None
        Folder for what does not fit; the system's folder for temporary files where None.
    condition : str
        SQL that kept rows fulfil; empty for all.
    """

    source: str
    database: Any = None
    memory_limit: int = 2 * 10**9
    temp_directory: str | None = None
    condition: str = ""
    _known: dict[str, Any] = field(default_factory=dict, repr=False)

    @contextmanager
    def connection(self) -> Iterator[duckdb.DuckDBPyConnection]:
        """A connection of its own, closed at the end; what it wrote to disk is deleted."""
        import duckdb

        if self.database is not None and not isinstance(self.database, str):
            with self.database.cursor() as cursor:
                yield cursor
            return
        with tempfile.TemporaryDirectory(dir=self.temp_directory, ignore_cleanup_errors=True) as folder:
            settings: dict[str, Any] = {
                "memory_limit": f"{max(self.memory_limit // 2, FLOOR)}B",
                "temp_directory": folder,
                "threads": thread_count(),
                "preserve_insertion_order": True,
                "autoinstall_known_extensions": False,
            }
            path = self.database or ":memory:"
            with duckdb.connect(path, read_only=bool(self.database), config=settings) as connection:
                yield connection

    def select(self, what: str, *, then: str = "") -> str:
        """SQL that takes `what` from the kept rows."""
        where = f" WHERE {self.condition}" if self.condition else ""
        return f"SELECT {what} FROM {self.source}{where}{then}"

    def read(self, what: str = "*", then: str = "") -> pa.Table:
        """The answer to `SELECT what` as an Arrow table, whole in memory.

        Raises
        ------
        DataError : DuckDB cannot read the table, with its reason.
        """
        with duckdb_reasons(self.source), self.connection() as connection:
            return connection.sql(self.select(what, then=then)).to_arrow_table()

    def batches(self, names: Sequence[str], n_rows: int) -> Iterator[pa.Table]:
        """Some columns, exactly `n_rows` at a time, the last part shorter; in the rows' own order."""
        import pyarrow as pa

        what = ", ".join(map(quoted, names))
        with (
            duckdb_reasons(self.source),
            self.connection() as connection,
            connection.sql(self.select(what)).to_arrow_reader(n_rows) as reader,
        ):
            held: list[pa.Table] = []
            n_held = 0
            for batch in reader:
                held.append(pa.Table.from_batches([batch]))
                n_held += len(batch)
                while n_held >= n_rows:
                    together = pa.concat_tables(held)
                    yield together.slice(0, n_rows)
                    held, n_held = [together.slice(n_rows)], n_held - n_rows
            if n_held:
                yield pa.concat_tables(held)

    def where(self, condition: str) -> Relation:
        """The rows that fulfil one more condition."""
        both = f"({self.condition}) AND ({condition})" if self.condition else condition
        return replace(self, condition=both, _known={})

    @property
    def schema(self) -> pa.Schema:
        """Names and Arrow types of the columns."""
        if "schema" not in self._known:
            self._known["schema"] = self.read(then=" LIMIT 0").schema
        return self._known["schema"]

    @property
    def column_names(self) -> list[str]:
        """Names of the columns."""
        return self.schema.names

    @property
    def num_rows(self) -> int:
        """Number of rows; counted once."""
        if "num_rows" not in self._known:
            self._known["num_rows"] = self.read("count(*)").column(0)[0].as_py()
        return self._known["num_rows"]

    def __len__(self) -> int:
        return self.num_rows

    def __getitem__(self, name: str) -> pa.ChunkedArray:
        """One column, read into memory."""
        if name not in self.column_names:
            raise MissingColumnsError([name], self.source, self.column_names)
        return self.read(quoted(name)).column(0)


@contextmanager
def duckdb_reasons(source: str) -> Iterator[None]:
    """Errors of DuckDB as ours, which name the table."""
    import duckdb

    try:
        yield
    except duckdb.Error as error:
        raise DataError(f"DuckDB cannot read {source}: {str(error).splitlines()[0]}") from error
