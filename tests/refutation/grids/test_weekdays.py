import dataclasses

import numpy as np
import pyarrow as pa
import pytest

from causalrec.data import Dataset, grid
from causalrec.errors import DataError
from causalrec.refutation.grids.weekdays import grid_on_weekdays

MIDWEEK = (2, 3, 4, 5)


def _with_days(data, seed=0):
    """Every visit falls on one day, and its purchases too."""
    rng, tables = np.random.default_rng(seed), dict(data.tables)
    keys = [key for key in ("user", "store", "week") if key in tables["visits"].column_names]
    day = {key: 1 << int(rng.integers(7)) for key in zip(*(tables["visits"][k].to_pylist() for k in keys), strict=True)}
    for name in ("visits", "purchases"):
        days = [day[key] for key in zip(*(tables[name][k].to_pylist() for k in keys), strict=True)]
        tables[name] = tables[name].append_column("days", pa.array(days, pa.uint8()))
    return Dataset(tables=tables, columns=data.columns)


def _same(one, other):
    for field in dataclasses.fields(one):
        found, told = getattr(one, field.name), getattr(other, field.name)
        pairs = [(found[k], told[k]) for k in told] if isinstance(told, dict) else [(found, told)]
        assert not isinstance(told, dict) or list(found) == list(told)
        for a, b in pairs:
            np.testing.assert_array_equal(a, b)
            assert a.dtype == b.dtype


def test_it_is_the_grid_of_the_days_visits(world):
    data = _with_days(world.data)
    part = grid_on_weekdays(data, grid(data), MIDWEEK)
    _same(part, grid(data.on_weekdays(*MIDWEEK)))
    assert 0 < len(part.visit_user) < len(grid(data).visit_user)


def test_a_purchase_on_a_day_without_a_visit_is_refused_as_by_the_grid(world):
    data = _with_days(world.data)
    days = pa.array(np.full(data.tables["purchases"].num_rows, 1 << 3), pa.uint8())
    bought = data.tables["purchases"]
    bought = bought.set_column(bought.column_names.index("days"), "days", days)
    data = Dataset(tables={**data.tables, "purchases": bought}, columns=data.columns)
    with pytest.raises(DataError, match="no visit") as told:
        grid(data.on_weekdays(*MIDWEEK))
    with pytest.raises(DataError) as found:
        grid_on_weekdays(data, grid(data), MIDWEEK)
    assert str(found.value) == str(told.value)
