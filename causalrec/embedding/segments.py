"""Arrow files of (key, vector) rows, written once and memory-mapped."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from causalrec.files import replace_atomically

__all__ = ["KEY", "Segment", "read_segment", "write_segment"]

KEY = np.dtype("S32")


@dataclass(frozen=True, slots=True, eq=False)
class Segment:
    """Rows of one file.

    Attributes
    ----------
    keys : S32, shape (n,)
        SHA-256 of each text, ascending.
    vectors : float32, shape (n, n_dimensions)
        Views of the mapped file.
    """

    keys: np.ndarray
    vectors: np.ndarray

    def positions(self, keys: np.ndarray) -> np.ndarray:
        """Row of each key here, -1 where it is not; int64, shape (n_keys,)."""
        rows = np.searchsorted(self.keys, keys)
        rows[rows == len(self.keys)] = 0
        return np.where(self.keys[rows] == keys, rows, -1)


def write_segment(path: Path, keys: np.ndarray, vectors: np.ndarray) -> Path:
    """One file of these rows, sorted by key; whole or not at all, even where the process is killed.

    Raises
    ------
    OutputError : the folder is read-only or full.
    """
    order = np.argsort(keys, kind="stable")
    batch = _record_batch(np.ascontiguousarray(keys[order]), np.ascontiguousarray(vectors[order], dtype=np.float32))
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
        keys, vectors = batch.column("key"), batch.column("vector")
        flat = vectors.values.to_numpy(zero_copy_only=True)
        mapped = np.frombuffer(keys.buffers()[1], dtype=KEY, count=len(keys))
        return Segment(mapped, flat.reshape(len(keys), vectors.type.list_size)) if len(keys) else None
    except FileNotFoundError:
        raise
    # A file cut short by a power failure fails in any of these ways.
    except (pa.ArrowException, OSError, KeyError, AttributeError, ValueError, IndexError):
        return None


def _record_batch(keys: np.ndarray, vectors: np.ndarray):
    import pyarrow as pa

    key = pa.Array.from_buffers(pa.binary(KEY.itemsize), len(keys), [None, pa.py_buffer(keys)])
    vector = pa.FixedSizeListArray.from_arrays(pa.array(vectors.reshape(-1)), vectors.shape[1])
    return pa.record_batch([key, vector], names=["key", "vector"])


def _write(path: Path, batch) -> None:
    import pyarrow as pa

    with open(path, "wb") as file:
        with pa.ipc.new_file(file, batch.schema) as writer:
            writer.write_batch(batch)
        file.flush()
        os.fsync(file.fileno())
