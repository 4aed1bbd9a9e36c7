import numpy as np
import pytest

from causalrec.errors import DataError, EstimationError
from causalrec.estimation.event_study import DifferenceInDifferences, EffectsBy
from tests.estimation.event_study.staggered import design, panel


@pytest.fixture
def table():
    return DifferenceInDifferences("unit", "week").fit(design(panel(n_units=60))).by_event_time_


def test_it_prints_and_becomes_a_frame(table):
    lines = str(table).splitlines()
    assert len(lines) == 1 + len(table.at)
    assert lines[0].split()[:4] == ["event", "time", "effect", "stderr"]
    frame = table.to_frame(0.9)
    assert list(frame["event time"]) == list(table.at)
    assert (frame["band_lower"] < frame["lower"]).all()
    assert frame["upper"].to_numpy() == pytest.approx(table.interval(0.9)[1])


def test_zero_test_is_wald_by_hand(table):
    leads = table.where(np.array(table.at) < 0)
    found = leads.zero_test()
    k = len(leads.at)
    assert found.statistic == pytest.approx(leads.value @ np.linalg.solve(leads.covariance, leads.value) / k)
    assert (found.n_contrasts, found.dof) == (k, 59)


def test_bad_levels_and_too_few_clusters_are_refused(table):
    with pytest.raises(DataError, match="`level` is 95"):
        table.band(95)
    few = EffectsBy("event time", (-3, -2), np.ones(2), np.ones(2), np.ones((2, 2)), np.ones(2, dtype=int), 1.0)
    with pytest.raises(EstimationError, match="2 effects by event time and 2 units or clusters, too few"):
        few.zero_test()


def test_group_times_have_an_error_where_both_sides_have_a_spread():
    columns = panel(n_units=60)
    found = DifferenceInDifferences("unit", "week").fit(design(columns))
    frame = found.group_times_.to_frame()
    assert np.isfinite(frame["stderr"]).all()
    assert len(frame) == 10
    cohort = columns["cohort"] == 4
    alone = np.unique(columns["unit"][cohort])[0]
    kept = ~cohort | (columns["unit"] == alone)
    single = DifferenceInDifferences("unit", "week").fit(design({n: c[kept] for n, c in columns.items()}))
    mine = single.group_times_.to_frame()
    assert np.isnan(mine["stderr"][mine["cohort"] == 4]).all()
    assert single.by_cohort_.at == (2,)
