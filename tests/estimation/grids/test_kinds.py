import numpy as np
import pytest

from causalrec.data import grid
from causalrec.errors import EstimationError
from causalrec.estimation import Absorbed, effects_by_kind, grid_regression

NAMES = ("display", "mailer")


@pytest.fixture(scope="module")
def planted(make_world):
    """Items of even number gain .02, the others .2."""
    return make_world(3, n_users=120, n_items=60, by_item=np.where(np.arange(60) % 2, 0.2, 0.02))


@pytest.fixture(scope="module")
def setting(planted):
    units = grid(planted.data)
    return units, Absorbed((units.levels["week"], units.levels["store"]))


def test_recovers_the_effect_of_each_kind(planted, setting):
    found = effects_by_kind(*setting[:1], NAMES, setting[1], planted.kind)
    assert found.kind.tolist() == ["kind 0", "kind 1"]
    assert found.n_items.tolist() == [30, 30]
    assert (np.abs(found.value - [0.02, 0.2]) < 4 * found.stderr).all()
    assert found.value[1] - found.value[0] > 5 * np.hypot(*found.stderr)


def test_a_kind_is_a_regression_of_its_own(planted, setting):
    units, absorbed = setting
    found = effects_by_kind(units, NAMES, absorbed, planted.kind)
    part = units.of_items(planted.kind == "kind 1")
    alone = grid_regression(part, NAMES, absorbed)
    assert (found.value[1], found.stderr[1]) == (alone.coef[0], alone.stderr[0])


def test_base_is_the_mean_outcome_without_the_treatment(planted, setting, expand):
    units, absorbed = setting
    found = effects_by_kind(units, NAMES, absorbed, planted.kind)
    rows = expand(units)
    off = units.treatment("display")[rows.context, rows.item] == 0
    for name, base in zip(found.kind, found.base, strict=True):
        assert base == pytest.approx(rows.outcome[off & (planted.kind[rows.item] == name)].mean())


def test_small_kinds_are_pooled_and_too_few_are_left_out(setting):
    units, absorbed = setting
    kind = np.array(["big"] * 45 + ["a"] * 8 + ["b"] * 7)
    found = effects_by_kind(units, NAMES, absorbed, kind)
    assert found.kind.tolist() == ["big", "other"]
    assert found.n_items.tolist() == [45, 15]
    kind = np.array(["big"] * 55 + ["a"] * 5)
    assert effects_by_kind(units, NAMES, absorbed, kind).kind.tolist() == ["big"]


def test_a_kind_that_is_never_treated_is_left_out(setting):
    from dataclasses import replace

    units, absorbed = setting
    kind = np.array(["shown"] * 30 + ["never"] * 30)
    values = units.cell_values | {"display": units.cell_values["display"] * (units.cell_item < 30)}
    found = effects_by_kind(replace(units, cell_values=values), NAMES, absorbed, kind)
    assert found.kind.tolist() == ["shown"]


def test_a_kind_whose_variation_lies_in_few_items_is_left_out(setting):
    from dataclasses import replace

    units, absorbed = setting
    kind = np.array(["many"] * 30 + ["few"] * 30)
    on = (units.cell_item < 30) | (units.cell_item >= 57)
    values = units.cell_values | {"display": units.cell_values["display"] * on}
    found = effects_by_kind(replace(units, cell_values=values), NAMES, absorbed, kind)
    assert found.kind.tolist() == ["many"]


def test_no_kind_with_enough_items_is_refused(setting):
    units, absorbed = setting
    with pytest.raises(EstimationError, match="None of the 2 kinds has 100 items"):
        effects_by_kind(units, NAMES, absorbed, np.repeat(["a", "b"], 30), min_items=100)
