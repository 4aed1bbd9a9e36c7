import json

import pyarrow as pa
import pyarrow.compute as pc
import pytest

from causalrec.data import Dataset, grid
from causalrec.errors import DataError
from causalrec.estimation import Absorbed, EffectEstimate, estimate_effect, grid_regression
from causalrec.identification import Estimand
from causalrec.refutation import Battery, Refutation, refute_effect
from causalrec.refutation.sensitivity.strength import robustness_value

NAN = float("nan")


def attack(name, verdict):
    refuted = NAN if verdict == "not applicable" else 0.001
    return Refutation(
        name, "Is it nothing?", 0.05, refuted, refuted, verdict, "Because.", details={"draw": 1.0, "no": NAN}
    )


@pytest.fixture(scope="module")
def battery(world, attacked):
    return refute_effect(attacked(world.data), world.data, n_draws=5)


def test_all_attacks_are_made(battery, world, attacked):
    assert [r.name for r in battery] == ["placebo in permuted stores", "lead (week ahead)", "hidden confounder"]
    assert all(r.original == attacked(world.data).value for r in battery)
    assert len(battery) == 3
    assert battery[0].name in str(battery)


def test_the_verdict_sorts_attacks_by_what_came_of_them():
    made = Battery((attack("a", "passed"), attack("b", "failed"), attack("c", "not applicable"), attack("d", "passed")))
    assert made.verdict == "passed: a, d; failed: b; not applicable: c"
    assert "Verdict: passed: a, d; failed: b; not applicable: c." in str(made)
    assert made.summary == "1 of 3 attacks shook the effect: b."


def test_what_was_not_tested_is_never_passed():
    made = Battery((attack("a", "not applicable"), attack("b", "not applicable")))
    assert made.verdict == "not applicable: a, b"
    assert "passed" not in str(made).lower()
    assert "±" not in str(made)
    assert Battery(()).verdict == "nothing was tested"


def test_attacks_that_do_not_apply_are_said_so(world, attacked):
    tables = dict(world.data.tables)
    for name in ("visits", "purchases", "treatments"):
        tables[name] = tables[name].filter(pc.is_in(tables[name]["week"], pa.array([0, 2, 4, 6], pa.int16())))
    part = Dataset(tables=tables, columns=world.data.columns)  # no week has a next one
    found = refute_effect(attacked(part), part, n_draws=3)
    assert found[1].verdict == "not applicable"
    assert "not applicable: lead" in found.verdict


def test_the_attacked_design_is_the_one_that_was_estimated(make_world):
    """A mailer is held against coarse groups; against fine ones there would be nothing to attack."""
    data = make_world(2, n_stores=8).data
    tables = data.tables
    chain = tables["treatments"].group_by(["item", "week"]).aggregate([("mailer", "max")]).rename_columns(
        ["item", "week", "mailer"])  # fmt: skip
    stores = sorted(set(tables["visits"]["store"].to_pylist()))
    everywhere = pa.concat_tables(chain.append_column("store", pa.array([s] * chain.num_rows)) for s in stores)
    data = Dataset(tables={**tables, "treatments": everywhere}, columns=data.columns)
    estimand = Estimand(
        ("mailer",), "purchased", "adjustment", adjustment=("item_week_demand", "item_store_availability")
    )
    effect = estimate_effect(estimand, data)
    assert effect.coarse
    found = refute_effect(effect, data, n_draws=3)
    units = grid(data)
    levels = units.levels
    absorbed = Absorbed((levels["store"], levels["four_weeks"]), (levels["week"],))
    expected = robustness_value(grid_regression(units, ("mailer",), absorbed).partial_r2("mailer"))
    assert found[2].details["robustness value"] == pytest.approx(expected)
    assert found[1].verdict in ("passed", "failed")


def test_an_attack_can_be_written_as_json():
    for verdict in ("passed", "not applicable"):
        saved = json.loads(json.dumps(attack("a", verdict).to_dict(), allow_nan=False))
        found = Refutation.from_dict(saved)
        assert (found.name, found.verdict, found.reason) == ("a", verdict, "Because.")
        assert (found.refuted == 0.001) == (verdict == "passed")
        assert saved["details"] == {"draw": 1.0, "no": None}


def test_a_joint_treatment_is_refused(world):
    estimand = Estimand(("display", "mailer"), "purchased", "adjustment")
    effect = EffectEstimate(0.1, 0.01, 10, 9, "", estimand)
    with pytest.raises(DataError, match="display and mailer together"):
        refute_effect(effect, world.data)


def test_two_threads_give_the_answer_of_one_on_a_log(world, attacked):
    effect = attacked(world.data)
    one, two = (refute_effect(effect, world.data, n_draws=5, n_jobs=n_jobs) for n_jobs in (1, 2))
    assert str(one.to_dict()) == str(two.to_dict())
    with pytest.raises(DataError, match="n_jobs is 0"):
        refute_effect(effect, world.data, n_jobs=0)


def test_the_attacks_on_a_log_that_are_asked_for_are_made(world, attacked):
    effect = attacked(world.data)
    found = refute_effect(effect, world.data, attacks=["hidden confounder"])
    assert [one.name for one in found] == ["hidden confounder"]
    with pytest.raises(DataError, match="no attack 'bootstrap': choose among placebo in permuted stores, lead"):
        refute_effect(effect, world.data, attacks=["bootstrap"])
