from dataclasses import replace

import numpy as np
import pyarrow as pa
import pytest

from causalrec.data import Dataset
from causalrec.errors import DataError
from causalrec.estimation import InteractiveDML
from causalrec.refutation.leads.lead import lead
from tests.estimation.planted import exact_interval
from tests.refutation.refuter_worlds import attacked, panel, panel_hidden, plain, rate

N_RUNS = 100
N_POWER = 20


def test_it_is_quiet_without_a_lasting_cause_and_fires_with_one():
    low, high = exact_interval(round(rate(lead, panel, N_RUNS) * N_RUNS), N_RUNS)
    assert low <= 0.05 <= high
    assert rate(lead, panel_hidden, N_POWER) >= 0.8


def test_it_agrees_with_a_regression_in_pandas():
    import statsmodels.formula.api as smf

    world = panel(1)
    frame = world.data.tables["interactions"].to_pandas().sort_values(["user", "week"])
    frame["next"] = frame.groupby("user")["t"].shift(-1)
    frame = frame.dropna()
    fit = smf.ols("y ~ next + t + x", frame).fit(cov_type="cluster", cov_kwds={"groups": frame["user"]})
    found = lead(attacked(world))
    assert found.refuted == pytest.approx(fit.params["next"], rel=1e-9)
    assert found.stderr == pytest.approx(fit.bse["next"], rel=1e-9)
    assert found.details["rows"] == len(frame)


def test_errors_follow_the_units_where_nobody_clustered():
    world = panel(1)
    assert lead(attacked(replace(world, clusters=()))).stderr == pytest.approx(lead(attacked(world)).stderr)


def test_other_estimators_and_any_order_of_rows():
    world = panel_hidden(2)
    assert lead(attacked(world, estimator=InteractiveDML())).verdict == "failed"
    table = world.data.tables["interactions"]
    shuffled = table.take(np.random.default_rng(0).permutation(table.num_rows))
    again = replace(world, data=Dataset.from_frames(shuffled, times={"t": "week"}))
    assert lead(attacked(again)).refuted == pytest.approx(lead(attacked(world)).refuted)


def test_weeks_that_were_not_seen_have_no_next():
    world = panel(0)
    table = world.data.tables["interactions"]
    kept = table.filter(pa.array(np.asarray(table["user"]) != 3))
    found = lead(attacked(replace(world, data=Dataset.from_frames(kept, times={"t": "week"}))))
    assert found.details["rows"] == 99 * 4


def test_what_must_be_bound_is_said():
    assert "bind times=" in lead(attacked(plain(0))).reason
    world = panel(0)
    table = world.data.tables["interactions"].rename_columns(["t", "y", "x", "member", "week"])
    data = Dataset.from_frames(table, times={"t": "week"})
    assert "bind keys=" in lead(attacked(replace(world, data=data, clusters=()))).reason
    bound = Dataset.from_frames(table, times={"t": "week"}, keys={"users": "member"})
    assert lead(attacked(replace(world, data=bound, clusters=()))).verdict == "passed"


def test_a_unit_twice_in_a_period_is_refused():
    world = panel(0)
    table = world.data.tables["interactions"]
    twice = Dataset.from_frames(pa.concat_tables([table, table.slice(0, 3)]), times={"t": "week"})
    with pytest.raises(DataError, match="3 rows stand beside another of the same user and week"):
        lead(attacked(replace(world, data=twice)))


def test_few_rows_with_a_next_period_are_not_applicable():
    found = lead(attacked(panel(0, n_units=10)))
    assert (found.verdict, "40 rows" in found.reason) == ("not applicable", True)


def test_rows_of_no_known_time_have_no_next():
    world = panel(0)
    table = world.data.tables["interactions"]
    week = np.asarray(table["week"])
    unknown = pa.array(week, mask=week >= 3)
    rows = table.set_column(table.column_names.index("week"), "week", unknown)
    found = lead(attacked(replace(world, data=Dataset.from_frames(rows, times={"t": "week"}))))
    assert found.details["rows"] == 100 * 2
    kept = Dataset.from_frames(table.filter(pa.array(week < 3)), times={"t": "week"})
    assert found.refuted == pytest.approx(lead(attacked(replace(world, data=kept))).refuted)
