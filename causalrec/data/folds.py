"""Folds that follow what a row holds, not where it stands."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np

from causalrec.errors import DataError

__all__ = ["cluster_folds", "deal", "row_keys"]

N_NUMBERS = 1 << 16  # numbers that are hashed at once: they stay in the processor's cache
N_SORTED = 100_000  # rows up to which sorting all keys costs nothing that is felt


def row_keys(columns: Iterable[np.ndarray], n: int) -> np.ndarray:
    """One number for what each row holds, the same for equal rows; uint64, shape (n,).

    Parameters
    ----------
    columns : iterable of arrays, each (n,) or (n, p)
    n : int
        Rows.
    """
    keys, width = np.zeros(n, dtype=np.uint64), 0
    for column in columns:
        part = np.asarray(column).reshape(n, -1)
        factors = mixed(np.arange(width, width + part.shape[1], dtype=np.uint64)) | np.uint64(1)
        width += part.shape[1]
        step = max(1, N_NUMBERS // max(1, part.shape[1]))
        for start in range(0, n, step):
            keys[start : start + step] += _hashed(part[start : start + step], factors)
    return mixed(keys)


def _hashed(part: np.ndarray, factors: np.ndarray) -> np.ndarray:
    whole = part + 0.0  # a copy in which -0.0 is 0.0
    if np.isnan(whole.sum()):
        whole[np.isnan(whole)] = np.nan  # NaN of every kind is one
    bits = whole.view(np.uint64)
    bits ^= bits >> np.uint64(32)  # the low half of a round number is empty
    return np.einsum("ij,j->i", bits, factors)


def mixed(keys: np.ndarray) -> np.ndarray:
    """Every bit of a number depends on all of its bits afterwards (Steele, Lea, Flood 2014, OOPSLA)."""
    with np.errstate(over="ignore"):
        keys = keys + np.uint64(0x9E3779B97F4A7C15)
        keys = (keys ^ (keys >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        keys = (keys ^ (keys >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return keys ^ (keys >> np.uint64(31))


def seeded(keys: np.ndarray, random_state: int) -> np.ndarray:
    """Other numbers for the same keys, one set a seed."""
    return mixed(keys ^ mixed(np.array([random_state], dtype=np.int64).view(np.uint64)))


def deal(keys: np.ndarray, n_folds: int, random_state: int = 0, ties: Sequence[np.ndarray] = ()) -> np.ndarray:
    """Folds of equal size, to within the rows of one key, that do not depend on the rows' order; int64, shape (n,).

    Rows of one key are told apart by the ranks of `ties`, so that another unit of the outcome gives the
    same folds. Rows that are equal in those too are dealt out evenly.

    Parameters
    ----------
    keys : uint64, shape (n,)
    n_folds, random_state : int
    ties : sequence of float64 arrays, each (n,)

    Raises
    ------
    DataError : fewer rows than folds, or fewer than two folds.
    """
    refuse_folds(n_folds, len(keys), "rows")
    lots, n = seeded(keys, random_state), len(keys)
    if _many_repeat(lots):
        folds = np.empty(n, dtype=np.int64)
        folds[np.lexsort((seeded(_of_ranks(ties, n), random_state), lots))] = np.arange(n) % n_folds
        return folds
    places = [n * fold // n_folds for fold in range(1, n_folds)]
    folds = np.zeros(n, dtype=np.int64)
    for edge in np.partition(lots, places)[places]:
        folds += lots >= edge
    return folds


def _many_repeat(lots: np.ndarray) -> bool:
    """Whether rows share keys: of few rows any two, of many more than chance puts into one of 2^20 bins.

    Among many rows it sees 0.5% that repeat, or one key of a hundred rows; fewer may stay in one fold.
    """
    n = len(lots)
    if n <= N_SORTED:
        ordered = np.sort(lots)
        return bool((ordered[1:] == ordered[:-1]).any())
    counts = np.bincount((lots >> np.uint64(44)).astype(np.int64)).astype(float)
    pairs, chance = float(counts @ (counts - 1)) / 2, n * (n - 1) / 2 / (1 << 20)
    return pairs > chance + 6 * np.sqrt(chance)


def _of_ranks(ties: Sequence[np.ndarray], n: int) -> np.ndarray:
    keys = np.zeros(n, dtype=np.uint64)
    for column in ties:
        keys = mixed(keys ^ np.unique(column, return_inverse=True)[1].astype(np.uint64))
    return keys


def cluster_folds(sizes: np.ndarray, n_folds: int, random_state: int = 0, name: str = "clusters") -> np.ndarray:
    """Fold of each cluster, large ones dealt out first; int64, shape (n_clusters,).

    Raises
    ------
    DataError : fewer clusters than folds, or fewer than two folds.
    """
    refuse_folds(n_folds, len(sizes), f"clusters of {name!r}")
    lots = seeded(np.arange(len(sizes), dtype=np.uint64), random_state)
    order = np.lexsort((lots, -np.asarray(sizes)))
    turn, place = np.divmod(np.arange(len(sizes)), n_folds)
    folds = np.empty(len(sizes), dtype=np.int64)
    folds[order] = np.where(turn % 2, n_folds - 1 - place, place)  # there and back, so that no fold gets all the large
    return folds


def refuse_folds(n_folds: int, n: int, what: str) -> None:
    if n_folds < 2 or n < n_folds:
        raise DataError(f"{n:,} {what} cannot be split into {n_folds} folds; ask for 2 folds or more, and no more.")
