import numpy as np
import pytest

from causalrec import Dataset, absorbed
from causalrec.data import Design
from causalrec.errors import DataError, EstimationError
from causalrec.estimation import estimate_effect
from causalrec.estimation.experiments import Switchback, switchback_plan
from causalrec.identification import Estimand
from tests.estimation.planted import SHOWN, exact_interval

N_RUNS = 200
INTERVAL, CARRY = 6, 2


def market(seed, *, n_units=1, n_periods=600, together=False, interval=INTERVAL, effect=1.0):
    """Outcomes with a daily rhythm, noise that lasts, and an effect of which .6 comes one and .4 two periods late."""
    rng = np.random.default_rng(seed)
    n_blocks = n_periods // interval
    on = rng.integers(0, 2, (1 if together else n_units, n_blocks)).repeat(interval, axis=1).astype(float)
    on = np.broadcast_to(on, (n_units, n_periods))
    earlier = [np.column_stack([np.zeros((n_units, k)), on[:, : n_periods - k]]) for k in (1, 2)]
    noise = rng.normal(size=(n_units, n_periods))
    for t in range(1, n_periods):
        noise[:, t] += 0.5 * noise[:, t - 1]
    level = rng.normal(size=(n_units, 1)) * 3 + np.sin(np.arange(n_periods) / 24 * 2 * np.pi)
    y = level + noise + effect * (0.6 * earlier[0] + 0.4 * earlier[1])
    unit, period = np.divmod(np.arange(n_units * n_periods), n_periods)
    return Design(y.ravel(), on.reshape(-1, 1).copy(), np.empty((len(unit), 0)), (unit, period), {})


def fitted(rows, **changed):
    return Switchback("shop", "hour", **{"interval": INTERVAL, "carry_over": CARRY, **changed}).fit(rows)


@pytest.mark.parametrize(("n_units", "together"), [(1, True), (5, False), (5, True)])
def test_intervals_hold_the_effect_of_being_on_all_the_time(n_units, together):
    held = 0
    for seed in range(N_RUNS):
        found = fitted(market(seed, n_units=n_units, together=together))
        low, high = found.effect(SHOWN).interval()
        held += low <= 1.0 <= high
    low, high = exact_interval(held, N_RUNS)
    assert low <= 0.95 <= high


def test_rows_that_still_feel_the_interval_before_bias_the_effect():
    values = [[fitted(market(seed), carry_over=c).value_[0] for c in (0, CARRY)] for seed in range(60)]
    naive, kept = np.mean(values, axis=0)
    spread = np.std(values, axis=0) / np.sqrt(60)
    assert abs(kept - 1) < 4 * spread[1]
    assert naive < 1 - 0.1 - 3 * spread[0]


def test_what_is_left_of_carry_over_is_shown():
    seen = {}
    for carry_over in (0, CARRY):
        found = [fitted(market(s, n_periods=1_200), carry_over=carry_over).diagnostics_ for s in range(40)]
        seen[carry_over] = [one["carry-over left"] / one["its standard error"] for one in found]
    assert np.mean(np.abs(seen[0]) > 1.96) > 0.4
    assert np.mean(np.abs(seen[CARRY]) > 1.96) < 0.2


def test_shared_intervals_are_one_cluster_and_others_are_each_one():
    assert fitted(market(0, n_units=5, together=True)).n_intervals_ == 100
    assert fitted(market(0, n_units=5)).n_intervals_ == 500
    assert fitted(market(0, n_units=5)).diagnostics_["share of rows left out"] == pytest.approx(CARRY / INTERVAL)


def test_permuted_rows_give_the_same_answer():
    rows = market(3, n_units=4)
    one, other = fitted(rows), fitted(rows.rows(np.random.default_rng(0).permutation(rows.n)))
    assert other.value_[0] == pytest.approx(one.value_[0], rel=1e-10)
    assert other.stderr_[0] == pytest.approx(one.stderr_[0], rel=1e-10)
    assert other.diagnostics_["carry-over left"] == pytest.approx(one.diagnostics_["carry-over left"], rel=1e-8)


