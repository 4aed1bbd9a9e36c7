import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from causalrec.data import Column, Dataset, TextColumn, absorbed, design, grid, text
from causalrec.errors import DataError, MissingColumnsError
from causalrec.identification import Estimand


def log(**changed):
    tables = {
        "visits": {"user": ["a", "b", "a"], "store": ["s", "s", "t"], "week": [1, 2, 2], "days": [0b0000011, 4, 64]},
        "purchases": {
            "user": ["a", "a"], "item": ["x", "y"], "store": ["s", "t"], "week": [1, 2], "days": [0b0000010, 64],
        },
        "treatments": {"item": ["x"], "store": ["s"], "week": [1], "display": [1]},
        "items": {"item": ["x", "y"], "kind": ["tea", None]},
        "users": {"user": ["a", "b"]},
    }  # fmt: skip
    tables = {name: pa.table(columns) for name, columns in tables.items()}
    for name in ("visits", "purchases"):
        at = tables[name].column_names.index("days")
        tables[name] = tables[name].set_column(at, "days", tables[name]["days"].cast(pa.uint8()))
    return {**tables, **{name: pa.table(columns) for name, columns in changed.items()}}


# Layouts


def test_a_log_of_visits_has_visits_times_items_units():
    data = Dataset.from_visits(**log())
    assert data.is_grid
    assert data.n_units == 6
    assert data.context == ("store", "week")
    assert "6 units" in repr(data)


def test_a_flat_table_has_a_unit_a_row():
    data = Dataset.from_frames({"shown": [0, 1, 1], "clicked": [0, 0, 1]})
    assert not data.is_grid
    assert data.n_units == 3


def test_neither_layout_is_refused():
    with pytest.raises(DataError, match="this one has visits, items"):
        Dataset(tables={name: log()[name] for name in ("visits", "items")})
    with pytest.raises(DataError, match="this one has none"):
        Dataset(tables={})


def test_a_table_without_its_columns_is_refused_with_all_of_them():
    with pytest.raises(MissingColumnsError, match=r"'purchases' has no column 'user' .*nor 'item'") as caught:
        Dataset.from_visits(**log(purchases={"users": ["a"], "items": ["x"], "store": ["s"], "week": [1]}))
    assert caught.value.missing == ("user", "item")


def test_purchases_without_their_context_are_refused():
    with pytest.raises(MissingColumnsError, match="'store'") as caught:
        Dataset.from_visits(**log(purchases={"user": ["a"], "item": ["x"], "week": [1]}))
    assert caught.value.missing == ("store",)


# What may be handed in


FRAME = {"shown": [0, 1, 1, 0], "device": ["web", "app", "web", "tv"], "clicked": [0.0, 1.0, 1.0, 0.5]}
CLICKED = Estimand(("shown",), "clicked", "adjustment", adjustment=("device",))


def polars(columns):
    return pytest.importorskip("polars").DataFrame(columns)


def pandas(columns):
    return pytest.importorskip("pandas").DataFrame(columns)


@pytest.mark.parametrize("make", [dict, pa.table, pandas, polars], ids=["mapping", "Arrow", "pandas", "polars"])
def test_every_kind_of_frame_gives_the_same_design(make):
    found = design(CLICKED, Dataset.from_frames(make(FRAME)))
    np.testing.assert_array_equal(found.treatments, [[0], [1], [1], [0]])
    np.testing.assert_array_equal(found.covariates, [[0, 1], [0, 0], [0, 1], [1, 0]])  # app is the base
    np.testing.assert_array_equal(found.outcome, [0, 1, 1, 0.5])


def test_a_pandas_index_is_no_column():
    frame = pandas(FRAME)
    part = frame[frame.shown == 1]
    assert Dataset.from_frames(part).tables["interactions"].column_names == ["shown", "device", "clicked"]
    visits = pandas({"user": ["a", "b", "a"], "store": ["s", "s", "t"]}).iloc[::-1]
    treatments = pandas({"item": ["x", "x"], "store": ["s", "t"], "display": [1, 0]}).iloc[:1]
    data = Dataset.from_visits(**log(purchases={"user": ["a"], "item": ["x"], "store": ["s"]}) | {
        "visits": visits, "treatments": treatments})  # fmt: skip
    assert data.context == ("store",)
    assert grid(data).n_contexts == 2


def test_pandas_categories_are_their_values():
    pd = pytest.importorskip("pandas")
    frame = pandas(FRAME)
    frame["device"] = pd.Categorical(frame["device"], categories=["web", "tv", "app", "unused"])
    found = design(CLICKED, Dataset.from_frames(frame), clusters=["device"])
    expected = design(CLICKED, Dataset.from_frames(FRAME), clusters=["device"])
    np.testing.assert_array_equal(found.covariates, expected.covariates)
    np.testing.assert_array_equal(found.clusters["device"], expected.clusters["device"])


def test_parquet_is_read(tmp_path):
    path = tmp_path / "clicks.parquet"
    pq.write_table(pa.table(FRAME), path)
    data = Dataset.from_parquet(path, columns={"seen": "shown"})
    assert data.name == "clicks"
    assert data.column("seen") == Column("shown")
    assert data.n_units == 4


