"""Exposures against loops, in networks and in slates."""

import numpy as np
import pytest

from causalrec.data import Dataset
from causalrec.errors import DataError, EstimationError, MissingColumnsError, ShapeError
from causalrec.estimation.interference.exposures import exposure
from causalrec.estimation.interference.network import network_of
from causalrec.estimation.interference.slates import Slates, slates_of
from tests.estimation.interference.worlds import geometric


def by_loop(weights, treatment, kind):
    found = []
    for row in weights:
        met, whole = (row * treatment).sum(), row.sum()
        found.append({"share": met / whole if whole else 0.0, "count": met, "any": float(met > 0)}[kind])
    return found


@pytest.mark.parametrize("kind", ["share", "count", "any"])
@pytest.mark.parametrize("directed", [False, True])
def test_equals_a_loop(kind, directed):
    rng = np.random.default_rng(1)
    ends = rng.integers(0, 40, (2, 90))
    network = network_of(*ends, 40, rng.random(90) + 0.1, directed=directed)
    treatment = rng.integers(0, 2, 40)
    found = exposure(network, treatment, kind=kind)
    np.testing.assert_allclose(found.value, by_loop(network.friends.toarray(), treatment, kind), atol=1e-12)
    np.testing.assert_array_equal(found.alone, network.n_friends == 0)


def test_own_treatment_plays_no_part():
    network, treatment = geometric(60, 2), np.random.default_rng(0).integers(0, 2, 60)
    for unit in range(5):
        other = treatment.copy()
        other[unit] = 1 - other[unit]
        assert exposure(network, other).value[unit] == exposure(network, treatment).value[unit]


def test_who_has_no_friends_is_not_exposed_and_says_so():
    found = exposure(network_of([0], [1], n=3), np.array([1, 1, 1]))
    assert found.value.tolist() == [1, 1, 0]
    assert found.alone.tolist() == [False, False, True]
    assert str(found) == "share of friends treated: mean 1.000, 1.000 to 1.000 of 2 units; 1 units have none"


def test_rows_in_another_order():
    network, treatment = geometric(60, 2), np.random.default_rng(0).integers(0, 2, 60)
    order = np.random.default_rng(1).permutation(60)
    np.testing.assert_allclose(
        exposure(network.rows(order), treatment[order]).value, exposure(network, treatment).value[order]
    )


def test_a_slate_leaves_the_row_itself_out():
    table = {"slate": ["x", "y", "x", "x", "z"], "store": [1, 1, 1, 2, 1], "ad": [1, 0, 0, 1, 1]}
    slates = slates_of(Dataset.from_frames(table), "slate")
    assert exposure(slates, np.array(table["ad"])).value.tolist() == [0.5, 0, 1, 0.5, 0]
    assert exposure(slates, np.array(table["ad"]), kind="count").value.tolist() == [1, 0, 2, 1, 0]
    assert exposure(slates, np.array(table["ad"])).alone.tolist() == [False, True, False, False, True]
    both = slates_of(Dataset.from_frames(table), ["slate", "store"])
    assert (both.name, both.n_friends.tolist()) == ("slate and store", [1, 0, 1, 0, 0])


@pytest.mark.parametrize("kind", ["share", "count", "any"])
def test_a_slate_is_a_network_of_all_pairs(kind):
    rng = np.random.default_rng(3)
    slates = Slates(np.unique(rng.integers(0, 12, 60), return_inverse=True)[1])
    treatment = rng.integers(0, 2, 60)
    left, right = exposure(slates, treatment, kind=kind), exposure(slates.as_network(), treatment, kind=kind)
    np.testing.assert_allclose(left.value, right.value)
    part = np.flatnonzero(rng.random(60) < 0.5)
    np.testing.assert_array_equal(slates.rows(part).n_friends, slates.as_network().rows(part).n_friends)


def test_slates_that_are_none():
    data = Dataset.from_frames({"slate": [1, 2, None], "row": [1, 2, 3]})
    with pytest.raises(DataError, match="1 of 3 rows miss 'slate'"):
        slates_of(data, "slate")
    with pytest.raises(DataError, match="nothing is shown together"):
        slates_of(data, "row")
    with pytest.raises(DataError, match="need a column"):
        slates_of(data, [])
    with pytest.raises(DataError, match="need a column"):
        slates_of(data, 5)
    with pytest.raises(MissingColumnsError, match="slat"):
        slates_of(data, "slat")


@pytest.mark.parametrize(("treatment", "error", "words"), [
    ([0, 1, 2], DataError, "it also holds 2"), ([0, 1, 0.5], DataError, "it also holds 0.5"),
    ([0, 1, np.nan], DataError, "it also holds nan"), (["a", "b", "c"], DataError, "it also holds a"),
    ([0, 1], ShapeError, "one value for each of the 3 units"),
])  # fmt: skip
def test_treatments_that_are_none(treatment, error, words):
    with pytest.raises(error, match=words):
        exposure(network_of([0], [1], n=3), np.array(treatment))


def test_kinds_hops_and_networks_that_are_none():
    path, treatment = network_of([0], [1], n=3), np.array([0, 1, 1])
    with pytest.raises(DataError, match="one of share, count, any"):
        exposure(path, treatment, kind="mean")
    with pytest.raises(DataError, match="hops is 3"):
        exposure(path, treatment, hops=3)
    with pytest.raises(DataError, match="hops is 2"):
        exposure(Slates(np.array([0, 0, 0])), treatment, hops=2)
    with pytest.raises(EstimationError, match="No unit has friends at this distance"):
        exposure(path, treatment, hops=2)
    with pytest.raises(DataError, match="Expected a network or slates, got list"):
        exposure([[1]], treatment)
