import numpy as np
import pytest

from causalrec.data import grid
from causalrec.estimation import estimate_effect
from causalrec.estimation.grids.absorption import Absorbed
from causalrec.estimation.grids.grid_regression import grid_regression
from causalrec.identification import Estimand

N_WORLDS = 200
PLANTED = 0.08
DISPLAY = Estimand(
    ("display",), "purchased", "adjustment", adjustment=("item_week_demand", "item_store_availability", "mailer")
)


def exact_interval(successes, n, level=0.999):
    """Clopper and Pearson's interval of a share."""
    from scipy.stats import beta

    tail = (1 - level) / 2
    low = beta.ppf(tail, successes, n - successes + 1) if successes else 0.0
    high = beta.ppf(1 - tail, successes + 1, n - successes) if successes < n else 1.0
    return low, high


@pytest.fixture(scope="module")
def estimates(make_world):
    """Estimate, its interval and the naive estimate with its error, for each world."""
    rows = []
    for seed in range(N_WORLDS):
        world = make_world(seed, effect=PLANTED)
        found = estimate_effect(DISPLAY, world.data)
        naive = grid_regression(grid(world.data), ("display",), Absorbed())
        rows.append((found.value, found.stderr, *found.interval(), naive.coef[0], naive.stderr[0]))
    return np.array(rows).T


def test_intervals_cover_the_planted_effect(estimates):
    _, _, lower, upper, _, _ = estimates
    low, high = exact_interval(int(((lower <= PLANTED) & (upper >= PLANTED)).sum()), N_WORLDS)
    assert low <= 0.95 <= high
    assert np.median(upper - lower) < PLANTED  # an endless interval covers too


def test_the_estimate_is_unbiased_and_its_error_is_the_spread(estimates):
    value, stderr, *_ = estimates
    assert abs(value.mean() - PLANTED) < 4 * value.std() / np.sqrt(N_WORLDS)
    assert 0.85 < value.std() / np.sqrt((stderr**2).mean()) < 1.15


def test_without_adjustment_the_estimate_is_biased(estimates):
    *_, naive, naive_stderr = estimates
    assert np.median((naive - PLANTED) / naive_stderr) > 3