def test_nothing_handed_in_is_changed():
    frame, columns = pandas(FRAME), {"a": "shown"}
    before, mapping = frame.copy(), {name: list(values) for name, values in FRAME.items()}
    data = Dataset.from_frames(frame, columns=columns)
    data.with_columns({"b": "device"})
    design(CLICKED, data)
    Dataset.from_frames(mapping)
    assert frame.equals(before)
    assert mapping == FRAME
    assert columns == {"a": "shown"}
    tables = log()
    copies = {name: table.slice(0) for name, table in tables.items()}
    data = Dataset.from_visits(**tables)
    data.window(1, 1)
    data.on_weekdays(1)
    grid(data)
    assert all(tables[name].equals(copies[name]) for name in tables)


@pytest.mark.parametrize("strange", [[1, 2], 7, None, "a.csv"])
def test_what_is_no_table_is_refused(strange):
    with pytest.raises(DataError, match=f"not {type(strange).__name__}"):
        Dataset.from_frames(strange)


@pytest.mark.parametrize("strange", [{"a": [1], "b": [1, 2]}, {"a": 1}], ids=["ragged", "scalar"])
def test_columns_that_make_no_table_are_refused(strange):
    with pytest.raises(DataError, match="make no table"):
        Dataset.from_frames(strange)


def test_columns_of_one_name_or_of_mixed_values_are_refused():
    pd = pytest.importorskip("pandas")
    with pytest.raises(DataError, match="make no table: Duplicate column names"):
        Dataset.from_frames(pd.DataFrame([[1, 2]], columns=["a", "a"]))
    with pytest.raises(DataError, match="Several columns are called 'a'"):
        Dataset.from_frames(pa.table([[1], [2]], names=["a", "a"]))
    with pytest.raises(DataError, match="Could not convert 'a'"):
        Dataset.from_frames(pd.DataFrame({"t": [0, "a"]}))


# Nodes and columns


def test_a_node_that_is_not_bound_is_its_own_column():
    data = Dataset.from_frames(FRAME, columns={"seen": "shown", "words": text("device"), "time": absorbed("week")})
    assert data.column("clicked") == Column("clicked")
    assert data.column_name("seen") == "shown"
    assert data.column("words") == TextColumn("device")
    for node in ("words", "time"):
        with pytest.raises(DataError, match=f"'{node}' is .*one column"):
            data.column_name(node)


def test_with_columns_rebinds_some_and_keeps_the_others():
    data = Dataset.from_frames(FRAME, columns={"a": "shown", "b": "device"})
    other = data.with_columns({"b": "clicked"})
    assert (other.column_name("a"), other.column_name("b")) == ("shown", "clicked")
    assert data.column_name("b") == "device"
    assert other.tables is data.tables


NAMES = ['say "hi"', "it's", "Größe in cm", "商品", "a.b", "", "select * from x", "tab\tbed"]


@pytest.mark.parametrize("name", NAMES)
def test_any_text_may_name_a_column(name):
    table = {**FRAME, name: [1.0, 2.0, 3.0, 5.0]}
    estimand = Estimand(("shown",), "clicked", "adjustment", adjustment=("size",))
    found = design(estimand, Dataset.from_frames(table, columns={"size": name}))
    np.testing.assert_array_equal(found.covariates[:, 0], [1, 2, 3, 5])
    changed = {"store": ["s", "s", "t"], "week": [1, 2, 2]}
    data = Dataset.from_visits(**log(
        visits={"user": ["a", "b", "a"], name: ["s", "s", "t"]},
        purchases={"user": ["a"], "item": ["x"], name: ["t"]},
        treatments={"item": ["x"], name: ["t"], "display": changed["week"][:1]},
    ))  # fmt: skip
    assert data.context == (name,)
    assert grid(data).treatment("display").tolist() == [[0, 0], [1, 0]]


def test_a_missing_item_value_is_the_word_unknown():
    data = Dataset.from_visits(**log())
    assert data.item_column("kind").tolist() == ["tea", "unknown"]
    with pytest.raises(MissingColumnsError, match="did you mean 'kind'"):
        data.item_column("kinds")


# Parts


def test_a_window_includes_both_ends_in_every_table_with_the_column():
    data = Dataset.from_visits(**log())
    part = data.window(2, 2)
    assert {name: table.num_rows for name, table in part.tables.items()} == {
        "visits": 2, "purchases": 1, "treatments": 0, "items": 2, "users": 2,
    }  # fmt: skip
    whole = data.window(1, 2)
    assert all(whole.tables[name].equals(data.tables[name]) for name in data.tables)
    assert data.window(5, 9).n_units == 0
    assert part.columns == data.columns


def test_weekdays_are_bits_with_sunday_first():
    data = Dataset.from_visits(**log())
    sunday = data.on_weekdays(0)
    assert sunday.tables["visits"]["user"].to_pylist() == ["a"]
    assert sunday.tables["purchases"].num_rows == 0  # that visit's purchase was on Monday
    assert data.on_weekdays(1).tables["purchases"]["item"].to_pylist() == ["x"]
    assert data.on_weekdays(2, 6).tables["visits"]["store"].to_pylist() == ["s", "t"]
    assert data.on_weekdays(*range(7)).n_units == data.n_units


def test_weekdays_need_the_days():
    tables = log()
    data = Dataset.from_visits(**{**tables, "visits": tables["visits"].drop_columns("days")})
    with pytest.raises(MissingColumnsError, match="'visits' has no column 'days'"):
        data.on_weekdays(1)
