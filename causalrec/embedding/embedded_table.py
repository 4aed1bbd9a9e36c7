"""A table of texts to a table of vectors, block by block, whole or not at all."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from causalrec.embedding.encoder import Encoder, encoded, is_encoder
from causalrec.embedding.text_blocks import TableFile, column_texts, open_table
from causalrec.errors import DataError, MissingColumnsError, ShapeError
from causalrec.files import replace_atomically
from causalrec.progress import progress
from causalrec.training.ranges import check_whole

__all__ = ["EmbeddedTable", "embed_table"]

VECTOR = "vector"


@dataclass(frozen=True, slots=True)
class EmbeddedTable:
    """What was written.

    Attributes
    ----------
    path : str
    n_texts : int
    n_without : int
        Rows without a text; their vectors are zeros.
    n_dimensions : int
    kept : tuple of str
        Columns that were carried along.
    """

    path: str
    n_texts: int
    n_without: int
    n_dimensions: int
    kept: tuple[str, ...]

    def __str__(self) -> str:
        without = f", {self.n_without:,} of them zeros for want of a text" if self.n_without else ""
        beside = f" beside {', '.join(self.kept)}" if self.kept else ""
        return f"{self.n_texts:,} vectors of {self.n_dimensions:,} dimensions in {self.path}{beside}{without}."

    def to_dict(self) -> dict[str, Any]:
        """The attributes by name."""
        return asdict(self)


def embed_table(
    encoder: Encoder,
    table: str | os.PathLike[str],
    out: str | os.PathLike[str],
    *,
    text: str,
    keep: Sequence[str] | None = None,
    block_texts: int = 8192,
) -> EmbeddedTable:
    """Encode a text column of a file; memory does not depend on its length.

    Parameters
    ----------
    encoder : Encoder
        A `TextEncoder`, or any other.
    table : path
        .parquet, .arrow, .feather, .csv or .tsv (also .gz).
    out : path
        Parquet file: the kept columns, and `vector`, a list of n_dimensions float32. It is put in place whole;
        a run that is killed leaves none, and goes on where it stopped where the encoder has a cache.
    text : str
        Column to encode.
    keep : sequence of str, optional
        Columns that are carried along; default all but the text.
    block_texts : int
        Rows in memory at once.

    Raises
    ------
    MissingDataError : no such file or model.
    DataError : a file that is no table, a column that holds no texts, a text that is not valid Unicode, or an
        output that is the table itself.
    MissingColumnsError : columns that the table lacks.
    OutputError : the output cannot be written.
    """
    check_whole("block_texts", block_texts)
    if not is_encoder(encoder):
        raise DataError(f"{encoder!r} is no encoder; give a TextEncoder, or an object that has `encode(texts)`.")
    if Path(out).exists() and Path(table).exists() and os.path.samefile(table, out):
        raise DataError(f"{os.fspath(out)!r} is the table itself; give the vectors a file of their own.")
    n_dimensions = encoded(encoder, [None]).shape[1]  # whatever is wrong with the model is told before a file is made
    with open_table(
        Path(table), None if keep is None else [*dict.fromkeys([*keep, text])], block_texts, text=text
    ) as opened:
        kept = _kept(opened, text, keep, os.fspath(table))
        written: list[tuple[int, int]] = []
        replace_atomically(
            Path(out), lambda path: written.append(_write(path, encoder, opened, text, kept, n_dimensions, block_texts))
        )
    return EmbeddedTable(os.fspath(out), *written[0], n_dimensions, tuple(kept))


def _kept(opened: TableFile, text: str, keep: Sequence[str] | None, table: str) -> list[str]:
    import pyarrow.types as kinds

    if text not in opened.schema.names:
        raise MissingColumnsError([text], Path(table).name, opened.schema.names)
    kind = opened.schema.field(text).type
    kind = kind.value_type if kinds.is_dictionary(kind) else kind
    if not (kinds.is_string(kind) or kinds.is_large_string(kind) or kinds.is_string_view(kind) or kinds.is_null(kind)):
        raise DataError(f"Column {text!r} of {table!r} holds {kind}, not texts. Choose a column of texts.")
    kept = [name for name in opened.schema.names if name != text or (keep is not None and text in keep)]
    if VECTOR in kept:
        raise DataError(f"{table!r} has a column {VECTOR!r} already; say which columns to keep without it.")
    return kept


def _write(
    path: Path, encoder: Encoder, opened: TableFile, text: str, kept: list[str], n_dimensions: int, block_texts: int
) -> tuple[int, int]:
    import pyarrow as pa
    import pyarrow.parquet as pq

    vector = pa.field(VECTOR, pa.list_(pa.float32(), n_dimensions))
    schema = pa.schema([*(opened.schema.field(name) for name in kept), vector])
    total = None if opened.n_rows is None else -(-opened.n_rows // block_texts)
    n_texts = n_without = 0
    with open(path, "wb") as file, pq.ParquetWriter(file, schema, use_dictionary=kept, compression="zstd") as writer:
        for block in progress(opened.blocks(block_texts), f"encoding {text}", total=total):
            found = encoded(encoder, column_texts(block.column(text), n_texts, text))
            if found.shape[1] != n_dimensions:
                raise ShapeError(
                    f"The encoder gave {found.shape[1]:,} dimensions for a block of {len(found):,} texts and "
                    f"{n_dimensions:,} before: one whose columns depend on the texts beside takes all of them at once."
                )
            vectors = np.ascontiguousarray(found, dtype=np.float32)
            column = pa.FixedSizeListArray.from_arrays(pa.array(vectors.reshape(-1)), n_dimensions)
            writer.write_table(pa.table([*(block.column(name) for name in kept), column], schema=schema))
            n_texts, n_without = n_texts + len(vectors), n_without + int((~vectors.any(axis=1)).sum())
        writer.close()
        file.flush()
        os.fsync(file.fileno())
    return n_texts, n_without
