"""Embeddings on disk, found again by the text's content."""

from __future__ import annotations

import hashlib
import os
import uuid
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from causalrec.files import replace_atomically

__all__ = ["EmbeddingCache", "text_key"]


def text_key(text: str) -> bytes:
    """Key of a text: 16 bytes of its SHA-256."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest()[:16]


class EmbeddingCache:
    """A folder of Arrow segments, each written once and then only read.

    Every writer adds a segment of its own under a name of its own, through a temporary file. So two
    processes never write the same file, and one that is killed leaves nothing that a reader would open.

    Parameters
    ----------
    folder : path
        Made on the first write.
    fingerprint : str
        What else the vectors depend on: weights, pooling, precision. Each has a subfolder.
    """

    def __init__(self, folder: str | Path, fingerprint: str):
        self.folder = Path(folder)
        self.fingerprint = fingerprint

    def get(self, keys: Sequence[bytes]) -> dict[bytes, np.ndarray]:
        """The vectors that are there, by key; float32, shape (d,) each."""
        wanted = set(keys)
        found: dict[bytes, np.ndarray] = {}
        for path in sorted(self._place.glob("*.arrow")):
            if wanted <= found.keys():
                break
            found |= _read(path, wanted - found.keys())
        return found

    def put(self, keys: Sequence[bytes], vectors: np.ndarray) -> None:
        """Add vectors, float32, shape (n, d)."""
        import pyarrow as pa
        import pyarrow.feather as feather

        self._place.mkdir(parents=True, exist_ok=True)
        flat = pa.array(np.ascontiguousarray(vectors, dtype=np.float32).ravel())
        table = pa.table({
            "key": pa.array(keys, pa.binary(16)),
            "vector": pa.FixedSizeListArray.from_arrays(flat, vectors.shape[1]),
        })  # fmt: skip
        name = f"{os.getpid()}-{uuid.uuid4().hex}.arrow"
        replace_atomically(
            self._place / name, lambda path: feather.write_feather(table, str(path), compression="uncompressed")
        )

    @property
    def _place(self) -> Path:
        return self.folder / self.fingerprint


def _read(path: Path, wanted: set[bytes]) -> dict[bytes, np.ndarray]:
    """Vectors of one memory-mapped segment; a damaged one counts as empty."""
    import pyarrow as pa
    import pyarrow.feather as feather

    try:
        table = feather.read_table(str(path), memory_map=True).combine_chunks()
    except (pa.ArrowInvalid, OSError):
        return {}
    keys = table["key"].to_pylist()
    if not keys:
        return {}
    values = table["vector"].combine_chunks()
    vectors = values.flatten().to_numpy(zero_copy_only=False).reshape(len(keys), -1)
    return {key: vectors[at] for at, key in enumerate(keys) if key in wanted}
