"""Rows of a table file, some thousand at a time, without reading it whole."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from causalrec.errors import DataError, MissingColumnsError, MissingDataError

__all__ = ["TableFile", "column_texts", "open_table"]


@dataclass(frozen=True, slots=True, eq=False)
class TableFile:
    """An open table.

    Attributes
    ----------
    schema : pyarrow.Schema
        Of the columns that are read.
    n_rows : int or None
        None where the format does not say.
    batches : iterator of pyarrow.RecordBatch
    """

    schema: Any
    n_rows: int | None
    batches: Iterator[Any]

    def blocks(self, n_rows: int) -> Iterator[Any]:
        """Tables of that many rows, the last one shorter, whatever the batches of the file are."""
        import pyarrow as pa

        held: list[Any] = []
        size = 0
        for batch in self.batches:
            while size + batch.num_rows >= n_rows:
                taken = n_rows - size
                yield pa.Table.from_batches([*held, batch.slice(0, taken)])
                held, size, batch = [], 0, batch.slice(taken)
            held.append(batch)
            size += batch.num_rows
        if size:
            yield pa.Table.from_batches(held)


@contextmanager
def open_table(
    path: str | Path, columns: Sequence[str] | None, batch_rows: int, *, text: str = ""
) -> Iterator[TableFile]:
    """Open a .parquet, .arrow, .feather, .csv or .tsv file, the last two also packed as .gz.

    Parameters
    ----------
    columns : sequence of str, optional
        Those that are read; default all.
    text : str
        Column that is text whatever its first rows look like, where the format does not say; only what is empty
        there is missing.

    Raises
    ------
    MissingDataError : no such file.
    DataError : the file is not what its name says.
    MissingColumnsError : columns that it lacks.
    """
    import pyarrow as pa

    path = Path(path)
    if not path.is_file():
        raise MissingDataError(f"There is no file {str(path)!r}.")
    kind = path.name.lower().removesuffix(".gz").rpartition(".")[2]
    opened = {"csv": _csv, "tsv": _csv, "arrow": _arrow, "feather": _arrow}.get(kind, _parquet)
    try:
        file, schema, n_rows, read = opened(path, text)
    except (pa.ArrowException, OSError) as error:
        raise _unreadable(path, error) from error
    with file:
        wanted = list(schema.names if columns is None else columns)
        if lost := [name for name in wanted if name not in schema.names]:
            raise MissingColumnsError(lost, path.name, schema.names)
        schema = pa.schema([schema.field(name) for name in wanted])
        yield TableFile(schema, n_rows, _readable(path, read(wanted, batch_rows)))


def column_texts(column: Any, first: int, name: str) -> list[Any]:
    """Values of a block's column, `first` rows into the table.

    Raises
    ------
    DataError : a text that is not valid UTF-8.
    """
    try:
        return column.to_pylist()
    except UnicodeDecodeError as error:
        row = first + next(_undecodable(column))
        raise DataError(
            f"Row {row} of column {name!r} is not valid UTF-8 ({error.reason} at byte {error.start}). Write the file "
            "again from its own encoding."
        ) from error


def _undecodable(column: Any) -> Iterator[int]:
    for row, value in enumerate(column):
        try:
            value.as_py()
        except UnicodeDecodeError:
            yield row


def _readable(path: Path, batches: Iterator[Any]) -> Iterator[Any]:
    import pyarrow as pa

    try:
        yield from batches
    except (pa.ArrowException, OSError) as error:
        raise _unreadable(path, error) from error


def _unreadable(path: Path, error: Exception) -> DataError:
    return DataError(f"{str(path)!r} cannot be read as a table: {' '.join(str(error).split())[:300]}")


def _parquet(path: Path, text: str) -> tuple[Any, Any, int, Any]:
    import pyarrow.parquet as pq

    # Without the buffer a row group is read whole, and there are files of one row group.
    file = pq.ParquetFile(path, buffer_size=2**20, pre_buffer=False)

    def read(columns: list[str], rows: int) -> Iterator[Any]:
        for batch in file.iter_batches(rows, columns=columns):
            yield batch.select(columns)

    return file, file.schema_arrow, file.metadata.num_rows, read


def _arrow(path: Path, text: str) -> tuple[Any, Any, None, Any]:
    import pyarrow as pa

    file = pa.ipc.open_file(pa.memory_map(str(path)))

    def read(columns: list[str], rows: int) -> Iterator[Any]:
        for number in range(file.num_record_batches):
            yield file.get_batch(number).select(columns)

    return file, file.schema, None, read


def _csv(path: Path, text: str) -> tuple[Any, Any, None, Any]:
    import pyarrow as pa
    import pyarrow.csv as pc

    delimiter = "\t" if path.name.lower().removesuffix(".gz").endswith(".tsv") else ","
    options = pc.ParseOptions(delimiter=delimiter, newlines_in_values=True)
    converted = pc.ConvertOptions(strings_can_be_null=True, null_values=[""], column_types={text: pa.string()})
    file = pc.open_csv(pa.input_stream(str(path)), parse_options=options, convert_options=converted)

    def read(columns: list[str], rows: int) -> Iterator[Any]:
        for batch in file:
            yield batch.select(columns)

    return file, file.schema, None, read
