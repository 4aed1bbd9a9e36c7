"""Which groups of a design are units and which are periods, and where each unit's rows stand in time."""

from __future__ import annotations

import numpy as np

from causalrec.data.design import Design
from causalrec.errors import DataError

__all__ = ["is_mostly_empty", "rows_by_period", "unit_and_time"]

MOSTLY_EMPTY = 100  # pairs of unit and period for each row, from which a panel is none
N_SMALL = 10_000


def unit_and_time(design: Design, unit: str, time: str, method: str, *, alone: bool) -> tuple[int, int]:
    """Places of units and of periods among the groups that a design holds fixed.

    Parameters
    ----------
    design : Design
    unit, time : str
    method : str
        What asks, for messages.
    alone : bool
        Whether further groups are refused.

    Raises
    ------
    DataError : a stream; a group that is not held fixed, or one too many.
    """
    if design.streamed:
        raise DataError(f"This table is larger than memory, and {method} needs its rows in memory; take a part of it.")
    names = design.absorbed_names or (unit, time, "a third group")[: len(design.absorbed)]
    if unit == time or {unit, time} - set(names):
        raise DataError(
            f"unit={unit!r} and time={time!r} must be two columns whose effects the adjustment set holds fixed; it has "
            f"{', '.join(map(repr, names)) or 'none'}. Bind a node to each: columns={{'{unit}': "
            f"absorbed(common=('{unit}',)), '{time}': absorbed(common=('{time}',))}}."
        )
    if alone and (others := [name for name in names if name not in (unit, time)]):
        raise DataError(
            f"Beside {unit!r} and {time!r} the adjustment set holds {', '.join(map(repr, others))} fixed, which "
            f"{method} cannot. Adjust for it as a covariate, or use AbsorbedRegression."
        )
    return names.index(unit), names.index(time)


def is_mostly_empty(n_rows: int, n_units: int, n_periods: int) -> bool:
    """Whether hardly any unit was seen in two periods, so that a table of all pairs would only cost memory.

    >>> is_mostly_empty(24_000, 4_000, 24_000)
    True
    """
    return n_units * n_periods > MOSTLY_EMPTY * max(n_rows, N_SMALL)


def rows_by_period(u: np.ndarray, period: np.ndarray, shape: tuple[int, int], unit: str, time: str) -> np.ndarray:
    """Row of each unit in each period, -1 where it was not seen; int64, of that shape.

    Raises
    ------
    DataError : a unit twice in a period.

    Examples
    --------
    >>> rows_by_period(np.array([0, 1, 1]), np.array([1, 0, 1]), (2, 2), "shop", "week").tolist()
    [[-1, 0], [1, 2]]
    """
    if n_twice := int((np.bincount(u * shape[1] + period) > 1).sum()):
        raise DataError(
            f"{n_twice:,} pairs of {unit} and {time} have more than one row: take their sum or mean first, or name the "
            f"finer `unit` that was seen again."
        )
    row = np.full(shape, -1)
    row[u, period] = np.arange(len(u))
    return row
