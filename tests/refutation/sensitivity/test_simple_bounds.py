from dataclasses import replace

import numpy as np
import pytest
from scipy.optimize import linprog

from causalrec.errors import DataError, EstimationError
from causalrec.refutation.sensitivity import sharp_bounds, simple_bounds
from causalrec.refutation.sensitivity.simple_bounds import extreme_mean
from tests.estimation.planted import planted
from tests.refutation.sensitivity.hidden_worlds import hidden_odds

N_RUNS, N_DRAWS = 25, 40


@pytest.mark.parametrize("base", [0.0, 1.0])
def test_the_largest_mean_is_that_of_a_programme_over_weights(base):
    """Charnes and Cooper's programme of the ratio: weights u = v s with s free."""
    rng = np.random.default_rng(0)
    y, odds, factor = np.sort(rng.normal(size=30))[::-1], rng.exponential(size=30), 2.5
    n = len(y)
    cost = -np.r_[odds * y, base * y.sum()]
    inside = np.vstack([np.c_[np.eye(n), -factor * np.ones(n)], np.c_[-np.eye(n), np.ones(n) / factor]])
    found = linprog(cost, inside, np.zeros(2 * n), np.r_[odds, base * n][None], [1.0], bounds=(0, None), method="highs")
    assert extreme_mean(y, np.full(n, base), odds, factor) == pytest.approx(-found.fun, abs=1e-9)


@pytest.mark.parametrize("target", ["ATE", "ATT"])
def test_they_hold_the_sharp_ones_and_agree_without_a_confounder(target):
    design = planted(0)
    simple, sharp = (f(design, 2.0, target=target) for f in (simple_bounds_of, sharp_bounds))
    assert simple.lower < sharp.lower < sharp.upper < simple.upper
    simple, sharp = (f(design, 1.0, target=target) for f in (simple_bounds_of, sharp_bounds))
    assert (simple.lower, simple.upper) == pytest.approx((sharp.lower, sharp.upper), abs=1e-9)


def simple_bounds_of(design, odds_ratio, target="ATE"):
    return simple_bounds(design, odds_ratio, target=target, n_draws=N_DRAWS)


def test_the_bootstrap_s_error_is_that_of_influence_values():
    design = planted(1, n=1500)
    simple = simple_bounds(design, 1.0, n_draws=300)
    assert simple.stderr_lower == pytest.approx(sharp_bounds(design, 1.0).stderr_lower, rel=0.2)


def test_they_cover_a_confounder_of_the_stated_strength():
    covered = 0
    for seed in range(N_RUNS):
        world = hidden_odds(seed, 400, adversity=1.0)
        covered += simple_bounds(world.design, 2.0, n_draws=N_DRAWS).covers(world.truth)
    assert covered >= 0.95 * N_RUNS


def test_seeds_clusters_and_order_of_rows():
    single = planted(2)
    again = np.repeat(np.arange(single.n), 2)
    design = replace(single.rows(again), clusters={"user": again})
    first, same = (simple_bounds(design, 1.5, n_draws=N_DRAWS, random_state=3) for _ in range(2))
    np.testing.assert_array_equal(first.draws, same.draws)
    apart = simple_bounds(replace(design, clusters={}), 1.5, n_draws=N_DRAWS)
    assert first.stderr_lower > 1.1 * apart.stderr_lower  # every row twice: half of the information is none
    order = np.random.default_rng(0).permutation(design.n)
    other = simple_bounds(design.rows(order), 1.5, n_draws=N_DRAWS, random_state=3)
    np.testing.assert_allclose(np.sort(other.draws, axis=0), np.sort(first.draws, axis=0), rtol=1e-7)


def test_bad_input_is_refused():
    design = planted(0)
    with pytest.raises(DataError, match="n_draws"):
        simple_bounds(design, 2.0, n_draws=5)
    with pytest.raises(DataError, match="odds_ratio"):
        simple_bounds(design, 0.5)
    codes = np.arange(design.n) // 5
    with pytest.raises(EstimationError, match="one kind"):
        simple_bounds(replace(design, clusters={"user": codes, "item": codes}), 2.0)
