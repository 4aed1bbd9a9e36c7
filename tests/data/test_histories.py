import numpy as np
import pytest

from causalrec.data import Dataset, histories
from causalrec.errors import DataError, MissingColumnsError


def test_counts_of_a_log_are_its_purchases(world):
    found = histories(world.data)
    rows = world.data.tables["purchases"].to_pylist()
    assert found.counts.sum() == len(rows)
    pair = (found.users.tolist().index("u003"), found.items.tolist().index("i007"))
    assert found.counts[pair] == sum(row["user"] == "u003" and row["item"] == "i007" for row in rows)
    visits = world.data.tables["visits"]["user"].to_pylist()
    assert found.n_visits[3] == visits.count("u003")
    assert found.users.tolist() == world.data.tables["users"]["user"].to_pylist()


def test_counts_of_a_flat_table_do_not_depend_on_its_order():
    columns = {"user": ["b", "a", "b", "b"], "item": ["y", "x", "y", "x"]}
    for order in ([0, 1, 2, 3], [3, 2, 1, 0]):
        found = Dataset.from_frames({name: [values[k] for k in order] for name, values in columns.items()}).histories()
        assert (found.users.tolist(), found.items.tolist()) == (["a", "b"], ["x", "y"])
        np.testing.assert_array_equal(found.counts.toarray(), [[1, 0], [1, 2]])
        np.testing.assert_array_equal(found.n_visits, [1, 3])


def test_a_window_without_purchases_is_refused(world):
    with pytest.raises(DataError, match="no purchase"):
        histories(world.data.window(900, 901))


def test_a_flat_table_without_users_and_items_is_refused():
    with pytest.raises(MissingColumnsError) as caught:
        histories(Dataset.from_frames({"users": ["a"], "score": [1]}))
    assert caught.value.missing == ("user", "item")


def test_missing_users_are_refused():
    with pytest.raises(DataError, match="1 of 2 rows miss 'user'"):
        histories(Dataset.from_frames({"user": ["a", None], "item": ["x", "y"]}))
