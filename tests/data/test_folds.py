import numpy as np
import pytest

from causalrec.data.folds import _many_repeat, cluster_folds, deal, row_keys, seeded
from causalrec.errors import DataError


def test_folds_are_of_equal_size_and_follow_rows_not_places():
    rng = np.random.default_rng(1)
    rows = rng.normal(size=(1003, 3))
    folds = deal(row_keys([rows], 1003), 5, 7)
    assert sorted(np.bincount(folds)) == [200, 200, 201, 201, 201]
    order = rng.permutation(1003)
    np.testing.assert_array_equal(deal(row_keys([rows[order]], 1003), 5, 7), folds[order])
    assert (deal(row_keys([rows], 1003), 5, 8) != folds).mean() > 0.5


def test_equal_rows_are_dealt_out_evenly():
    rows = np.repeat([[0.0, 1.0], [1.0, 1.0], [1.0, 0.0]], [50, 30, 20], axis=0)
    folds = deal(row_keys([rows], 100), 5, 0)
    for row in np.unique(rows, axis=0):
        assert (np.bincount(folds[(rows == row).all(axis=1)], minlength=5) > 0).all()


@pytest.mark.parametrize("n_repeated", [0, 200, 20_000])
def test_many_rows_are_sorted_only_where_they_repeat(n_repeated):
    rng = np.random.default_rng(6)
    n = 150_000
    rows = rng.normal(size=n)
    rows[:n_repeated] = 0.5 if n_repeated == 200 else np.repeat(rng.normal(size=n_repeated // 2), 2)
    keys, y = row_keys([rows], n), rng.normal(size=n)
    assert _many_repeat(seeded(keys, 3)) == (n_repeated > 0)
    folds, order = deal(keys, 5, 3, (y,)), rng.permutation(n)
    assert set(np.bincount(folds)) == {30_000}
    np.testing.assert_array_equal(deal(keys[order], 5, 3, (y[order],)), folds[order])
    if n_repeated == 200:
        assert set(np.bincount(folds[:200])) == {40}


def test_rows_of_one_key_are_told_apart_by_rank():
    rng = np.random.default_rng(2)
    keys, y, w = np.repeat(np.arange(4, dtype=np.uint64), 500), rng.normal(size=2_000), rng.integers(1, 3, 2_000)
    folds, order = deal(keys, 5, 1, (y, w)), rng.permutation(2_000)
    np.testing.assert_array_equal(deal(keys[order], 5, 1, (y[order], w[order])), folds[order])
    np.testing.assert_array_equal(deal(keys, 5, 1, (1000 * y, 0.1 * w)), folds)
    assert set(np.bincount(folds)) == {400}
    assert (deal(keys, 5, 2, (y, w)) != folds).mean() > 0.5
    ranks = np.argsort(np.argsort(y[:500]))
    assert abs(np.corrcoef(ranks % 5, folds[:500])[0, 1]) < 0.2  # drawn, not dealt along the outcome


def test_folds_are_independent_of_what_rows_hold():
    y = np.random.default_rng(3).normal(size=20_000)
    folds = deal(row_keys([y], len(y)), 2, 0)
    means = [y[folds == k].mean() for k in range(2)]
    assert abs(means[0] - means[1]) < 4 * np.sqrt(4 / len(y))


def test_zero_has_one_key():
    assert row_keys([np.array([0.0, -0.0])], 2)[0] == row_keys([np.array([0.0, -0.0])], 2)[1]


def test_large_clusters_are_spread():
    sizes = np.array([100, 90, 80, 1, 1, 1, 2, 2, 2])
    folds = cluster_folds(sizes, 3, 4)
    assert (
        sorted(np.bincount(folds, weights=sizes)) == [92.0, 93.0, 94.0]
        or np.ptp(np.bincount(folds, weights=sizes)) <= 25
    )
    assert len(set(folds[:3])) == 3


@pytest.mark.parametrize("n_folds", [1, 0, 11])
def test_too_many_or_too_few_folds_are_refused(n_folds):
    with pytest.raises(DataError, match=f"10 rows cannot be split into {n_folds} folds"):
        deal(np.arange(10, dtype=np.uint64), n_folds)
    with pytest.raises(DataError, match="10 clusters of 'user' cannot be split"):
        cluster_folds(np.ones(10), n_folds, name="user")
