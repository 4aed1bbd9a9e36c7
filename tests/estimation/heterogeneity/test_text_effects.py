import numpy as np
import pytest

from causalrec.data import grid
from causalrec.estimation import Absorbed, text_effects
from tests.estimation.planted import exact_interval

NAMES = ("display", "mailer")
N_ITEMS = 120
N_IDLE = 25


def text_of(seed):
    """Item vectors of 12 columns."""
    return np.random.default_rng(1000 + seed).normal(size=(N_ITEMS, 12))


def found_in(make_world, seed, slope, **options):
    block = text_of(seed)
    effect = 0.1 + slope * block[:, 0]
    world = make_world(seed, n_users=100, n_items=N_ITEMS, by_item=effect)
    units = grid(world.data)
    absorbed = Absorbed((units.levels["week"], units.levels["store"]))
    return text_effects(units, NAMES, absorbed, block, **options), effect


@pytest.fixture(scope="module")
def driven(make_world):
    return [found_in(make_world, seed, 0.06) for seed in range(5)]


def test_text_that_drives_the_effect_has_slope_one(driven):
    slopes = np.array([found.slope for found, _ in driven])
    errors = np.array([found.slope_stderr for found, _ in driven])
    assert (slopes > 3 * errors).all()
    assert abs(slopes.mean() - 1) < 0.2
    assert (np.abs(slopes - 1) < 4 * errors).all()


def test_predictions_of_unseen_items_follow_their_effects(driven):
    for found, effect in driven:
        assert np.corrcoef(found.predicted, effect)[0, 1] > 0.7
        assert found.predicted.mean() == pytest.approx(effect.mean(), abs=0.02)


def test_fifths_are_sorted_effects_of_items_that_were_not_learned_from(driven):
    for found, _ in driven:
        assert found.p_value < 1e-4
        assert found.fifths.n.sum() == N_ITEMS * 4 // 5  # the first fold is only learned from
        assert found.fifths.difference == pytest.approx(found.fifths.value[-1] - found.fifths.value[0])
        assert found.fifths.difference > 3 * found.fifths.difference_stderr
        assert f"group 5  {found.fifths.value[-1]:+.4f}" in str(found)
        assert "items)" in str(found)


def test_the_difference_of_fifths_is_that_of_their_items(make_world):
    """Where the text is the effect, sorted within folds, fifths differ by what their items differ by."""
    from causalrec.estimation.heterogeneity.text_effects import _sorted_effects

    differences = []
    for seed in range(8):
        effect = 0.1 + 0.06 * text_of(seed)[:, 0]
        world = make_world(seed, n_users=100, n_items=N_ITEMS, by_item=effect)
        units = grid(world.data)
        absorbed = Absorbed((units.levels["week"], units.levels["store"]))
        fold = np.arange(N_ITEMS) % 3
        found = _sorted_effects(units, NAMES, absorbed, effect, fold)
        parts = [np.sort(effect[fold == k]) for k in (1, 2)]
        truth = np.mean([part[-8:].mean() - part[:8].mean() for part in parts])
        differences.append((found.difference - truth) / found.difference_stderr)
    assert np.abs(differences).max() < 3.5
    assert abs(np.mean(differences)) < 3.5 / np.sqrt(8)


def test_text_without_an_effect_is_rarely_believed(make_world):
    """The test's level; 300 such worlds are in the guide."""
    rejected = 0
    for seed in range(N_IDLE):
        rng = np.random.default_rng(1000 + seed)
        world = make_world(seed, n_users=25, n_items=80, by_item=np.full(80, 0.1))
        units = grid(world.data)
        absorbed = Absorbed((units.levels["week"], units.levels["store"]))
        found = text_effects(units, NAMES, absorbed, rng.normal(size=(80, 6)), random_state=seed)
        rejected += found.p_value <= 0.05
    low, high = exact_interval(rejected, N_IDLE)
    assert low <= 0.05 <= high


def test_text_that_says_one_thing_of_all_items_tells_nothing(make_world):
    world = make_world(0, n_users=40, n_items=40)
    units = grid(world.data)
    absorbed = Absorbed((units.levels["week"], units.levels["store"]))
    found = text_effects(units, NAMES, absorbed, np.ones((40, 2)))
    assert (found.slope, found.p_value) == (0, 1)


def test_no_item_sees_its_own_fold(make_world):
    """Items of one cluster share a fold: changing their outcomes leaves their own deviations alone."""
    block, clusters = text_of(0), np.arange(N_ITEMS) // 6
    one, _ = found_in(make_world, 0, 0.06, fold_of=clusters)
    assert one.slope == pytest.approx(1, abs=0.5)
    fold = (np.random.default_rng(0).permutation(20) % 5)[clusters]
    assert len(np.unique(fold)) == 5
    from dataclasses import replace

    world = make_world(0, n_users=100, n_items=N_ITEMS, by_item=0.1 + 0.06 * block[:, 0])
    units = grid(world.data)
    absorbed = Absorbed((units.levels["week"], units.levels["store"]))
    # Drop the purchases of one fold's items: what is predicted for them, about the mean, stays.
    drop = fold[units.bought_item] == 2
    names = "bought_user", "bought_context", "bought_item"
    without = replace(units, **{name: getattr(units, name)[~drop] for name in names})
    base = text_effects(units, NAMES, absorbed, block, fold_of=clusters).predicted[fold == 2]
    moved = text_effects(without, NAMES, absorbed, block, fold_of=clusters).predicted[fold == 2]
    assert np.corrcoef(base, moved)[0, 1] > 0.99


def test_the_seed_decides_the_folds_and_nothing_else_is_random(make_world):
    one, _ = found_in(make_world, 1, 0.06, random_state=3)
    same, _ = found_in(make_world, 1, 0.06, random_state=3)
    other, _ = found_in(make_world, 1, 0.06, random_state=4)
    np.testing.assert_array_equal(one.predicted, same.predicted)
    assert not np.array_equal(one.predicted, other.predicted)


def test_held_treatments_are_held_fixed_in_the_items_sums(make_world):
    """Sums over items give the display's coefficient beside the mailer's."""
    from causalrec.estimation import grid_regression
    from causalrec.estimation.heterogeneity.text_effects import _item_sums

    units = grid(make_world(2).data)
    absorbed = Absorbed((units.levels["week"], units.levels["store"]))
    curvature, moment = _item_sums(units, NAMES, absorbed)
    assert moment.sum() / curvature.sum() == pytest.approx(grid_regression(units, NAMES, absorbed).coef[0], rel=1e-9)
