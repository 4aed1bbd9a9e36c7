"""The grid of some days of the week, from that of all days."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from causalrec.data import Dataset, Grid, grid

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["grid_on_weekdays"]


def grid_on_weekdays(data: Dataset, units: Grid, weekdays: Sequence[int]) -> Grid:
    """`grid(data.on_weekdays(...))`, without coding what `units`, the grid of `data`, has coded.

    Raises
    ------
    DataError : a purchase of these days lies in no visit of them, or there is no visit.
    """
    visit, bought = (_falls_on(data.tables[name], weekdays) for name in ("visits", "purchases"))
    part = replace(
        units, visit_user=units.visit_user[visit], visit_context=units.visit_context[visit],
        bought_user=units.bought_user[bought], bought_context=units.bought_context[bought],
        bought_item=units.bought_item[bought],
    )  # fmt: skip
    visits, purchases = (
        user * units.n_contexts + context
        for user, context in ((part.visit_user, part.visit_context), (part.bought_user, part.bought_context))
    )
    if not len(visits) or not np.isin(purchases, visits).all():
        return grid(data.on_weekdays(*weekdays))
    kept = np.zeros(units.n_contexts, dtype=bool)
    kept[part.visit_context] = True
    return part.only(kept)


def _falls_on(table: pa.Table, weekdays: Sequence[int]) -> np.ndarray:
    """Rows whose bits tell of one of the days; bool, shape (n_rows,)."""
    import pyarrow.compute as pc

    days = pc.fill_null(table["days"], 0).to_numpy()
    return (days & sum(1 << day for day in weekdays)) > 0
