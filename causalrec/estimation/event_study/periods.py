"""Periods in the order of time, and how far they are apart."""

from __future__ import annotations

import numpy as np

from causalrec.data.design import Design
from causalrec.data.values import is_number
from causalrec.errors import DataError

__all__ = ["clock_of"]


def clock_of(design: Design, way: int, time: str) -> tuple[np.ndarray, tuple, np.ndarray]:
    """Time of each period, its name, and the period of each row.

    Numbers are as far apart as they say, in units of their smallest distance; dates and times are counted in order.
    Without levels the codes themselves are the numbers.

    Returns
    -------
    clock : int64, shape (n_periods,)
        Ascending from 0.
    periods : tuple
    place : int64, shape (n,)

    Raises
    ------
    DataError : text, a column of a table beside, or numbers at uneven distances.

    Examples
    --------
    >>> rows = Design(np.zeros(3), np.zeros((3, 1)), np.zeros((3, 0)), (np.array([4, 0, 2]),), {})
    >>> clock, periods, place = clock_of(rows, 0, "year")
    >>> clock.tolist(), periods, place.tolist()
    ([0, 1, 2], (0, 2, 4), [2, 0, 1])
    """
    codes, place = np.unique(design.absorbed[way], return_inverse=True)
    if not design.absorbed_levels:
        return _even(codes.astype(float), time), tuple(codes.tolist()), place
    levels = design.absorbed_levels[way]
    if levels is None:
        raise DataError(f"The time {time!r} stands in a table of items or users; it must be a column of the rows.")
    levels = levels.take(codes)
    names = tuple(levels.to_pylist())
    if is_number(levels.type):
        return _even(np.array([float(name) for name in names]), time), names, place
    if "string" in str(levels.type):
        raise DataError(
            f"The time {time!r} is text, such as {names[0]!r}, whose order is not that of time; make it a number or a "
            f"date."
        )
    return np.arange(len(names)), names, place


def _even(times: np.ndarray, time: str) -> np.ndarray:
    """Whole multiples of the smallest distance."""
    if len(times) < 2:
        return np.zeros(len(times), dtype=np.int64)
    steps = (times - times[0]) / np.diff(times).min()
    whole = np.rint(steps)
    if (far := np.abs(steps - whole) > 1e-6).any():
        raise DataError(
            f"Values of {time!r} are at uneven distances: {float(times[far][0]):g} is no whole number of steps of "
            f"{float(np.diff(times).min()):g} after {float(times[0]):g}. Number the periods 0, 1, 2, ..."
        )
    return whole.astype(np.int64)
