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

from causalrec.embedding.int8 import from_int8, to_int8
from causalrec.embedding.segments import KEY, Segment, heads, read_segment, segment, write_segment
from causalrec.errors import DataError, OutputError, ShapeError
from causalrec.training.ranges import check_choice

__all__ = ["CachedVectors", "EmbeddingCache"]

STORED = ("float32", "int8")
_MANY_SEGMENTS = 32
_SMALL_SEGMENT = 8 * 2**20  # bytes; merging stays below 33 times this in memory
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
    stored : {"float32", "int8"}
        "int8" takes a quarter of the space. An encoder with such a cache gives the rounded vectors from the first
        run on, so that runs agree; `int8_loss` says what the rounding costs.

    Examples
    --------
    >>> import tempfile
    >>> cache = EmbeddingCache(tempfile.mkdtemp())
    >>> cache.store("model-a", ["butter"], np.ones((1, 2), dtype=np.float32)).tolist()
    [[1.0, 1.0]]
    >>> cache.lookup("model-a", ["milk", "butter"]).found.tolist()
    [False, True]
    """

    def __init__(self, folder: str | os.PathLike[str], *, stored: str = "float32"):
        self.folder = folder
        self.stored = stored
        self._opened: dict[Path, Segment | None] = {}

    def lookup(self, fingerprint: str, texts: Sequence[str]) -> CachedVectors:
        """The vectors of the texts that are known; files that are not whole are passed over.

        Parameters
        ----------
        fingerprint : str
            Of the model and its options.
        texts : sequence of str, length n_texts
        """
        segments = self._segments(fingerprint)
        if not segments:
            return CachedVectors(np.zeros((len(texts), 0), dtype=np.float32), np.zeros(len(texts), dtype=bool))
        keys = _keys(texts)
        first, found = heads(keys), np.zeros(len(keys), dtype=bool)
        vectors = np.zeros((len(keys), segments[0].values.shape[1]), dtype=np.float32)
        wanted = np.argsort(first)  # neighbours in the search are neighbours in the file
        for known in segments:
            rows = known.positions(keys[wanted], first[wanted])
            new = rows >= 0
            vectors[wanted[new]] = known.vectors(rows[new])
            found[wanted[new]] = True
            wanted = wanted[~new]
            if not len(wanted):
                break
        return CachedVectors(vectors, found)

    def store(self, fingerprint: str, texts: Sequence[str], vectors: np.ndarray) -> np.ndarray:
        """Keep vectors, one row a text, and give them as they will be found; float32, shape (n_texts, n_dimensions).

        Raises
        ------
        ShapeError : not one row a text.
        DataError : `stored` is neither float32 nor int8, or `folder` is no path.
        OutputError : the folder cannot be made, is read-only or is full.
        """
        vectors = np.asarray(vectors)
        if vectors.ndim != 2 or len(vectors) != len(texts):
            raise ShapeError(
                f"{len(texts)} texts need vectors of shape ({len(texts)}, n_dimensions), not {vectors.shape}."
            )
        self.check()
        values, scales = to_int8(vectors) if self.stored == "int8" else (np.asarray(vectors, dtype=np.float32), None)
        if len(texts):
            write_segment(self._made(fingerprint) / _new_name(), segment(_keys(texts), values, scales))
        return values if scales is None else from_int8(values, scales)

    def merge(self, fingerprint: str) -> None:
        """Merge small files into one where there are many; nothing is lost where two processes do so at once."""
        while len(small := self._small(fingerprint)) > _MANY_SEGMENTS:
            try:
                whole = {path: rows for path in small[: _MANY_SEGMENTS + 1] if (rows := read_segment(path))}
            except FileNotFoundError:  # another process is merging them
                return
            alike = [path for path, rows in whole.items() if (rows.scales is None) == (self.stored == "float32")]
            if len(alike) < 2:
                return
            name = _new_name(int(alike[0].name.partition("-")[0]))
            write_segment(self._made(fingerprint) / name, _merged([whole[path] for path in alike]))
            for path in alike:
                path.unlink(missing_ok=True)

    def check(self) -> None:
        """Refuse another way to store than the two, and what is no folder.

        Raises
        ------
        DataError : `stored` is neither float32 nor int8, or `folder` is no path.
        """
        check_choice("stored", self.stored, STORED)
        if not isinstance(self.folder, str | os.PathLike):
            raise DataError(f"folder is {self.folder!r}; give the path of the cache's folder.")

    def __getstate__(self) -> dict[str, object]:
        """Open files do not travel."""
        return vars(self) | {"_opened": {}}

    def _small(self, fingerprint: str) -> list[Path]:
        named = [path for path in self._paths(fingerprint) if path.name.partition("-")[0].isdecimal()]
        return [path for path in named if 0 < _size(path) < _SMALL_SEGMENT]

    def _segments(self, fingerprint: str) -> list[Segment]:
        for _ in range(5):
            paths = self._paths(fingerprint)
            try:
                opened = {path: self._opened[path] if path in self._opened else self._read(path) for path in paths}
            except FileNotFoundError:  # merged away between the listing and the opening
                continue
            others = {path: rows for path, rows in self._opened.items() if path.parent.name != fingerprint}
            self._opened = others | opened
            return [rows for rows in opened.values() if rows is not None]
        return []

    def _read(self, path: Path) -> Segment | None:
        found = read_segment(path)
        if found is None:
            log.warning("%s is not a whole file of vectors; its texts are encoded again.", path)
        return found

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


def _merged(segments: Sequence[Segment]) -> Segment:
    keys, first = np.unique(np.concatenate([rows.keys for rows in segments]), return_index=True)
    values = np.concatenate([rows.values for rows in segments])[first]
    scales = [rows.scales for rows in segments if rows.scales is not None]
    return segment(keys, values, np.concatenate(scales)[first] if scales else None)


def _keys(texts: Sequence[str]) -> np.ndarray:
    digests = b"".join(hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest() for text in texts)
    return np.frombuffer(digests, dtype=KEY)


def _new_name(begun: int | None = None) -> str:
    # Ascending in time, so that of two vectors of one text the first written is the one that is read.
    return f"{begun or time.time_ns():020d}-{secrets.token_hex(4)}.arrow"


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
