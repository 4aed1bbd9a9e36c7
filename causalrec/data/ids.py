"""Ids at the edges, integers inside."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from causalrec.errors import DataError

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["codes_of", "crossed", "in_order", "one_zero", "places_of", "plain", "sorted_levels"]


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

    values, ids = one_zero(plain(values)), one_zero(plain(ids))
    if values.type != ids.type and {str(values.type), str(ids.type)} <= {"string", "large_string"}:
        values, ids = values.cast(pa.large_string()), ids.cast(pa.large_string())
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
    if values.null_count:
        raise DataError(f"{values.null_count:,} of {len(values):,} rows miss {what!r}; drop them or fill it in first.")
    return in_order(one_zero(plain(values)).unique())


def one_zero(values):
    """Floats in which -0.0 is 0.0, since Arrow tells the two apart."""
    import pyarrow as pa
    import pyarrow.compute as pc

    return pc.add(values, 0.0) if pa.types.is_floating(values.type) else values


def in_order(levels: pa.Array) -> pa.Array:
    """The same values in ascending order; texts by their code points."""
    import pyarrow as pa
    import pyarrow.compute as pc

    try:
        return levels.take(pc.array_sort_indices(levels))
    except pa.ArrowNotImplementedError:
        return pa.array(sorted(levels.to_pylist()), type=levels.type)


def plain(values):
    """The values themselves, where they are kept as a dictionary of categories or as views of texts."""
    import pyarrow as pa

    if pa.types.is_dictionary(values.type):
        values = values.cast(values.type.value_type)
    # Arrow's functions know no views, in which polars hands over its texts.
    return values.cast(pa.large_string()) if pa.types.is_string_view(values.type) else values


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
