"""Arrow files of (key, vector) rows, written once and memory-mapped."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from causalrec.embedding.int8 import from_int8
from causalrec.files import replace_atomically

__all__ = ["KEY", "Segment", "read_segment", "segment", "write_segment"]

KEY = np.dtype("S32")


@dataclass(frozen=True, slots=True, eq=False)
class Segment:
    """Rows of one file.

    Attributes
    ----------
    keys : S32, shape (n,)
        SHA-256 of each text, ascending.
    values : float32 or int8, shape (n, n_dimensions)
        Views of the mapped file.
    scales : float32, shape (n,), or None
        What 1 of an int8 is worth.
    heads : uint64, shape (n,)
        First eight bytes of each key as a number.
    """

    keys: np.ndarray
    values: np.ndarray
    scales: np.ndarray | None
    heads: np.ndarray

    def positions(self, keys: np.ndarray, heads: np.ndarray) -> np.ndarray:
        """Row of each key here, -1 where it is not; int64, shape (n_keys,).

        Two texts whose keys begin with the same eight bytes would be encoded again, never mixed up.
        """
        rows = np.searchsorted(self.heads, heads)
        rows[rows == len(self.keys)] = 0
        return np.where(self.keys[rows] == keys, rows, -1)

    def vectors(self, rows: np.ndarray) -> np.ndarray:
        """Float32, (n_rows, n_dimensions)."""
        return self.values[rows] if self.scales is None else from_int8(self.values[rows], self.scales[rows])


def segment(keys: np.ndarray, values: np.ndarray, scales: np.ndarray | None = None) -> Segment:
    """Rows in ascending order of their keys."""
    order = np.argsort(keys, kind="stable")
    keys = np.ascontiguousarray(keys[order])
    return Segment(keys, np.ascontiguousarray(values[order]), None if scales is None else scales[order], heads(keys))


def heads(keys: np.ndarray) -> np.ndarray:
    """First eight bytes of each key, so that numbers order as keys do: a search over numbers is ten times faster."""
    return np.ascontiguousarray(keys).view(">u8")[:: KEY.itemsize // 8].astype(np.uint64)


def write_segment(path: Path, rows: Segment) -> Path:
    """One file of these rows; whole or not at all, even where the process is killed.

    Raises
    ------
    OutputError : the folder is read-only or full.
    """
    batch = _record_batch(rows)
    return replace_atomically(path, lambda temporary: _write(temporary, batch))


def read_segment(path: Path) -> Segment | None:
    """The rows of a file, or None where it is not a whole one.

    Raises
    ------
    FileNotFoundError : somebody merged it away in the meantime.
    """
    import pyarrow as pa

    try:
        batch = pa.ipc.open_file(pa.memory_map(str(path))).get_batch(0)
        key, vector = batch.column("key"), batch.column("vector")
        if not len(key):
            return None
        flat = vector.values.to_numpy(zero_copy_only=True)
        keys = np.frombuffer(key.buffers()[1], dtype=KEY, count=len(key))
        scales = batch.column("scale").to_numpy(zero_copy_only=True) if "scale" in batch.schema.names else None
        return Segment(keys, flat.reshape(len(key), vector.type.list_size), scales, heads(keys))
    except FileNotFoundError:
        raise
    # A file cut short by a power failure fails in any of these ways.
    except (pa.ArrowException, OSError, KeyError, AttributeError, ValueError, IndexError):
        return None


def _record_batch(rows: Segment):
    import pyarrow as pa

    key = pa.Array.from_buffers(pa.binary(KEY.itemsize), len(rows.keys), [None, pa.py_buffer(rows.keys)])
    vector = pa.FixedSizeListArray.from_arrays(pa.array(rows.values.reshape(-1)), rows.values.shape[1])
    columns = {"key": key, "vector": vector}
    if rows.scales is not None:
        columns["scale"] = pa.array(rows.scales)
    return pa.record_batch(list(columns.values()), names=list(columns))


def _write(path: Path, batch) -> None:
    import pyarrow as pa

    with open(path, "wb") as file:
        with pa.ipc.new_file(file, batch.schema) as writer:
            writer.write_batch(batch)
        file.flush()
        os.fsync(file.fileno())
