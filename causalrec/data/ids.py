"""Ids at the edges, integers inside."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from causalrec.errors import DataError

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["codes_of", "crossed", "places_of", "sorted_levels"]


def codes_of(values: pa.ChunkedArray, ids: pa.Array | pa.ChunkedArray, what: str) -> np.ndarray:
    """Position of each value among `ids`; int64, shape (n_rows,).

    Raises
    ------
    DataError : a value that is not one of them, or of another type than they.
    """
    codes = places_of(values, ids, what)
    if (codes < 0).any():
        strange = values.take(np.flatnonzero(codes < 0)).unique().to_pylist()
        raise DataError(f"{len(strange)} {what} are in no list of {what}, the first {strange[:3]}.")
    return codes


def places_of(values: pa.ChunkedArray, ids: pa.Array | pa.ChunkedArray, what: str) -> np.ndarray:
    """Position of each value among `ids`, -1 where it is none of them; int64, shape (n_rows,).

    Raises
    ------
    DataError : the two are of different types.
    """
    import pyarrow as pa
    import pyarrow.compute as pc

    values, ids = _plain(values), _plain(ids)
    known = ids.combine_chunks() if isinstance(ids, pa.ChunkedArray) else ids
    try:
        codes = pc.index_in(values, value_set=known)
    except pa.ArrowException as error:
        raise DataError(f"{what!r} is {values.type} in one table and {known.type} in another; make it one.") from error
    return pc.fill_null(codes, -1).to_numpy().astype(np.int64)


def sorted_levels(values: pa.ChunkedArray, what: str) -> pa.Array:
    """Distinct values in ascending order, so that codes do not depend on the rows' order.

    Raises
    ------
    DataError : missing values.
    """
    import pyarrow as pa

    if values.null_count:
        raise DataError(f"{values.null_count:,} of {len(values):,} rows miss {what!r}; drop them or fill it in first.")
    levels = _plain(values).unique()
    return pa.array(sorted(levels.to_pylist()), type=levels.type)


def _plain(values):
    """The values themselves, where Arrow or pandas keeps them as a dictionary of categories."""
    import pyarrow as pa

    return values.cast(values.type.value_type) if pa.types.is_dictionary(values.type) else values


def crossed(*codes: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """One integer code for each combination that occurs; also the first row of each.

    Returns
    -------
    codes : int64, shape (n_rows,)
    first : int64, shape (n_combinations,)
    """
    joint = np.zeros(len(codes[0]), dtype=np.int64)
    for part in codes:
        joint = joint * (int(part.max(initial=0)) + 1) + part
    _, first, joint = np.unique(joint, return_index=True, return_inverse=True)
    return joint.astype(np.int64), first
