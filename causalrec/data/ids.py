"""Ids at the edges, integers inside."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from causalrec.errors import DataError

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["codes_of", "crossed", "sorted_levels"]


def codes_of(values: pa.ChunkedArray, ids: pa.Array | pa.ChunkedArray, what: str) -> np.ndarray:
    """Position of each value among `ids`; int64, shape (n_rows,).

    Raises
    ------
    DataError : a value that is not one of them.
    """
    import pyarrow as pa
    import pyarrow.compute as pc

    known = ids.combine_chunks() if isinstance(ids, pa.ChunkedArray) else ids
    codes = pc.index_in(values, value_set=known)
    if codes.null_count:
        strange = values.filter(pc.is_null(codes)).unique().to_pylist()
        raise DataError(f"{len(strange)} {what} are in no list of {what}, the first {strange[:3]}.")
    return codes.to_numpy().astype(np.int64)


def sorted_levels(values: pa.ChunkedArray) -> pa.Array:
    """Distinct values in ascending order, so that codes do not depend on the rows' order."""
    import pyarrow as pa

    levels = values.unique()
    return pa.array(sorted(levels.to_pylist()), type=levels.type)


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
