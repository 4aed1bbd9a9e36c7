import numpy as np
import pytest

from causalrec.errors import DataError
from causalrec.evaluation import percentile_interval, pigeonhole_weights, resampling_weights


def test_weights_are_counts_of_draws():
    users, items = pigeonhole_weights(30, 7, 500, 0)
    assert users.shape == (500, 30)
    assert items.shape == (500, 7)
    assert np.all(users.sum(1) == 30)
    assert np.all(items.sum(1) == 7)
    assert np.all(users == users.astype(int))
    assert users.var() == pytest.approx(1 - 1 / 30, rel=0.05)  # multinomial
    assert np.corrcoef(users[:, 0], items[:, 0])[0, 1] == pytest.approx(0, abs=0.15)


def test_same_seed_same_weights():
    assert np.array_equal(resampling_weights(9, 4, 1), resampling_weights(9, 4, 1))
    assert not np.array_equal(resampling_weights(9, 4, 1), resampling_weights(9, 4, 2))


def coverage(n_worlds, by_item):
    """Share of worlds of crossed random effects whose mean, 0, the interval covers."""
    rng = np.random.default_rng(11)
    covered = 0
    for _ in range(n_worlds):
        cells = rng.normal(size=(60, 1)) + rng.normal(size=(1, 40)) + rng.normal(size=(60, 40))
        users, items = pigeonhole_weights(60, 40, 300, rng)
        weights = items if by_item else np.ones_like(items)
        means = np.einsum("du,ui,di->d", users, cells, weights, optimize=True) / (users.sum(1) * weights.sum(1))
        lower, upper = percentile_interval(means)
        covered += lower <= 0 <= upper
    return covered / n_worlds


def test_users_and_items_cover_and_users_alone_do_not():
    n_worlds = 1000
    # Three binomial standard errors around what 4,000 worlds gave; percentiles of few items lose a point.
    tolerance = 3 * np.sqrt(0.95 * 0.05 / n_worlds)
    assert coverage(n_worlds, by_item=True) == pytest.approx(0.94, abs=tolerance)
    assert coverage(n_worlds, by_item=False) < 0.85


def test_percentiles_leave_out_undefined_draws():
    lower, upper = percentile_interval(np.array([np.nan, *range(101)]), level=0.9)
    assert (lower, upper) == pytest.approx((5, 95))


@pytest.mark.parametrize("level", [0, 1, 95])
def test_level_is_a_share(level):
    with pytest.raises(DataError, match="between 0 and 1"):
        percentile_interval(np.arange(9.0), level)


def test_nothing_to_draw_from_is_refused():
    with pytest.raises(DataError, match="n = 0"):
        resampling_weights(0, 5, 0)
