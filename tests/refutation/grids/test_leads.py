from dataclasses import replace

import numpy as np
import pyarrow as pa
import pytest

from causalrec.data import Dataset, grid
from causalrec.estimation.longitudinal.grid_lags import shifted_contexts
from causalrec.refutation.grids import attacked_grid, lead_test

N_SEEDS = 20


@pytest.fixture(scope="module")
def found(make_world, attacked):
    """Lead tests of clean worlds, and of ones where a hidden cause acts a week ahead of the display."""
    tests = {}
    for early in (0.0, 0.05):
        worlds = [make_world(seed, n_stores=10, early=early) for seed in range(N_SEEDS)]
        tests[early] = [lead_test(attacked_grid(attacked(world.data), world.data)) for world in worlds]
    return tests


def test_clean_worlds_pass_as_often_as_a_test_of_five_per_cent_does(found):
    from scipy.stats import binom

    passed = sum(r.verdict == "passed" for r in found[0.0])
    assert passed >= binom.ppf(0.001, N_SEEDS, 0.95)
    ratios = np.array([r.refuted / r.stderr for r in found[0.0]])
    assert abs(ratios.mean()) < 4 / np.sqrt(N_SEEDS)
    assert 0.5 < ratios.std() < 1.6


def test_worlds_with_a_hidden_cause_fail(found):
    assert sum(r.verdict == "failed" for r in found[0.05]) >= 18
    assert all(r.refuted > 0 for r in found[0.05])
    assert "of the effect in the same regression" in next(r for r in found[0.05] if r.verdict == "failed").reason


def test_the_share_is_against_the_effect_in_the_same_regression(found):
    for r in found[0.0]:
        assert r.details["share"] == pytest.approx(r.refuted / r.details["effect in the same regression"])
        assert r.verdict == ("passed" if abs(r.refuted) < 1.96 * r.stderr else "failed")
        assert r.name == "lead (week ahead)"
        assert "next week's display" in r.question


def test_a_treatment_that_starts_early_fails(make_world, attacked):
    """Half of next week's displays already stand this week, unrecorded."""
    failed = 0
    for seed in range(6):
        world = make_world(seed, n_stores=10)
        units = grid(world.data)
        ahead = shifted_contexts(world.data, units, -1)
        lead = np.zeros((units.n_contexts, units.n_items))
        lead[ahead >= 0] = units.treatment("display")[ahead[ahead >= 0]]
        rng = np.random.default_rng(seed)
        bought = units.bought_user, units.bought_context, units.bought_item
        taken = set(zip(*bought, strict=True))
        more = [
            (u, c, i)
            for u, c in zip(units.visit_user, units.visit_context, strict=True)
            for i in np.flatnonzero(lead[c] * (rng.random(units.n_items) < 0.1))
            if (u, c, i) not in taken
        ]
        store = np.array(sorted(set(world.data.tables["visits"]["store"].to_pylist())))
        user, context, item = np.array(more).T
        extra = pa.table({
            "user": units.users[user], "item": units.items[item], "store": store[units.levels["store"][context]],
            "week": units.levels["week"][context].astype(np.int16),
        })  # fmt: skip
        purchases = pa.concat_tables([world.data.tables["purchases"], extra], promote_options="permissive")
        data = Dataset(tables={**world.data.tables, "purchases": purchases}, columns=world.data.columns)
        failed += lead_test(attacked_grid(attacked(data), data)).verdict == "failed"
    assert failed == 6


def test_the_next_context_is_the_same_store_a_week_later():
    visits = {"user": ["a"] * 5, "store": ["s", "s", "s", "t", "t"], "week": [3, 4, 9, 4, 10]}
    data = Dataset.from_visits(
        visits=visits, purchases={"user": ["a"], "item": ["x"], "store": ["s"], "week": [3]},
        treatments={"item": ["x"], "store": ["s"], "week": [3], "display": [1]}, items={"item": ["x"]},
        users={"user": ["a"]},
    )  # fmt: skip
    units = grid(data)
    ahead = shifted_contexts(data, units, -1)
    stores, weeks = np.array(["s", "t"])[units.levels["store"]], np.array([3, 4, 9, 10])[units.levels["week"]]
    pairs = {(stores[a], weeks[a], stores[b], weeks[b]) for a, b in enumerate(ahead) if b >= 0}
    assert pairs == {("s", 3, "s", 4)}


def test_days_around_the_change_of_weeks_are_left_out(world, attacked):
    """Visits of a Tuesday all count; those of a Saturday do not, and then nothing is left."""
    tables = dict(world.data.tables)
    for name in ("visits", "purchases"):
        days = pa.array(np.full(tables[name].num_rows, 1 << 2), pa.uint8())
        tables[name] = tables[name].append_column("days", days)
    midweek = Dataset(tables=tables, columns=world.data.columns)
    plain, cut = (
        lead_test(attacked_grid(attacked(world.data), world.data)),
        lead_test(attacked_grid(attacked(midweek), midweek)),
    )
    assert cut.refuted == plain.refuted
    assert cut.reason.endswith("Visits of Tuesday to Friday.")
    tables["visits"] = tables["visits"].set_column(
        tables["visits"].column_names.index("days"),
        "days",
        pa.array(np.full(len(tables["visits"]), 1 << 6), pa.uint8()),
    )
    tables["purchases"] = tables["purchases"].slice(0, 0)
    weekend = Dataset(tables=tables, columns=world.data.columns)
    assert lead_test(attacked_grid(attacked(world.data), weekend)).verdict == "not applicable"


def test_without_a_time_it_does_not_apply(world, attacked):
    found = lead_test(attacked_grid(attacked(world.data), world.data), time="month")
    assert found.verdict == "not applicable"
    assert "no column 'month'" in found.reason
    assert np.isnan(found.refuted)


def test_with_one_week_it_does_not_apply(world, attacked):
    week = world.data.window(2, 2)
    found = lead_test(replace(attacked_grid(attacked(world.data), world.data), data=week, units=grid(week)))
    assert found.verdict == "not applicable"
    assert "No visit lies one week before another" in found.reason
