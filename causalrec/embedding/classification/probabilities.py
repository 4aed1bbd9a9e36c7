"""What counts as the probabilities of classes."""

from __future__ import annotations

import numpy as np

from causalrec.errors import DataError, ShapeError

__all__ = ["check_probabilities"]

_ROUNDING = 1e-6


def check_probabilities(probabilities: np.ndarray) -> np.ndarray:
    """A table of two columns or more, rows of sum 1; float64.

    Raises
    ------
    ShapeError : no such table.
    DataError : rows that are no probabilities.
    """
    rows = np.asarray(probabilities)
    if rows.ndim != 2 or rows.shape[1] < 2 or rows.dtype.kind not in "fiu":
        raise ShapeError(f"Probabilities are a table, one row a text, two classes or more; these are {rows.shape}.")
    rows = rows.astype(np.float64)
    wrong = ~((rows >= 0).all(axis=1) & (np.abs(rows.sum(axis=1) - 1) <= _ROUNDING * rows.shape[1]))
    if wrong.any():
        first = int(np.flatnonzero(wrong)[0])
        raise DataError(
            f"{int(wrong.sum()):,} rows are no probabilities, row {first} first ({rows[first].tolist()}): each is 0 or "
            "more and a row has the sum 1."
        )
    return rows
