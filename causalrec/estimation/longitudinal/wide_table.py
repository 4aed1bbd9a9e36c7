"""One row a unit, from a table with one row a unit and period."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

import numpy as np

from causalrec.data import Dataset, Design
from causalrec.data.ids import codes_of, sorted_levels
from causalrec.errors import DataError
from causalrec.estimation.longitudinal.unit_times import unit_times

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["widen"]

INCOMPLETE = ("refuse", "drop")


def widen(
    data: Dataset, *, unit: str, time: str, changing: Sequence[str], baseline: Sequence[str] = (),
    incomplete: str = "refuse",
) -> Dataset:  # fmt: skip
    """A table with one row a unit, in which what changes has a column for each period.

    A column `visits` of periods 1, 2, 3 becomes `visits_1`, `visits_2` and `visits_3`: these are nodes of a graph in
    time, and a plan of `sequential_backdoor` names them.

    Parameters
    ----------
    data : Dataset
        A flat table in memory, one row a unit and period.
    unit, time : str
        Columns; times are numbers at even distances, or dates.
    changing : sequence of str
        Treatments, covariates and outcomes that change.
    baseline : sequence of str
        Columns that are the same in all rows of a unit; they keep their names.
    incomplete : {"refuse", "drop"}
        What to do with units that were not seen in every period. Dropping them assumes that they are missing at random.

    Returns
    -------
    Dataset

    Raises
    ------
    DataError : a unit twice in a period, or not in every one; a baseline column that changes; names that would clash.
    MissingColumnsError : columns that the table lacks.

    Examples
    --------
    >>> rows = {"user": ["b", "a", "a", "b"], "week": [1, 1, 2, 2], "mail": [0, 1, 1, 0], "age": [30, 50, 50, 30]}
    >>> table = widen(Dataset.from_frames(rows), unit="user", time="week", changing=["mail"], baseline=["age"])
    >>> table.tables["interactions"].to_pydict()
    {'user': ['a', 'b'], 'age': [50, 30], 'mail_1': [1, 0], 'mail_2': [1, 0]}
    """
    if incomplete not in INCOMPLETE:
        raise DataError(f"incomplete is {incomplete!r}; choose {' or '.join(map(repr, INCOMPLETE))}.")
    changing, baseline = _names("changing", changing), _names("baseline", baseline)
    table, row, periods = _cells(data, unit, time, (*changing, *baseline))
    whole = (row >= 0).all(axis=1)
    if not whole.all() and incomplete != "drop":
        raise DataError(
            f"{int((~whole).sum()):,} of {len(row):,} values of {unit!r} were not seen in every one of {len(periods)} "
            f"{time}s. Fill in their rows, take fewer {time}s, or pass incomplete='drop' where they are missing at "
            f"random."
        )
    if not whole.any():
        raise DataError(f"No {unit} was seen in every one of {len(periods)} {time}s. Take fewer {time}s.")
    row = row[whole]
    columns = {unit: table[unit].take(row[:, 0])}
    columns |= {name: _constant(table, name, row, unit) for name in baseline}
    later = {f"{name}_{period}": table[name].take(row[:, k]) for name in changing for k, period in enumerate(periods)}
    if clash := sorted(later.keys() & columns.keys()):
        raise DataError(f"The new column {clash[0]!r} is also the name of an old one; rename that.")
    return Dataset.from_frames(columns | later)


def _names(what: str, names: Sequence[str]) -> tuple[str, ...]:
    given = (names,) if isinstance(names, str) or not isinstance(names, Iterable) else tuple(names)
    if not all(isinstance(name, str) for name in given):
        raise DataError(f"`{what}` is {names!r}; it is names of columns.")
    return given


def _cells(
    data: Dataset, unit: str, time: str, names: tuple[str, ...]
) -> tuple[pa.Table, np.ndarray, tuple]:  # fmt: skip
    """The table, the row of each unit and period, and the periods' names."""
    import pyarrow as pa

    if not isinstance(data, Dataset) or data.is_grid:
        raise DataError("`widen` takes a Dataset of a flat table, one row a unit and period.")
    for what, name in (("unit", unit), ("time", time)):
        if not isinstance(name, str):
            raise DataError(f"`{what}` is {name!r}; it is the name of a column.")
    data.require("interactions", (unit, time, *names))
    table = data.tables["interactions"]
    if not isinstance(table, pa.Table):
        raise DataError("A table that is larger than memory cannot be made wide; take a part of it.")
    levels = sorted_levels(table[unit], unit), sorted_levels(table[time], time)
    codes = codes_of(table[unit], levels[0], unit), codes_of(table[time], levels[1], time)
    n = table.num_rows
    rows = Design(
        np.zeros(n), np.zeros((n, 1)), np.empty((n, 0)), codes, {}, absorbed_names=(unit, time), absorbed_levels=levels
    )  # fmt: skip
    row = unit_times(rows, unit, time, gaps="drop").row
    seen = (row >= 0).any(axis=0)
    return table, row[:, seen], tuple(levels[1].to_pylist())


def _constant(table: pa.Table, name: str, row: np.ndarray, unit: str) -> pa.ChunkedArray:
    """A baseline column, one value a unit."""
    codes = codes_of(table[name], sorted_levels(table[name], name), name)[row]
    if n_moved := int((codes != codes[:, :1]).any(axis=1).sum()):
        raise DataError(
            f"{name!r} changes within {n_moved:,} values of {unit!r}, so it is no baseline; see `changing`."
        )
    return table[name].take(row[:, 0])
