from dataclasses import fields

import numpy as np
import pyarrow as pa
import pytest

from causalrec.data import Dataset, absorbed, absorbed_codes, grid
from causalrec.errors import DataError, MissingColumnsError


def log(**changed):
    tables = {
        "visits": {"user": ["a", "b", "a", "b"], "store": ["s", "s", "t", "s"], "week": [1, 1, 2, 9]},
        "purchases": {"user": ["a", "a", "b"], "item": ["x", "y", "x"], "store": ["s", "t", "s"], "week": [1, 2, 9]},
        "treatments": {
            "item": ["x", "y", "x"], "store": ["s", "t", "z"], "week": [1, 2, 1], "display": [1, 0, 1],
            "size": [0.5, 2, 3],
        },
        "items": {"item": ["y", "x"]},
        "users": {"user": ["b", "a", "silent"]},
    }  # fmt: skip
    tables = tables | changed
    with_weeks = {"item_weeks": pa.table(tables.pop("item_weeks"))} if "item_weeks" in tables else {}
    return Dataset(tables={name: pa.table(columns) for name, columns in tables.items()} | with_weeks)


def test_counts_are_those_of_the_tables():
    units = grid(log())
    assert (units.n_contexts, units.n_items, units.n_units) == (3, 2, 8)
    assert units.users.tolist() == ["b", "a", "silent"]
    assert units.items.tolist() == ["y", "x"]
    assert units.levels["store"].tolist() == [0, 0, 1]
    assert units.levels["week"].tolist() == [0, 2, 1]
    np.testing.assert_array_equal(units.visits(), [2, 1, 1])
    np.testing.assert_array_equal(units.purchases(), [[0, 1], [0, 1], [1, 0]])


def test_a_cell_without_a_row_is_untreated_and_a_row_without_a_visit_is_dropped():
    units = grid(log())
    np.testing.assert_array_equal(units.treatment("display"), [[0, 1], [0, 0], [0, 0]])
    np.testing.assert_array_equal(units.treatment("size"), [[0, 0.5], [0, 0], [2, 0]])
    assert len(units.cell_item) == 2


def test_the_order_of_the_rows_changes_no_code(world):
    rng = np.random.default_rng(0)
    tables = dict(world.data.tables)
    for name in ("visits", "purchases", "treatments"):
        tables[name] = tables[name].take(pa.array(rng.permutation(tables[name].num_rows)))
    one, other = grid(world.data), grid(Dataset(tables=tables))
    for name in ("users", "items"):
        np.testing.assert_array_equal(getattr(one, name), getattr(other, name))
    for name in one.levels:
        np.testing.assert_array_equal(one.levels[name], other.levels[name])
    np.testing.assert_array_equal(one.purchases(), other.purchases())
    np.testing.assert_array_equal(one.visits(), other.visits())
    np.testing.assert_array_equal(one.treatment("display"), other.treatment("display"))
    assert [f.name for f in fields(one)] == [f.name for f in fields(other)]


def test_ids_of_any_one_type_are_fine():
    numbers = log(
        visits={"user": pa.array([2, 1], pa.int32()), "week": pa.array([1, 2], pa.int8())},
        purchases={"user": pa.array([1], pa.int64()), "item": ["x"], "week": pa.array([2], pa.int64())},
        treatments={"item": pa.array(["x"], pa.large_string()), "week": [2], "display": [True]},
        users={"user": [1, 2]},
    )
    units = grid(numbers)
    assert units.purchases().tolist() == [[0, 0], [0, 1]]
    assert units.treatment("display").tolist() == [[0, 0], [0, 1]]


def test_categories_are_fine(world):
    tables = dict(world.data.tables)
    for name in ("visits", "purchases", "treatments", "items", "users"):
        for at, column in enumerate(tables[name].column_names):
            if pa.types.is_string(tables[name][column].type):
                tables[name] = tables[name].set_column(at, column, tables[name][column].dictionary_encode())
    one, other = grid(world.data), grid(Dataset(tables=tables))
    np.testing.assert_array_equal(one.purchases(), other.purchases())
    np.testing.assert_array_equal(one.treatment("display"), other.treatment("display"))
    np.testing.assert_array_equal(one.users, other.users)


