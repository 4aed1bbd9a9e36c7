import numpy as np
import pandas as pd
import pyfixest as pf
import pytest

import causalrec as cr
from causalrec.data import Design
from causalrec.errors import DataError, EstimationError
from causalrec.estimation import estimate_effect
from causalrec.estimation.longitudinal import DistributedLag
from causalrec.identification import Estimand
from tests.estimation.longitudinal.lagged import EFFECTS, columns, panel
from tests.estimation.planted import exact_interval

N_RUNS = 200
ESTIMAND = Estimand(("on",), "y", "adjustment", ("unit", "week"))


def lags(**parameters):
    return DistributedLag("unit", "week", **parameters)


def test_intervals_of_each_lag_of_the_total_and_of_a_lead_cover():
    hits, totals = [], []
    for seed in range(N_RUNS):
        found = lags(n_lags=2, n_leads=1).fit(panel(seed)).lag_effects_
        low, high = found.interval()
        truth = np.array([0.0, *EFFECTS])
        hits.append((low <= truth) & (truth <= high))
        low, high = found.total.interval()
        totals.append(low <= sum(EFFECTS) <= high)
    for covered in (*np.sum(hits, axis=0), np.sum(totals)):
        low, high = exact_interval(int(covered), N_RUNS)
        assert low <= 0.95 <= high


def test_the_same_as_pyfixest_clustered_by_unit():
    table = pd.DataFrame(columns(3))
    by_unit = table.groupby("unit")["on"]
    table = table.assign(lag1=by_unit.shift(1), lag2=by_unit.shift(2), lead1=by_unit.shift(-1)).dropna()
    oracle = pf.feols("y ~ lead1 + on + lag1 + lag2 | unit + week", table, vcov={"CRV1": "unit"})
    found = lags(n_lags=2, n_leads=1).fit(panel(3)).lag_effects_
    assert found.n == len(table)
    assert found.lags == (-1, 0, 1, 2)
    np.testing.assert_allclose(found.value, oracle.coef(), rtol=1e-8)
    np.testing.assert_allclose(found.stderr, oracle.se(), rtol=1e-6)


def test_a_short_regression_is_biased_where_earlier_treatments_still_work():
    found = [lags(n_lags=0).fit(panel(seed)).value_[0] for seed in range(60)]
    assert abs(np.mean(found) - EFFECTS[0]) > 4 * np.std(found) / np.sqrt(60)


def test_lags_on_a_line_are_found_with_less_error():
    line = tuple(1.0 - 0.25 * lag for lag in range(5))
    rows = panel(1, n_units=80, effects=line)
    free, almon = (lags(n_lags=4, degree=degree).fit(rows).lag_effects_ for degree in (None, 1))
    np.testing.assert_allclose(np.diff(almon.value[1:], n=2), 0, atol=1e-10)
    assert (np.abs(almon.value - line) < 4 * almon.stderr).all()
    assert almon.stderr[2] < free.stderr[2]
    same = lags(n_lags=4, degree=3).fit(rows).lag_effects_
    np.testing.assert_allclose(same.value, free.value, rtol=1e-8)
    exact = Design(*_noiseless(line), absorbed_names=("unit", "week"))
    np.testing.assert_allclose(lags(n_lags=4, degree=1).fit(exact).lag_effects_.value, line, atol=1e-8)


def _noiseless(effects):
    found = columns(2, effects=effects)
    unit, week, on = (found[name] for name in ("unit", "week", "on"))
    y = np.sin(unit) + np.cos(week)
    for lag, effect in enumerate(effects):
        before = np.full(len(y), 0.0)
        before[lag:] = on[: len(y) - lag]
        y = y + effect * before
    return y, on[:, None], np.empty((len(y), 0)), (unit, week), {}


