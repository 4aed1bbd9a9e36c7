import numpy as np
import pytest

import causalrec as cr
from causalrec.errors import DataError, EstimationError
from causalrec.estimation.event_study import DifferenceInDifferences
from causalrec.estimation.event_study.panel import panel_of
from causalrec.identification import Estimand
from tests.estimation.event_study.staggered import NEVER, design, panel, some
from tests.estimation.streams import Stream


def of(columns, **parts):
    return panel_of(design(columns, **parts), "unit", "week")


def changed(columns, name, where, value):
    column = columns[name].astype(float).copy()
    column[where] = value
    return columns | {name: column}


def test_starts_and_rows():
    columns = panel(n_units=40)
    found = of(columns)
    starts = columns["cohort"][columns["week"] == 0]
    np.testing.assert_array_equal(found.start, np.where(starts == NEVER, 6, starts))
    assert found.known.all()
    np.testing.assert_array_equal(columns["week"][found.row], np.tile(np.arange(6), (40, 1)))


def test_treatment_that_is_switched_off_is_refused():
    columns = panel()
    early = columns["unit"][columns["cohort"] == 2]
    last = np.isin(columns["unit"], np.unique(early)[:3]) & (columns["week"] == 5)
    with pytest.raises(EstimationError, match=r"'on' is switched off again in 3 of 80 values of 'unit'.*Absorbed"):
        of(changed(columns, "on", last, 0.0))


def test_a_start_within_a_gap_is_refused_and_other_gaps_are_not():
    columns = panel()
    gap = (columns["week"] == columns["cohort"] - 1) & (columns["unit"] < 20)
    n = len(np.unique(columns["unit"][gap]))
    with pytest.raises(EstimationError, match=f"In {n} values of 'unit' 'on' starts after a week that was not seen"):
        of(some(columns, ~gap))
    assert (of(some(columns, columns["week"] != columns["cohort"] + 1)).row < 0).any()


def test_a_unit_twice_in_a_period_is_refused():
    columns = panel()
    twice = some(columns, np.r_[np.arange(480), [5, 9, 9]])
    with pytest.raises(DataError, match="2 pairs of unit and week have more than one row"):
        of(twice)


def test_an_empty_table_is_refused():
    with pytest.raises(EstimationError, match="The table is empty"):
        of(some(panel(), slice(0, 0)))


def test_one_period_and_repeated_cross_sections_are_refused():
    columns = panel()
    with pytest.raises(EstimationError, match="There is one week in the table"):
        of(some(columns, columns["week"] == 3))
    with pytest.raises(EstimationError, match="repeated cross-sections"):
        of(some(columns, columns["week"] == columns["unit"] % 6))


def test_seconds_in_place_of_periods_are_refused():
    columns = panel(n_units=4_000)
    with pytest.raises(
        EstimationError, match="24,000 rows are spread over 4,000 values of 'unit' and 24,000 of 'week'"
    ):
        of(columns | {"week": columns["week"] * 4_000 + columns["unit"]})


def test_doses_and_several_treatments_are_refused():
    columns = panel()
    with pytest.raises(DataError, match="'on' must be 0 or 1 in every row"):
        of(changed(columns, "on", slice(0, 3), 0.5))
    rows = design(columns)
    both = rows.rows(slice(None))
    object.__setattr__(both, "treatments", np.column_stack([rows.treatments, rows.treatments]))
    with pytest.raises(DataError, match="takes one treatment, not 2"):
        panel_of(both, "unit", "week")


def test_weights_that_change_within_a_unit_are_refused():
    columns = panel()
    with pytest.raises(DataError, match="The weight changes within 80 values of 'unit'"):
        of(columns, weight=1.0 + columns["week"])
    with pytest.raises(DataError, match="no unit would count"):
        of(columns, weight=np.zeros(480))
    nothing = np.where(columns["unit"] < 10, 0.0, 1.0)
    without = DifferenceInDifferences("unit", "week").fit(design(some(columns, columns["unit"] >= 10)))
    found = DifferenceInDifferences("unit", "week").fit(design(columns, weight=nothing))
    assert found.value_ == pytest.approx(without.value_, rel=1e-12)


def test_streams_and_infinite_outcomes_are_refused():
    columns = panel()
    with pytest.raises(DataError, match="needs its rows in memory"):
        panel_of(Stream(design(columns)), "unit", "week")
    with pytest.raises(EstimationError, match="not finite"):
        of(changed(columns, "y", 0, np.inf))


def estimated(frame, adjustment=("unit", "week"), bound=("unit", "week"), **names):
    bindings = {name: cr.absorbed(common=(name,)) for name in bound}
    data = cr.Dataset.from_frames(frame, columns=bindings)
    estimator = DifferenceInDifferences(**{"unit": "unit", "time": "week"} | names)
    return cr.estimate(Estimand(("on",), "y", "adjustment", adjustment), data, estimator=estimator)


def test_a_table_without_bindings_is_refused_with_the_way_to_bind():
    columns = panel()
    with pytest.raises(DataError, match=r"it has none. Bind a node to each: .*absorbed\(common=\('unit',\)\)"):
        estimated(columns, bound=())
    with pytest.raises(DataError, match="it has 'unit'"):
        estimated(columns, adjustment=("unit",))


def test_a_third_group_that_is_held_fixed_is_refused():
    rows = design(panel())
    object.__setattr__(rows, "absorbed_names", ())
    assert panel_of(rows, "unit", "week").n_units == 80
    object.__setattr__(rows, "absorbed", (*rows.absorbed, rows.absorbed[0]))
    with pytest.raises(DataError, match="holds 'a third group' fixed"):
        panel_of(rows, "unit", "week")
    columns = panel() | {"shop": np.arange(480) % 7}
    with pytest.raises(DataError, match="holds 'shop' fixed, which a difference of differences cannot"):
        estimated(columns, ("unit", "week", "shop"), ("unit", "week", "shop"))
