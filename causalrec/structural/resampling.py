"""Which rows a refit takes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from causalrec.errors import DataError, MissingColumnsError
from causalrec.falsification.table import column_names, read_arrays
from causalrec.falsification.variable import n_missing

__all__ = ["cluster_codes", "resampled_rows", "sorted_rows"]


def cluster_codes(data: Any, name: str, n: int) -> np.ndarray:
    """Number of the cluster of each row; int64, shape (n,).

    Raises
    ------
    MissingColumnsError : the table has no such column.
    DataError : fewer than three clusters, missing values, or not one for each of `n` rows.
    """
    known = column_names(data)
    if name not in known:
        raise MissingColumnsError([name], getattr(data, "name", "data"), known)
    array = read_arrays(data, {name: (name,)})[name]
    if array.shape != (n,):
        rows = f"{len(array)} rows" if array.ndim == 1 else f"shape {array.shape}"
        raise DataError(f"Column {name!r} has {rows}; clusters are one name for each of {n:,} rows.")
    if holes := n_missing(array):
        raise DataError(f"Column {name!r} has {holes:,} missing values; say which cluster those rows belong to.")
    codes = np.unique(array.astype(str) if array.dtype == object else array, return_inverse=True)[1]
    if codes.max() < 2:
        raise DataError(f"Column {name!r} has {codes.max() + 1} clusters; resampling them needs three or more.")
    return codes


def resampled_rows(
    n: int, clusters: np.ndarray | None, n_refits: int, random_state: int | Sequence[int]
) -> Iterator[np.ndarray]:
    """Rows of each resample: units, or whole clusters, with replacement."""
    rng = np.random.default_rng(random_state)
    if clusters is None:
        yield from (rng.integers(0, n, n) for _ in range(n_refits))
        return
    order = np.argsort(clusters, kind="stable")
    members = np.split(order, np.flatnonzero(np.diff(clusters[order])) + 1)
    for _ in range(n_refits):
        yield np.concatenate([members[k] for k in rng.integers(0, len(members), len(members))])


def sorted_rows(values: Mapping[str, np.ndarray], *more: np.ndarray) -> np.ndarray:
    """Positions of the rows by what they hold: the same rows in another order give the same draws."""
    columns = [column for array in values.values() for column in (array if array.ndim == 2 else array[:, None]).T]
    return np.lexsort((*more, *columns))
