"""What counts as the vectors of texts."""

from __future__ import annotations

import numpy as np

from causalrec.errors import DataError, ShapeError

__all__ = ["check_vectors"]


def check_vectors(vectors: np.ndarray) -> np.ndarray:
    """A table of finite numbers, one row a text.

    Raises
    ------
    ShapeError : no table of numbers.
    DataError : NaN or infinite values.
    """
    array = np.asarray(vectors)
    if array.ndim != 2 or array.dtype.kind not in "fiu":
        raise ShapeError(f"Vectors are a table of numbers, one row a text, not {array.dtype} of shape {array.shape}.")
    if not np.isfinite(array).all():
        raise DataError(f"{int((~np.isfinite(array)).any(axis=1).sum()):,} vectors hold NaN or infinite values.")
    return array
