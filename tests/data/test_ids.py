import numpy as np
import pyarrow as pa
import pytest

from causalrec.data.ids import codes_of, crossed, places_of, sorted_levels
from causalrec.errors import DataError


def chunks(*values):
    return pa.chunked_array([pa.array(part) for part in values])


def test_codes_are_places_among_the_ids():
    found = codes_of(chunks(["c", "a"], ["a"]), pa.array(["a", "b", "c"]), "users")
    assert found.tolist() == [2, 0, 0]
    assert found.dtype == np.int64


def test_levels_are_sorted_whatever_the_order_of_the_rows():
    values = np.array([3, 1, 2, 1, 10])
    for seed in range(5):
        order = np.random.default_rng(seed).permutation(5)
        assert sorted_levels(chunks(values[order]), "week").to_pylist() == [1, 2, 3, 10]


@pytest.mark.parametrize("seed", range(10))
def test_crossed_codes_are_one_for_each_combination(seed):
    rng = np.random.default_rng(seed)
    parts = rng.integers(0, 4, 50), rng.integers(0, 3, 50), rng.integers(0, 5, 50)
    codes, first = crossed(*parts)
    combinations = list(zip(*parts, strict=True))
    assert len(first) == len(set(combinations)) == codes.max() + 1
    for a in range(50):
        assert combinations[first[codes[a]]] == combinations[a]
        assert first[codes[a]] <= a


def test_strange_values_are_counted_and_shown():
    with pytest.raises(DataError, match=r"4 items are in no list of items, the first \['p', 'q', 'r'\]"):
        codes_of(chunks(["a", "p", "q", "p", "r", "s"]), pa.array(["a"]), "items")


def test_places_of_strangers_are_minus_one():
    assert places_of(chunks(["a", "z"]), pa.array(["a"]), "users").tolist() == [0, -1]
    assert places_of(chunks(["a", None]), pa.array(["a"]), "users").tolist() == [0, -1]


def test_categories_count_as_their_values():
    category = chunks(["b", "a", "b"]).dictionary_encode()
    assert sorted_levels(category, "kind").to_pylist() == ["a", "b"]
    assert codes_of(category, pa.array(["a", "b"]), "kinds").tolist() == [1, 0, 1]
    assert codes_of(chunks(["b"]), category.unique(), "kinds").tolist() == [0]


def test_missing_values_are_counted_and_refused():
    with pytest.raises(DataError, match="2 of 3 rows miss 'store'"):
        sorted_levels(chunks(["a", None, None]), "store")


def test_two_types_are_refused():
    with pytest.raises(DataError, match="'users' is string in one table and int64 in another"):
        codes_of(chunks(["1"]), pa.array([1]), "users")
