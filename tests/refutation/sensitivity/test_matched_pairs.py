from dataclasses import replace

import numpy as np
import pytest

from causalrec.errors import DataError, EstimationError
from causalrec.refutation.sensitivity import matched_pairs, rosenbaum
from causalrec.refutation.sensitivity.matched_pairs import _nearest_free
from tests.estimation.planted import planted


@pytest.mark.parametrize("seed", range(5))
def test_each_takes_the_nearest_that_is_free(seed):
    rng = np.random.default_rng(seed)
    asked, places, reach = rng.normal(size=40), np.sort(rng.normal(size=60)), 0.3
    free, expected = set(range(60)), []
    for value in asked:
        near = min(free, key=lambda at: abs(places[at] - value), default=-1)
        near = near if near >= 0 and abs(places[near] - value) <= reach else -1
        free -= {near}
        expected.append(near)
    assert _nearest_free(asked, places, reach).tolist() == expected


def test_nobody_stands_in_two_pairs_and_pairs_are_near():
    design = planted(0, n=600)
    found = matched_pairs(design)
    t = design.treatments[:, 0]
    assert (t[found.treated] == 1).all()
    assert (t[found.untreated] == 0).all()
    assert len(set(found.treated)) == len(set(found.untreated)) == len(found.difference)
    assert len(found.difference) + found.n_unmatched == (t == 1).sum()
    assert found.farthest <= 0.2
    np.testing.assert_allclose(found.difference, design.outcome[found.treated] - design.outcome[found.untreated])


def test_pairs_do_not_depend_on_the_order_of_rows():
    design = planted(1, n=300)
    order = np.random.default_rng(0).permutation(300)
    first, second = matched_pairs(design), matched_pairs(design.rows(order))
    assert set(zip(first.treated, first.untreated, strict=True)) == set(
        zip(order[second.treated], order[second.untreated], strict=True)
    )


def test_pairs_recover_a_planted_effect():
    errors = []
    for seed in range(30):
        low, high = rosenbaum(matched_pairs(planted(seed, n=600), caliper=0.05).difference).estimates()
        errors.append((low + high) / 2 - 1.0)
    assert abs(np.mean(errors)) < 4 * np.std(errors) / np.sqrt(30)


def test_bad_input_is_refused():
    design = planted(0)
    with pytest.raises(DataError, match="caliper"):
        matched_pairs(design, caliper=0.0)
    with pytest.raises(DataError, match="caliper"):
        matched_pairs(design, caliper="none")
    with pytest.raises(EstimationError, match="clusters"):
        matched_pairs(planted(0, n_per_cluster=5))
    with pytest.raises(EstimationError, match="clusters and weights"):
        matched_pairs(replace(design, weight=np.ones(design.n)))
    with pytest.raises(EstimationError, match="within"):
        matched_pairs(design, caliper=1e-12)
