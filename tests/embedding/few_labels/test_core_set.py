from itertools import combinations

import numpy as np
import pytest

from causalrec.embedding.few_labels import core_set, covering_radius
from causalrec.errors import DataError, ShapeError


def distances(points):
    return np.linalg.norm(points[:, None] - points[None], axis=2)


def farthest(points, known, n):
    """Greedy k-centre with a table of all distances."""
    away, known, found = distances(points), list(known), []
    for _ in range(n):
        if known:
            found.append(int(np.argmax([-1 if k in known else away[k, known].min() for k in range(len(points))])))
        else:
            found.append(int(np.linalg.norm(points - points.mean(axis=0), axis=1).argmin()))
        known.append(found[-1])
    return found


@pytest.mark.parametrize("seed", range(10))
@pytest.mark.parametrize("known", [(), (3,), (5, 1, 1)])
def test_each_choice_is_the_farthest_by_brute_force(seed, known):
    points = np.random.default_rng(seed).normal(size=(25, 3))
    assert core_set(points, 8, labelled=known).tolist() == farthest(points, set(known), 8)


@pytest.mark.parametrize("seed", range(20))
def test_the_radius_is_within_twice_the_best_of_all_choices(seed):
    points = np.random.default_rng(seed).normal(size=(9, 2))
    best = min(covering_radius(points, centres) for centres in combinations(range(9), 3))
    found = covering_radius(points, core_set(points, 3))
    assert best <= found <= 2 * best


def test_the_radius_is_the_largest_distance_to_a_nearest_centre():
    points = np.random.default_rng(3).normal(size=(30, 4))
    assert covering_radius(points, [2, 7]) == pytest.approx(distances(points)[:, [2, 7]].min(axis=1).max(), rel=1e-9)
    assert covering_radius(points, range(30)) == pytest.approx(0, abs=1e-7)


def test_the_order_of_the_rows_changes_nothing_and_equal_texts_are_chosen_last():
    points = np.random.default_rng(4).normal(size=(20, 3))
    order = np.random.default_rng(5).permutation(20)
    assert order[core_set(points[order], 6)].tolist() == core_set(points, 6).tolist()
    twice = np.concatenate([points[:3], points[:3]])
    assert set((core_set(twice, 3) % 3).tolist()) == {0, 1, 2}
    assert sorted(core_set(twice, 6).tolist()) == list(range(6))


@pytest.mark.parametrize(
    ("call", "error", "said"),
    [
        (lambda: core_set(np.ones(3), 1), ShapeError, r"\(3,\)"),
        (lambda: core_set(np.full((2, 2), np.inf), 1), DataError, "2 vectors hold NaN or infinite"),
        (lambda: core_set(np.ones((3, 2)), 3, labelled=[0]), DataError, "n_texts is 3, and the pool has 2"),
        (lambda: core_set(np.ones((3, 2)), 1, labelled=[3]), DataError, r"0 to 2, and not \[3\]"),
        (lambda: core_set(np.ones((3, 2)), 1, labelled=[0.5]), DataError, "whole numbers"),
        (lambda: core_set(np.ones((3, 2)), 1, labelled=2), DataError, r"0 to 2, and not \[2\]"),
        (lambda: core_set(np.ones((3, 2)), 1, labelled={1}), DataError, "whole numbers"),
        (lambda: core_set(np.ones((3, 2)), 1, labelled=None), DataError, "whole numbers"),
        (lambda: covering_radius(np.ones((3, 2)), []), DataError, "one centre"),
    ],
)
def test_bad_input_is_refused(call, error, said):
    with pytest.raises(error, match=said):
        call()
