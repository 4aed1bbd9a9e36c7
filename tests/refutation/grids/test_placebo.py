import numpy as np
import pytest

from causalrec.data import grid
from causalrec.estimation import Absorbed, grid_regression
from causalrec.refutation.grids import attacked_grid, permuted_placebo
from causalrec.refutation.grids.placebo import _time
from causalrec.refutation.placebo.strata import permuted_within


def placebo(data, effect, **options):
    return permuted_placebo(attacked_grid(effect, data), **options)


@pytest.fixture(scope="module")
def found(make_world, attacked):
    worlds = [make_world(seed, n_stores=10) for seed in range(10)]
    return [placebo(world.data, attacked(world.data)) for world in worlds]


def test_the_placebo_is_centred_at_zero(found):
    means = np.array([r.refuted for r in found])
    errors = np.array([r.stderr for r in found]) / np.sqrt(20)
    assert (np.abs(means) < 4.5 * errors).all()
    assert abs((means / errors).mean()) < 4 / np.sqrt(10)


def test_planted_effects_pass(found):
    assert sum(r.verdict == "passed" for r in found) >= 9
    assert all(len(r.reference) == 20 for r in found)
    assert all(max(map(abs, r.reference)) < r.original for r in found)


def test_an_effect_of_nothing_but_noise_is_reached_by_the_draws(make_world, attacked):
    failed = 0
    for seed in range(6):
        data = make_world(seed, n_stores=10, effect=0.0).data
        found = placebo(data, attacked(data))
        failed += found.verdict == "failed"
        assert "of them reach it" in found.reason
    assert failed >= 5


def test_the_seed_decides_the_draws(world, attacked):
    effect = attacked(world.data)
    one, same, other = (placebo(world.data, effect, n_draws=3, random_state=seed) for seed in (1, 1, 2))
    assert one.reference == same.reference
    assert one.reference != other.reference


def test_a_draw_is_the_regression_on_another_contexts_treatment(world, attacked):
    units = grid(world.data)
    found = placebo(world.data, attacked(world.data), n_draws=2, random_state=5)
    rng = np.random.default_rng(5)
    absorbed = Absorbed((units.levels["store"], units.levels["week"]))
    for value in found.reference:
        moved = units.treatment("display")[permuted_within(units.levels["week"], rng)]
        expected = grid_regression(units, ("moved", "mailer"), absorbed, columns={"moved": moved})
        assert value == pytest.approx(expected.coef[0], rel=1e-9)


def test_permutations_stay_within_their_time():
    rng = np.random.default_rng(0)
    group = rng.integers(0, 6, 100)
    moved = permuted_within(group, rng)
    np.testing.assert_array_equal(group[moved], group)
    assert sorted(moved) == list(range(100))
    assert (moved != np.arange(100)).mean() > 0.8


def test_the_time_is_that_of_the_node_with_coarse_groups(world):
    units = grid(world.data)
    np.testing.assert_array_equal(_time(world.data, units), units.levels["week"])
