"""Vectors on disk, found again by what was encoded and how."""

from __future__ import annotations

import hashlib
import logging
import os
import secrets
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from causalrec.embedding.segments import KEY, Segment, read_segment, write_segment
from causalrec.errors import OutputError, ShapeError

__all__ = ["CachedVectors", "EmbeddingCache"]

_MANY_SEGMENTS = 32
_SMALL_SEGMENT = 16 * 2**20  # bytes; merging stays below 32 times this in memory
_ABANDONED = 24 * 3600  # seconds; no writer needs that long for one file

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, eq=False)
class CachedVectors:
    """What a cache knew.

    Attributes
    ----------
    vectors : float32, shape (n_texts, n_dimensions)
        Zeros where unknown; n_dimensions is 0 where nothing is known.
    found : bool, shape (n_texts,)
    """

    vectors: np.ndarray
    found: np.ndarray


class EmbeddingCache:
    """A folder of vectors: one subfolder a fingerprint of the model, in it Arrow files keyed by the text's SHA-256.

    Files are never changed: each writer adds its own, whole or not at all. So a killed process costs only what it
    had not stored yet, and processes may share a folder. Small files are merged once there are many.

    Parameters
    ----------
    folder : str or path
        Made on the first write.

    Examples
    --------
    >>> import tempfile
    >>> cache = EmbeddingCache(tempfile.mkdtemp())
    >>> cache.store("model-a", ["butter"], np.ones((1, 2), dtype=np.float32))
    >>> cache.lookup("model-a", ["milk", "butter"]).found.tolist()
    [False, True]
    """

    def __init__(self, folder: str | os.PathLike[str]):
        self.folder = folder

    def lookup(self, fingerprint: str, texts: Sequence[str]) -> CachedVectors:
        """The vectors of the texts that are known; files that are not whole are passed over.

        Parameters
        ----------
        fingerprint : str
            Of the model and its options.
        texts : sequence of str, length n_texts
        """
        segments = self._segments(fingerprint)
        keys = _keys(texts)
        found = np.zeros(len(keys), dtype=bool)
        vectors = np.zeros((len(keys), segments[0].vectors.shape[1] if segments else 0), dtype=np.float32)
        for segment in segments:
            rows = segment.positions(keys)
            new = (rows >= 0) & ~found
            vectors[new] = segment.vectors[rows[new]]
            found |= new
        return CachedVectors(vectors, found)

    def store(self, fingerprint: str, texts: Sequence[str], vectors: np.ndarray) -> None:
        """Keep vectors, one row a text.

        Raises
        ------
        ShapeError : not one row a text.
        OutputError : the folder cannot be made, is read-only or is full.
        """
        if vectors.ndim != 2 or len(vectors) != len(texts):
            raise ShapeError(
                f"{len(texts)} texts need vectors of shape ({len(texts)}, n_dimensions), not {vectors.shape}."
            )
        if len(texts):
            folder = self._made(fingerprint)
            write_segment(folder / _new_name(), _keys(texts), vectors)

    def merge(self, fingerprint: str) -> None:
        """Merge small files into one where there are many; nothing is lost where two processes do so at once."""
        small = [path for path in self._paths(fingerprint) if _size(path) < _SMALL_SEGMENT]
        if len(small) <= _MANY_SEGMENTS:
            return
        try:
            segments = [segment for path in small if (segment := read_segment(path))]
        except FileNotFoundError:  # another process is merging them
            return
        if not segments:
            return
        keys, first = np.unique(np.concatenate([segment.keys for segment in segments]), return_index=True)
        vectors = np.concatenate([segment.vectors for segment in segments])[first]
        write_segment(self._made(fingerprint) / _new_name(), keys, vectors)
        for path in small:
            path.unlink(missing_ok=True)

    def _segments(self, fingerprint: str) -> list[Segment]:
        for _ in range(5):
            try:
                read = {path: read_segment(path) for path in self._paths(fingerprint)}
            except FileNotFoundError:  # merged away between the listing and the opening
                continue
            for path in (path for path, segment in read.items() if segment is None):
                log.warning("%s is not a whole file of vectors; its texts are encoded again.", path)
            return [segment for segment in read.values() if segment is not None]
        return []

    def _paths(self, fingerprint: str) -> list[Path]:
        return sorted((Path(self.folder).expanduser() / fingerprint).glob("*.arrow"))

    def _made(self, fingerprint: str) -> Path:
        folder = Path(self.folder).expanduser() / fingerprint
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise OutputError(f"Cannot make the cache's folder {str(folder)!r}: {error.strerror or error}.") from error
        _remove_abandoned(folder)
        return folder


def _keys(texts: Sequence[str]) -> np.ndarray:
    return np.array([hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest() for text in texts], dtype=KEY)


def _new_name() -> str:
    # Ascending in time, so that of two vectors of one text the first written is the one that is read.
    return f"{time.time_ns():020d}-{secrets.token_hex(4)}.arrow"


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except FileNotFoundError:
        return 0


def _remove_abandoned(folder: Path) -> None:
    for path in folder.glob(".*.part"):
        try:
            if time.time() - path.stat().st_mtime > _ABANDONED:
                path.unlink()
        except OSError:  # its writer was quicker
            continue
