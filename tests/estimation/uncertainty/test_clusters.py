import numpy as np
import pytest

from causalrec.errors import EstimationError
from causalrec.estimation.uncertainty.clusters import is_covariance, small_sample, two_way_meat


def brute_force(scores):
    """Sum over pairs of cells that share a user or an item."""
    users, items, p = scores.shape
    meat = np.zeros((p, p))
    for u in range(users):
        for i in range(items):
            for v in range(users):
                for j in range(items):
                    if u == v or i == j:
                        meat += np.outer(scores[u, i], scores[v, j])
    return meat


def test_meat_counts_each_pair_of_cells_that_share_a_cluster_once():
    rng = np.random.default_rng(0)
    scores = rng.normal(size=(9, 8, 1)) + rng.normal(size=(9, 1, 1)) + rng.normal(size=(1, 8, 1))
    np.testing.assert_allclose(two_way_meat(scores), brute_force(scores), rtol=1e-10)


def test_where_the_difference_is_no_covariance_nothing_is_subtracted():
    scores = np.array([[1.0, -1.0], [-1.0, 1.0]])[:, :, None]  # sums by user and by item are all 0
    assert brute_force(scores).item() == -4
    assert two_way_meat(scores).item() == 0
    scores[0, 0, 0] = 1.5
    meat = two_way_meat(scores)
    assert meat.item() == pytest.approx(0.5)
    assert meat.item() > brute_force(scores).item()


@pytest.mark.parametrize("seed", range(20))
def test_meat_is_always_a_covariance(seed):
    scores = np.random.default_rng(seed).normal(size=(3, 3, 4))
    assert is_covariance(two_way_meat(scores))


def test_one_cluster_is_refused():
    with pytest.raises(EstimationError, match="one value"):
        small_sample(100, 2, 1)


def test_small_sample_factor_is_fixests():
    assert small_sample(101, 1, 11) == pytest.approx(1.1)
    assert small_sample(100, 10, 5) == pytest.approx(99 / 90 * 5 / 4)


def test_a_matrix_with_a_negative_direction_is_no_covariance():
    assert is_covariance(np.eye(2))
    assert is_covariance(np.ones((2, 2)))
    assert not is_covariance(np.array([[1.0, 2.0], [2.0, 1.0]]))
