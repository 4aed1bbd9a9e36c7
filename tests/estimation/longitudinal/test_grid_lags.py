import numpy as np
import pytest

import causalrec as cr
from causalrec.data import Design, grid
from causalrec.data.ids import crossed
from causalrec.errors import DataError, EstimationError
from causalrec.estimation.linear.absorbed_regression import AbsorbedRegression
from causalrec.estimation.longitudinal import grid_lag_effects
from causalrec.estimation.longitudinal.grid_lags import shifted_contexts
from causalrec.identification import Estimand
from tests.estimation.longitudinal.lagged_grid import EFFECTS, ESTIMAND, data
from tests.estimation.planted import exact_interval

N_RUNS = 80


def test_intervals_of_each_lag_and_of_the_total_cover():
    hits = []
    for seed in range(N_RUNS):
        found = grid_lag_effects(ESTIMAND, data(seed), n_lags=1, n_leads=1)
        low, high = found.interval()
        truth = np.array([0.0, *EFFECTS])
        total = found.total.interval()
        hits.append([*((low <= truth) & (truth <= high)), total[0] <= sum(EFFECTS) <= total[1]])
    for covered in np.sum(hits, axis=0):
        low, high = exact_interval(int(covered), N_RUNS)
        assert low <= 0.95 <= high, f"{covered} of {N_RUNS}"


def test_the_same_as_a_regression_of_the_rows_written_down(expand):
    log = data(3)
    units = grid(log)
    before = {lag: shifted_contexts(log, units, lag) for lag in (-1, 0, 1)}
    known = np.all([place >= 0 for place in before.values()], axis=0)
    rows = expand(units)
    kept = known[rows.context]
    columns = []
    for name in ("display", "mailer"):
        cells = units.treatment(name)
        columns += [cells[before[lag][rows.context[kept]], rows.item[kept]] for lag in before]
    item, context = rows.item[kept], rows.context[kept]
    absorbed = tuple(crossed(item, units.levels[name][context])[0] for name in ("week", "store"))
    X = np.column_stack(columns)
    written = Design(rows.outcome[kept], X[:, :3], X[:, 3:], absorbed, {})
    oracle = AbsorbedRegression(tolerance=1e-12).fit(written)
    found = grid_lag_effects(ESTIMAND, log, n_lags=1, n_leads=1)
    np.testing.assert_allclose(found.value, oracle.value_, rtol=1e-6)
    assert found.n == kept.sum()


def test_what_is_paid_back_and_what_a_short_regression_hides():
    found = grid_lag_effects(ESTIMAND, data(1, n_users=200, n_stores=12), n_lags=1)
    back = found.paid_back()
    assert abs(back.value - 1 / 3) < 4 * back.stderr
    assert back.stderr < 0.1
    assert found.total.value < found.value[0]


def test_leads_see_what_comes_before_a_display():
    clean = grid_lag_effects(ESTIMAND, data(2, n_users=120), n_lags=1, n_leads=1)
    biased = grid_lag_effects(ESTIMAND, data(2, n_users=120, lead_bias=0.08), n_lags=1, n_leads=1)
    assert clean.leads_test.p_value > 0.01
    assert biased.leads_test.p_value < 1e-4
    assert any("leads are not 0" in note for note in biased.notes)


def test_lags_of_the_mailer_matter():
    log = data(4, n_users=200, n_stores=12)
    alone = grid_lag_effects(ESTIMAND, log, n_lags=1, adjust_lags=False)
    held = grid_lag_effects(ESTIMAND, log, n_lags=1)
    assert alone.lags == held.lags == (0, 1)
    assert (alone.value != held.value).all()


def test_a_polynomial_and_clusters_of_items():
    log = data(5)
    found = grid_lag_effects(ESTIMAND, log, n_lags=3, degree=1, clusters="kind")
    np.testing.assert_allclose(np.diff(found.value[1:], n=2), 0, atol=1e-10)
    assert found.n_clusters["kind"] == 5
    assert found.dof == 4


def test_contexts_some_weeks_before():
    log = data(0)
    units = grid(log)
    back = shifted_contexts(log, units, 2)
    known = back >= 0
    assert (units.levels["store"][back[known]] == units.levels["store"][known]).all()
    assert (units.levels["week"][back[known]] == units.levels["week"][known] - 2).all()


@pytest.mark.parametrize(
    ("estimand", "log", "asked", "error", "said"),
    [
        (Estimand(("display", "mailer"), "purchased", "adjustment"), data(), {}, DataError, "of one treatment"),
        (ESTIMAND, data(), {"time": "day"}, DataError, "no context 'day'"),
        (ESTIMAND, data(), {"time": "store"}, DataError, "whole numbers"),
        (ESTIMAND, data(), {"n_lags": 20}, EstimationError, "in 21 weeks on end"),
        (ESTIMAND, data(), {"n_lags": 1, "degree": 4}, DataError, "degree is 4"),
        (ESTIMAND, cr.Dataset.from_frames({"display": [0, 1]}), {}, DataError, "flat table"),
    ],
)
def test_what_cannot_be_is_refused(estimand, log, asked, error, said):
    with pytest.raises(error, match=said):
        grid_lag_effects(estimand, log, **asked)