def test_the_door_gives_the_total_and_says_what_it_left_out():
    data = cr.Dataset.from_frames(columns(0), columns={name: cr.absorbed(common=(name,)) for name in ("unit", "week")})
    estimator = lags(n_lags=2, n_leads=1)
    effect = estimate_effect(ESTIMAND, data, estimator=estimator)
    total = estimator.lag_effects_.total
    assert effect.value == pytest.approx(total.value)
    assert effect.stderr == pytest.approx(total.stderr)
    assert effect.n_clusters == {"unit": 40}
    assert effect.target == "total of 3 weeks"
    assert "120 of 560 rows are left out" in str(effect)
    assert "Effect of on on y" in str(estimator.lag_effects_)


def test_rows_in_another_order_and_inputs_untouched():
    rows = panel(4)
    order = np.random.default_rng(0).permutation(rows.n)
    for array in (rows.outcome, rows.treatments, *rows.absorbed):
        array.setflags(write=False)
    first, again = lags(n_lags=2).fit(rows).lag_effects_, lags(n_lags=2).fit(rows.rows(order)).lag_effects_
    np.testing.assert_allclose(again.value, first.value, rtol=1e-9)
    np.testing.assert_allclose(again.covariance, first.covariance, rtol=1e-7, atol=1e-12)


def test_coarser_clusters_are_taken():
    unit = columns(0)["unit"]
    found = lags(n_lags=1).fit(panel(0, clusters={"town": unit // 2})).lag_effects_
    assert found.n_clusters == {"town": 20}


def test_gaps_left_open_leave_out_the_rows_after_them():
    rows = panel(0)
    kept = np.ones(rows.n, dtype=bool)
    kept[5] = False  # week 5 of the first unit
    torn = rows.rows(kept)
    with pytest.raises(DataError, match="gaps='drop'"):
        lags(n_lags=2).fit(torn)
    found = lags(n_lags=2, gaps="drop").fit(torn)
    assert found.lag_effects_.n == 40 * 12 - 3


@pytest.mark.parametrize(
    ("asked", "error", "said"),
    [
        ({"n_lags": -1}, DataError, "n_lags is -1"),
        ({"n_leads": -2}, DataError, "n_leads is -2"),
        ({"n_lags": 2, "degree": 2}, DataError, "degree is 2"),
        ({"n_lags": 2.5}, DataError, "whole number"),
        ({"n_lags": 30}, EstimationError, "No unit was seen in 31 weeks on end"),
    ],
)
def test_what_cannot_be_is_refused(asked, error, said):
    with pytest.raises(error, match=said):
        lags(**asked).fit(panel(0))


def test_two_treatments_and_a_constant_one_are_refused():
    rows = panel(0)
    with pytest.raises(DataError, match="one treatment, not 2"):
        lags().fit(Design(rows.outcome, np.column_stack([rows.treatments] * 2), rows.covariates, rows.absorbed, {}))
    constant = Design(
        rows.outcome, np.ones((rows.n, 1)), rows.covariates, rows.absorbed, {}, absorbed_names=("unit", "week")
    )
    with pytest.raises(EstimationError, match="does not vary"):
        lags(n_lags=1).fit(constant)


def test_few_clusters_are_said_and_two_refused():
    unit = columns(0)["unit"]
    found = lags(n_lags=1).fit(panel(0, clusters={"town": unit // 8})).lag_effects_
    assert "few clusters (5 town)" in found.notes[1]
    with pytest.raises(EstimationError, match="2 of 'town' clusters"):
        lags(n_lags=1).fit(panel(0, clusters={"town": unit // 20}))


def test_a_lead_that_is_not_0_is_said():
    rows = panel(0)
    ahead = np.roll(rows.treatments[:, 0], -1) * (columns(0)["week"] < 13)
    told = Design(
        rows.outcome + ahead, rows.treatments, rows.covariates, rows.absorbed, {}, ("on",),
        absorbed_names=("unit", "week"),
    )  # fmt: skip
    notes = lags(n_lags=2, n_leads=1).fit(told).effect(ESTIMAND).notes
    assert any("the leads are not 0" in note for note in notes)