def test_from_a_table():
    rows = market(1, n_units=3)
    table = {
        "shop": [f"s{code}" for code in rows.absorbed[0]], "hour": rows.absorbed[1],
        "surge": rows.treatments[:, 0].astype(int), "rides": rows.outcome,
    }  # fmt: skip
    data = Dataset.from_frames(table, columns={"place": absorbed("shop"), "clock": absorbed("hour")})
    estimand = Estimand(("surge",), "rides", "adjustment", adjustment=("clock", "place"))
    effect = estimate_effect(estimand, data, estimator=Switchback("shop", "hour", interval=INTERVAL, carry_over=CARRY))
    assert effect.value == pytest.approx(fitted(rows).value_[0], rel=1e-10)
    assert effect.n_clusters["interval"] == 300


def test_bad_input_is_refused():
    rows = market(0, n_units=2)
    with pytest.raises(EstimationError, match="changes within"):
        fitted(rows, interval=5)
    with pytest.raises(EstimationError, match="changes within"):
        fitted(rows, first=1)
    with pytest.raises(DataError, match="leaves nothing of intervals"):
        fitted(rows, carry_over=INTERVAL)
    with pytest.raises(DataError, match="`interval` is 0"):
        fitted(rows, interval=0)
    with pytest.raises(DataError, match=r"must be two columns .* Bind a node to each"):
        fitted(Design(rows.outcome, rows.treatments, rows.covariates, (), {}))
    with pytest.raises(EstimationError, match="on or off"):
        fitted(Design(rows.outcome, rows.treatments + 1, rows.covariates, rows.absorbed, {}))
    with pytest.raises(DataError, match="holds 'a third group' fixed, which a switchback cannot"):
        fitted(Design(rows.outcome, rows.treatments, rows.covariates, (*rows.absorbed, rows.absorbed[0]), {}))
    with pytest.raises(EstimationError, match="The table is empty"):
        fitted(rows.rows(np.zeros(rows.n, dtype=bool)))


# Planning


def test_a_switchback_of_the_planned_length_sees_the_effect_as_often_as_promised():
    history = np.array([market(seed, effect=0.0, n_periods=2_400).outcome for seed in range(3)])
    plan = switchback_plan(history, 0.5, carry_over=CARRY, intervals=(INTERVAL,))
    n_periods = plan.n_periods[0]
    seen = 0
    for seed in range(N_RUNS):
        effect = fitted(market(1_000 + seed, n_periods=n_periods, effect=0.5)).effect(SHOWN)
        low, high = effect.interval()
        seen += not low <= 0 <= high
    low, high = exact_interval(seen, N_RUNS)
    assert low <= 0.8 <= high


def test_noise_that_lasts_asks_for_other_intervals_than_noise_that_does_not():
    rng = np.random.default_rng(0)
    quick = rng.normal(size=(4, 3_000))
    slow = np.cumsum(rng.normal(size=(4, 3_000)), axis=1) * 0.05 + rng.normal(size=(4, 3_000))
    assert switchback_plan(quick, 0.2, carry_over=2).best > switchback_plan(slow, 0.2, carry_over=2).best
    plan = switchback_plan(quick, 0.2, carry_over=2)
    assert plan.spread[plan.intervals.index(12)] == pytest.approx(1 / np.sqrt(10), rel=0.1)
    assert "the best interval is" in str(plan)


def test_histories_that_say_nothing_are_refused():
    with pytest.raises(DataError, match="No interval"):
        switchback_plan(np.zeros((1, 20)), 0.1, carry_over=30)
    with pytest.raises(DataError, match="finite"):
        switchback_plan(np.array([np.nan, 1.0]), 0.1)


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({"carry_over": -1}, "`carry_over` is -1"),
        ({"carry_over": 1.5}, "`carry_over` is 1.5"),
        ({"intervals": (4, 2.5)}, "`intervals` is 2.5"),
        ({"intervals": 4}, "`intervals` is 4"),
        ({"history": [[1.0, 2.0], [3.0]]}, "all rows as long"),
    ],
)
def test_a_plan_refuses_what_is_no_number_of_periods(asked, said):
    given = {"history": np.random.default_rng(0).normal(size=(4, 100)), "effect": 0.2} | asked
    with pytest.raises(DataError, match=said):
        switchback_plan(**given)