def test_a_weeks_covariates_fill_gaps_with_the_items_mean():
    weeks = {"item": ["x", "x", "y"], "week": [1, 2, 5], "discount": [0.1, 0.3, 0.9]}
    units = grid(log(item_weeks=weeks))
    np.testing.assert_allclose(units.item_weeks["discount"], [[0, 0.1], [0, 0.3], [0, 0.2]])
    np.testing.assert_allclose(units.treatment("discount"), [[0, 0.1], [0, 0.2], [0, 0.3]])
    part = units.only(units.levels["week"] != 1)
    np.testing.assert_allclose(part.treatment("discount"), units.treatment("discount")[:2])
    np.testing.assert_allclose(units.of_items(np.array([False, True])).treatment("discount")[:, 0], [0.1, 0.2, 0.3])


def test_absorbed_codes_are_the_contexts_levels(world):
    units = grid(world.data)
    by_item, common = absorbed_codes(units, [absorbed("week", common=("store",)), absorbed("store")])
    assert [codes is units.levels[name] for codes, name in zip(by_item, ("week", "store"), strict=True)] == [True, True]
    assert common[0] is units.levels["store"]
    with pytest.raises(MissingColumnsError, match=r"nor 'stores' .did you mean 'store'") as caught:
        absorbed_codes(units, [absorbed("weeks", "stores")])
    assert caught.value.missing == ("weeks", "stores")


REFUSED = {
    "a purchase out of any visit's context": (
        {"purchases": {"user": ["a"], "item": ["x"], "store": ["t"], "week": [1]}},
        "1 purchases lie in no visit's store",
    ),
    "a purchase in another user's visit": (
        {"purchases": {"user": ["b"], "item": ["x"], "store": ["t"], "week": [2]}}, "no visit of their user",
    ),
    "an item that is not listed": (
        {"purchases": {"user": ["a"], "item": ["q"], "store": ["s"], "week": [1]}}, "1 items are in no list .*'q'",
    ),
    "a user that is not listed": (
        {"visits": {"user": ["z", "a"], "store": ["s", "s"], "week": [1, 1]}, "purchases": {
            "user": ["a"], "item": ["x"], "store": ["s"], "week": [1]}}, "1 users are in no list .*'z'",
    ),
    "a purchase twice": (
        {"purchases": {"user": ["a"] * 2, "item": ["x"] * 2, "store": ["s"] * 2, "week": [1] * 2}},
        "1 rows of 'purchases' repeat the user, item, store, week of another",
    ),
    "a treatment twice": (
        {"treatments": {"item": ["x"] * 3, "store": ["s"] * 3, "week": [1] * 3, "display": [0, 1, 1]}},
        "2 rows of 'treatments' repeat the item, store, week",
    ),
    "a missing week": (
        {"visits": {"user": ["a", "a"], "store": ["s", "s"], "week": [1, None]}}, "1 of 2 rows miss 'week'",
    ),
    "text weeks beside numbers": (
        {"treatments": {"item": ["x"], "store": ["s"], "week": ["1"], "display": [1]}}, "'week' is string in one table",
    ),
    "number ids beside text": ({"users": {"user": [1, 2]}}, "'users' is string in one table and int64 in another"),
}  # fmt: skip


@pytest.mark.parametrize(("changed", "message"), REFUSED.values(), ids=REFUSED)
def test_refusals(changed, message):
    with pytest.raises(DataError, match=message):
        grid(log(**changed))


def test_a_flat_table_is_refused():
    with pytest.raises(DataError, match="'data' is a flat table"):
        grid(Dataset.from_frames({"a": [1]}))


def test_a_log_without_a_visit_is_refused(world):
    with pytest.raises(DataError, match="'data' has no visit"):
        grid(world.data.window(900, 901))


def test_a_log_without_a_context_is_refused():
    tables = {"visits": {"user": ["a"]}, "purchases": {"user": ["a"], "item": ["x"]}}
    with pytest.raises(DataError, match="shares no context column"):
        grid(log(**tables, treatments={"item": ["x"], "display": [1]}))
