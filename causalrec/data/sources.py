"""Where tables come from: files, databases, frames."""

from __future__ import annotations

import glob
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from causalrec.data.relation import Relation, literal, quoted
from causalrec.data.values import refuse_mixed_clocks
from causalrec.errors import DataError, MissingDataError, MissingExtraError

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["as_arrow", "csv_table", "duckdb_table", "machine_share", "parquet_table", "sql_table", "table_of"]

Paths = str | Path | Sequence[str | Path]


def as_arrow(frame) -> pa.Table:
    """Any dataframe, or a mapping of columns, as an Arrow table.

    Raises
    ------
    DataError : it is none of these, columns of different lengths or of mixed values, or two of one name.
    """
    import pyarrow as pa

    if isinstance(frame, pa.Table | Relation):
        return distinct_names(frame)
    if not isinstance(frame, Mapping) and not hasattr(frame, "__arrow_c_stream__"):
        raise DataError(f"A table is pandas, polars, Arrow or a mapping of columns, not {type(frame).__name__}.")
    if hasattr(frame, "items"):
        refuse_mixed_clocks(frame.items())
    try:
        return distinct_names(pa.table(dict(frame) if isinstance(frame, Mapping) else frame))
    except (pa.ArrowException, TypeError, ValueError) as error:
        raise error if isinstance(error, DataError) else DataError(f"These columns make no table: {error}.") from error


def distinct_names(table):
    """The table itself, where no two of its columns have one name."""
    names = table.column_names
    if twins := sorted({name for name in names if names.count(name) > 1}) if len(set(names)) < len(names) else []:
        raise DataError(f"Several columns are called {', '.join(map(repr, twins))}; rename them.")
    return table


def table_of(given, memory_limit: int, temp_directory: str | None = None) -> pa.Table | Relation:
    """A frame, or a table in a file whose name ends in .parquet or .csv."""
    if not isinstance(given, str | Path):
        return as_arrow(given)
    reader = csv_table if str(given).removesuffix(".gz").endswith((".csv", ".tsv")) else parquet_table
    return reader(given, memory_limit, temp_directory)


def machine_share() -> int:
    """A quarter of this machine's memory, in bytes."""
    return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") // 4 if hasattr(os, "sysconf") else 2 * 10**9


def files_of(paths: Paths) -> list[str]:
    """Files that a path, a pattern or a list of them names; those of a pattern in the order of their names.

    Raises
    ------
    MissingDataError : none.
    """
    each = [paths] if isinstance(paths, str | Path) else list(paths)
    found: list[str] = []
    for path in map(str, each):
        exact = [path] if Path(path).exists() else sorted(glob.glob(path, recursive=True))
        for name in exact:
            found += sorted(map(str, Path(name).glob("*.parquet"))) if Path(name).is_dir() else [name]
        if not exact:
            raise MissingDataError(
                f"There is no file {path!r}; give a path, a pattern such as 'log/*.parquet', a list."
            )
    if not found:
        raise MissingDataError(f"There is no file in {', '.join(map(str, each)) or 'an empty list'}.")
    return found


def parquet_table(paths: Paths, memory_limit: int, temp_directory: str | None = None) -> pa.Table | Relation:
    """Parquet files as one table: read where it fits `memory_limit` bytes, left on disk where not."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    files = files_of(paths)
    try:
        about = [pq.read_metadata(name) for name in files]
    except (pa.ArrowException, OSError) as error:
        names = ", ".join(map(repr, files[:3]))
        raise DataError(f"{names} cannot be read as Parquet: {str(error).rstrip('.')}.") from error
    # Dictionaries and runs make a file smaller than its columns are in memory: 8 bytes a value at least.
    size = sum(max(sum(m.row_group(k).total_byte_size for k in range(m.num_row_groups)), 8 * m.num_rows * m.num_columns)
               for m in about)  # fmt: skip
    source = f"read_parquet([{', '.join(map(literal, files))}], hive_partitioning = false)"
    relation = Relation(source, None, memory_limit, temp_directory)
    if size > memory_limit:
        return relation
    return pq.read_table(files[0], partitioning=None) if len(files) == 1 else relation.read()


def csv_table(paths: Paths, memory_limit: int, temp_directory: str | None = None) -> pa.Table | Relation:
    """Text files with a header as one table, types found by DuckDB; read where they fit in memory."""
    files = files_of(paths)
    small = sum(os.path.getsize(name) for name in files) * 4 <= memory_limit  # numbers in text take about as much
    sample = ", sample_size = -1" if small else ""
    source = f"read_csv([{', '.join(map(literal, files))}], header = true{sample})"
    relation = Relation(source, None, memory_limit, temp_directory)
    return relation.read() if small else relation


def duckdb_table(database, table: str, memory_limit: int, temp_directory: str | None = None) -> pa.Table | Relation:
    """A table or view of a DuckDB file or of an open connection; read where it fits in memory.

    Raises
    ------
    MissingDataError : no such file.
    DataError : no such table, or a view that is larger than memory: its order may differ between passes.
    """
    if isinstance(database, str | Path):
        if not Path(database).exists():
            raise MissingDataError(f"There is no DuckDB file {str(database)!r}.")
        database = str(database)
    relation = Relation(quoted(table), database, memory_limit, temp_directory)
    if 16 * len(relation.column_names) * relation.num_rows <= memory_limit:
        return relation.read()
    with relation.connection() as connection:
        found = connection.execute("SELECT count(*) FROM duckdb_views() WHERE view_name = ?", [table]).fetchone()
    if found and found[0]:
        raise DataError(f"The view {table!r} is larger than memory, and its rows have no fixed order; make it a table.")
    return relation


def sql_table(uri: str, query: str) -> pa.Table:
    """What a query of a PostgreSQL database answers, through ADBC; the transaction reads only.

    Raises
    ------
    MissingExtraError : the drivers are not installed.
    DataError : the database does not answer, with its reason.
    """
    try:
        import adbc_driver_postgresql.dbapi as postgresql
    except ImportError as error:
        raise MissingExtraError("adbc-driver-postgresql", "sql") from error
    try:
        with postgresql.connect(uri) as connection, connection.cursor() as cursor:
            cursor.execute("SET TRANSACTION READ ONLY")
            cursor.execute(query)
            return plain_types(cursor.fetch_arrow_table())
    except postgresql.Error as error:
        # The text may name the address; it never holds the password, which stands in `uri` alone.
        raise DataError(f"The database does not answer {query[:80]!r}: {str(error).splitlines()[0]}") from error


def plain_types(table: pa.Table) -> pa.Table:
    """Numbers that a database sent as text of their own type, as floats."""
    import pyarrow as pa

    for place, column in enumerate(table.schema):
        kind = column.type
        if isinstance(kind, pa.OpaqueType):
            values = table.column(place).cast(kind.storage_type)
            values = values.cast(pa.float64()) if kind.type_name == "numeric" else values
            table = table.set_column(place, column.name, values)
    return table
