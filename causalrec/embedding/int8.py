"""Vectors in a quarter of the space, and what that costs."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from causalrec.errors import DataError, ShapeError
from causalrec.training.ranges import check_whole

__all__ = ["Int8Loss", "from_int8", "int8_loss", "to_int8"]

_LEVELS = 127
_N_QUERIES = 1000


@dataclass(frozen=True, slots=True)
class Int8Loss:
    """What vectors lose when they are stored as int8.

    Attributes
    ----------
    n_texts : int
    least_cosine, mean_cosine : float
        Of a vector to its stored self; vectors of zeros lose nothing and are left out.
    neighbors_kept : float
        Share of the nearest neighbours by cosine that are still among the nearest, 0 to 1.
    n_neighbors : int
        Neighbours of each text that were compared.
    bytes_saved : float
        Share of the space, 0 to 1.
    """

    n_texts: int
    least_cosine: float
    mean_cosine: float
    neighbors_kept: float
    n_neighbors: int
    bytes_saved: float

    def __str__(self) -> str:
        return (
            f"int8 takes {self.bytes_saved:.0%} less space for {self.n_texts:,} vectors. Cosine to the full vector: "
            f"{self.mean_cosine:.5f} on average, {self.least_cosine:.5f} at least. Of the {self.n_neighbors} nearest "
            f"neighbours {self.neighbors_kept:.1%} are the same."
        )

    def to_dict(self) -> dict[str, Any]:
        """The attributes by name."""
        return asdict(self)


def to_int8(vectors: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Whole numbers from -127 to 127, int8 (n, d), and what one of them is worth in each row, float32 (n,).

    >>> to_int8(np.array([[0.5, -1.0, 0.0]], dtype=np.float32))[0].tolist()
    [[64, -127, 0]]
    """
    scales = (np.abs(vectors).max(axis=1, initial=0.0) / _LEVELS).astype(np.float32)
    return np.rint(vectors / np.where(scales > 0, scales, 1)[:, None]).astype(np.int8), scales


def from_int8(values: np.ndarray, scales: np.ndarray) -> np.ndarray:
    """The vectors again, float32 (n, d)."""
    return values.astype(np.float32) * scales[:, None]


def int8_loss(vectors: np.ndarray, *, n_neighbors: int = 10) -> Int8Loss:
    """Store vectors as int8 and compare them with themselves.

    Neighbours are compared for up to 1,000 vectors, evenly spaced, among all of them.

    Parameters
    ----------
    vectors : float32, shape (n_texts, n_dimensions)
    n_neighbors : int
        1 or more; fewer where there are not so many other vectors.

    Raises
    ------
    ShapeError : no matrix, or fewer than two vectors that are not zero.
    DataError : `n_neighbors` no whole number of 1 or more, or vectors that are not finite.

    Examples
    --------
    >>> vectors = np.random.default_rng(0).normal(size=(500, 64)).astype(np.float32)
    >>> print(int8_loss(vectors))
    int8 takes 73% less space for 500 vectors. Cosine to the full vector: 0.99998 on average, 0.99996 at least. ...
    """
    kept = _checked(vectors, n_neighbors)
    stored = from_int8(*to_int8(kept))
    full, rounded = _directions(kept), _directions(stored)
    cosines = np.einsum("ij,ij->i", full, rounded, dtype=np.float64)
    n_neighbors = min(n_neighbors, len(kept) - 1)
    size = kept.shape[1]
    return Int8Loss(
        len(kept), float(cosines.min()), float(cosines.mean()), _neighbors_kept(full, rounded, n_neighbors),
        n_neighbors, 1 - (size + 4) / (4 * size),
    )  # fmt: skip


def _checked(vectors: np.ndarray, n_neighbors: int) -> np.ndarray:
    check_whole("n_neighbors", n_neighbors)
    found = np.asarray(vectors, dtype=np.float32)
    if found.ndim != 2:
        raise ShapeError(f"vectors have shape {found.shape}; give one row a text.")
    if not np.isfinite(found).all():
        raise DataError("Some vectors are NaN or infinite; there is nothing to compare.")
    kept = found[found.any(axis=1)]
    if len(kept) < 2:
        raise ShapeError(f"{len(kept)} of {len(found)} vectors are not zero; two at least are needed to compare.")
    return kept


def _directions(vectors: np.ndarray) -> np.ndarray:
    return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)


def _neighbors_kept(full: np.ndarray, rounded: np.ndarray, n_neighbors: int) -> float:
    queries = np.unique(np.linspace(0, len(full) - 1, min(len(full), _N_QUERIES)).astype(int))
    kept = 0
    for block in np.array_split(queries, -(-len(queries) // 100)):
        before, after = (_nearest(vectors, block, n_neighbors) for vectors in (full, rounded))
        kept += sum(len(np.intersect1d(*pair)) for pair in zip(before, after, strict=True))
    return kept / (len(queries) * n_neighbors)


def _nearest(vectors: np.ndarray, queries: np.ndarray, n_neighbors: int) -> np.ndarray:
    cosines = vectors[queries] @ vectors.T
    cosines[np.arange(len(queries)), queries] = -np.inf
    return np.argpartition(-cosines, n_neighbors - 1, axis=1)[:, :n_neighbors]
