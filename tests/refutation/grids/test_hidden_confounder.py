import pytest

from causalrec.data import grid
from causalrec.estimation import Absorbed, estimate_effect, grid_regression
from causalrec.identification import Estimand
from causalrec.refutation.grids import attacked_grid, hidden_confounder
from causalrec.refutation.sensitivity.strength import robustness_value


def test_the_robustness_value_is_that_of_the_regression(world, attacked):
    units = grid(world.data)
    found = hidden_confounder(attacked_grid(attacked(world.data), world.data))
    full = grid_regression(units, ("display", "mailer"), Absorbed((units.levels["store"], units.levels["week"])))
    assert found.details["robustness value"] == pytest.approx(robustness_value(full.partial_r2("display")))
    without = grid_regression(units, ("display", "mailer"), Absorbed((units.levels["store"],)))
    moved = without.coef[0] / full.coef[0] - 1
    assert found.details["moved without item_week_demand"] == pytest.approx(moved)


def test_a_large_effect_passes_and_a_small_one_fails(make_world, attacked):
    for effect, verdict in {0.15: "passed", 0.01: "failed"}.items():
        data = make_world(4, n_users=150, n_stores=10, effect=effect).data
        found = hidden_confounder(attacked_grid(attacked(data), data))
        assert found.verdict == verdict
        times = {name: value for name, value in found.details.items() if name.startswith("times ")}
        assert set(times) == {"times item_week_demand", "times item_store_availability", "times mailer"}
        assert (min(times.values()) > 1) == (verdict == "passed")


def test_without_a_covariate_it_does_not_apply(world):
    effect = estimate_effect(Estimand(("display",), "purchased", "adjustment"), world.data)
    found = hidden_confounder(attacked_grid(effect, world.data))
    assert found.verdict == "not applicable"
    assert found.details["robustness value"] > 0
