"""Run steps of cleaning over the interactions."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from causalrec.data.cleaning.log import Log
from causalrec.data.cleaning.report import CleaningReport, Step, StepReport
from causalrec.data.dataset import Dataset
from causalrec.data.relation import Relation, duckdb_reasons, literal, quoted
from causalrec.data.sources import machine_share, parquet_table
from causalrec.errors import DataError
from causalrec.files import replace_atomically

__all__ = ["clean"]


def clean(
    data: Dataset, steps: Sequence[Step] | CleaningReport, *, into: str | Path | None = None
) -> tuple[Dataset, CleaningReport]:
    """A cleaned copy of a flat table, and what each step took.

    Rows keep their order, and the dataset that was handed in stays as it is. A report in place of the
    steps does again what it reports.

    Parameters
    ----------
    data : Dataset
    steps : sequence of steps, or CleaningReport
    into : path, optional
        Parquet file for the result. A table that is larger than memory needs it.

    Raises
    ------
    DataError : a log of visits; a step whose options make no sense; a large table without `into`.
    MissingColumnsError : columns that a step needs.

    Examples
    --------
    >>> from causalrec.data.cleaning import DropDuplicates
    >>> data = Dataset.from_frames({"user": [1, 1, 2], "item": [7, 7, 7]})
    >>> cleaned, report = clean(data, [DropDuplicates()])
    >>> print(report)
    DropDuplicates  3 rows, 1 taken, 2 left
    """
    if data.is_grid:
        raise DataError(f"{data.name!r} is a log of visits; cleaning takes a flat table.")
    table = data.tables["interactions"]
    if isinstance(table, Relation) and into is None:
        raise DataError(f"{data.name!r} is larger than memory; say with `into` which Parquet file the result becomes.")
    steps = tuple(done.step for done in steps.steps) if isinstance(steps, CleaningReport) else tuple(steps)
    done = []
    with _log(table) as log, duckdb_reasons(data.name):
        for step in steps:
            n_before = log.n_rows
            log, counts = step.apply(log)
            done.append(StepReport(step, n_before, log.n_rows, counts))
        result = _result(log, table, into)
    return replace(data, tables={**data.tables, "interactions": result}), CleaningReport(tuple(done))


@contextmanager
def _log(table) -> Iterator[Log]:
    """The interactions as a table of a new database, which is thrown away afterwards."""
    import numpy as np

    names = tuple(table.column_names)
    _refuse_names(names)
    place = "place"
    while any(name.lower().startswith(place) for name in names):  # DuckDB's names know no case
        place += "_"
    home = replace(table, database=None) if isinstance(table, Relation) else Relation("", None, machine_share())
    with home.connection() as connection:
        log = Log(connection, 0, names, place)
        if not isinstance(table, Relation):
            rows = table.append_column(place, [np.arange(table.num_rows)])
            connection.register("given", rows)
            connection.execute(f"CREATE TABLE {log.table} AS SELECT * FROM given")
            connection.unregister("given")
        else:
            _copy(table, log)
        yield log


def _refuse_names(names: tuple[str, ...]) -> None:
    lower = [name.lower() for name in names]
    if twins := [name for name in names if not name or lower.count(name.lower()) > 1]:
        raise DataError(
            f"Columns {', '.join(map(repr, twins))} have no name, or differ by capitals alone; rename them."
        )


def _copy(table: Relation, log: Log) -> None:
    import numpy as np

    for start, rows in enumerate(table.batches(table.column_names, N_COPIED)):
        places = np.arange(rows.num_rows) + start * N_COPIED
        log.connection.register("given", rows.append_column(log.place, [places]))
        verb = f"INSERT INTO {log.table}" if start else f"CREATE TABLE {log.table} AS"
        log.connection.execute(f"{verb} SELECT * FROM given")
        log.connection.unregister("given")


N_COPIED = 1_000_000  # rows that are held in memory while a large table is copied


def _result(log: Log, table, into: str | Path | None):
    names = ", ".join(map(quoted, log.names))
    query = f"SELECT {names} FROM {log.table} ORDER BY {quoted(log.place)}"
    if into is None:
        return log.connection.sql(query).to_arrow_table()

    def write(temporary: Path) -> None:
        log.connection.execute(f"COPY ({query}) TO {literal(str(temporary))} (FORMAT parquet)")

    path = replace_atomically(into, write)
    given = table if isinstance(table, Relation) else Relation("", None, machine_share())
    return parquet_table(path, given.memory_limit, given.temp_directory)
