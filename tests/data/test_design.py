import numpy as np
import pyarrow as pa
import pytest

from causalrec.data import Dataset, Design, DesignBlock, absorbed, design, text
from causalrec.errors import DataError, MissingColumnsError, ShapeError
from causalrec.identification import Estimand
from tests.data.design_tables import effect, frame


class Lengths:
    """An encoder that counts its calls: length of the text, and whether it asks."""

    def __init__(self):
        self.texts = []

    def encode(self, texts):
        self.texts += texts
        return np.array([[len(t), t.endswith("?")] for t in texts], dtype=np.float32)


# What is in it


def test_the_names_say_what_each_column_is():
    found = design(effect("age", "device"), Dataset.from_frames(frame()), weights="share", clusters=["user"])
    assert found.treatment_names == ("shown",)
    assert found.covariate_names == ("age", "device=tv", "device=web") == found.matrix_names
    assert found.n == 200
    assert found.n_clusters == {"user": 30}
    np.testing.assert_array_equal(found.weight, frame()["share"])
    np.testing.assert_array_equal(found.covariates[:, 1], np.array(frame()["device"]) == "tv")


def test_a_node_has_its_own_name_not_its_columns():
    found = design(effect("years"), Dataset.from_frames(frame(), columns={"years": "age"}))
    assert found.covariate_names == ("years",)


def test_instruments_and_mediators_are_filled_in():
    iv = Estimand(("shown",), "clicked", "instrument", ("age",), instruments=("lot", "quarter"))
    found = design(iv, Dataset.from_frames(frame()))
    assert found.instrument_names == ("lot", "quarter=q2", "quarter=q3", "quarter=q4")
    assert found.instruments.shape == (200, 4)
    assert found.covariate_names == ("age",)
    door = design(Estimand(("shown",), "clicked", "frontdoor", mediators=("via",)), Dataset.from_frames(frame()))
    np.testing.assert_array_equal(door.mediators[:, 0], frame()["via"])
    assert door.instruments.shape == (200, 0)


def test_nodes_within_whose_values_the_effect_is_asked_for_are_held_fixed():
    assert design(effect("age", conditional=("lot",)), Dataset.from_frames(frame())).covariate_names == ("age", "lot")


@pytest.mark.parametrize("n", [0, 1, 10])
def test_few_rows(n):
    data = Dataset.from_frames(frame(n))
    if n:
        assert design(effect("age"), data).n == n
    else:
        with pytest.raises(DataError, match="'interactions' has no rows"):
            design(effect("age"), data)


def test_decimals_and_nullable_booleans_are_numbers():
    from decimal import Decimal

    table = pa.table({"shown": [True, False, True], "clicked": [Decimal("1.5"), Decimal("2.5"), Decimal("0.25")]})
    found = design(effect(), Dataset.from_frames(table))
    np.testing.assert_array_equal(found.outcome, [1.5, 2.5, 0.25])
    np.testing.assert_array_equal(found.treatments[:, 0], [1, 0, 1])


def test_a_million_levels_are_refused_with_the_way_out():
    table = frame(1500) | {"device": [f"d{k}" for k in range(1500)]}
    with pytest.raises(DataError, match=r"1,500 categories.*absorbed\(common=\('device',\)\)"):
        design(effect("device"), Dataset.from_frames(table))
    data = Dataset.from_frames(table, columns={"device": absorbed(common=("device",))})
    assert design(effect("device"), data).n_absorbed == (1500,)


@pytest.mark.parametrize("value", [np.inf, -np.inf])
def test_infinite_values_are_refused_with_a_count(value):
    table = frame()
    table["age"][:3] = value
    with pytest.raises(DataError, match="Infinite values of 200 rows: 'age' 3"):
        design(effect("age"), Dataset.from_frames(table))


def test_negative_and_missing_weights_are_refused():
    table = frame()
    table["share"][:2] = -1
    with pytest.raises(DataError, match="'share' is negative in 2 rows"):
        design(effect(), Dataset.from_frames(table), weights="share")
    table["share"][:2] = np.nan
    with pytest.raises(DataError, match="'share' 2"):
        design(effect(), Dataset.from_frames(table), weights="share")


def test_weights_that_are_all_zero_are_refused():
    with pytest.raises(DataError, match="'share' is 0 in every row"):
        design(effect(), Dataset.from_frames(frame() | {"share": np.zeros(200)}), weights="share")


@pytest.mark.parametrize("values", [[[1], [2]], [{"a": 1}, {"a": 2}]], ids=["lists", "records"])
def test_values_that_are_no_categories_are_refused(values):
    with pytest.raises(DataError, match=r"'device' holds .*no categories"):
        design(effect("device"), Dataset.from_frames(frame() | {"device": pa.array(values * 100)}))


def test_text_as_a_weight_or_a_number_as_text_is_refused():
    with pytest.raises(DataError, match="'device' holds string"):
        design(effect(), Dataset.from_frames(frame()), weights="device")
    with pytest.raises(DataError, match="'age' holds numbers"):
        design(effect("words"), Dataset.from_frames(frame(), columns={"words": text("age", model=Lengths())}))


def test_columns_that_no_table_has_are_listed_with_clusters_and_weights():
    with pytest.raises(MissingColumnsError) as caught:
        design(effect("ages"), Dataset.from_frames(frame()), clusters=["usr"], weights="shares")
    assert caught.value.missing == ("usr", "shares", "ages")


def test_a_log_of_visits_is_no_design():
    tables = {"visits": {"user": [1], "week": [1]}, "purchases": {"user": [1], "item": [1], "week": [1]}}
    tables |= {"treatments": {"item": [1], "week": [1]}, "items": {"item": [1]}, "users": {"user": [1]}}
    with pytest.raises(DataError, match="log of visits"):
        design(effect(), Dataset.from_visits(**tables))


# Blocks


TITLES = ["Tea?", "Coffee", "Biscuits", "Why not?"]


def test_each_distinct_text_is_encoded_once():
    titles, encoder = np.random.default_rng(2).choice(TITLES, 200), Lengths()
    data = Dataset.from_frames(frame() | {"title": titles}, columns={"words": text("title", model=encoder)})
    found = design(effect("age", "words"), data)
    assert sorted(encoder.texts) == sorted(TITLES)
    (block,) = found.blocks
    assert (block.name, block.names, block.matrix.shape) == ("words", ("words 0", "words 1"), (4, 2))
    np.testing.assert_array_equal(found.matrix()[:, 1], [len(t) for t in titles])
    np.testing.assert_array_equal(found.matrix()[:, 2], [t.endswith("?") for t in titles])
    assert found.matrix_names == ("age", "words 0", "words 1")


def test_missing_texts_are_refused_or_dropped():
    titles = [None, *["Tea?"] * 199]
    data = Dataset.from_frames(frame() | {"title": titles}, columns={"words": text("title", model=Lengths())})
    with pytest.raises(DataError, match="'title' 1"):
        design(effect("words"), data)
    assert design(effect("words"), data, missing="drop").n == 199
    with pytest.raises(DataError, match="A text cannot be filled in"):
        design(effect("words"), data, missing="indicator")
    nothing = Dataset.from_frames(frame() | {"title": pa.nulls(200, pa.string())}, columns=data.columns)
    with pytest.raises(DataError, match="'title' 200"):
        design(effect("words"), nothing, missing="drop")


@pytest.mark.parametrize("answer", [np.zeros((3, 2)), np.full((4, 1), np.nan), np.zeros(4)])
def test_an_encoder_that_gives_something_else_is_refused(answer):
    class Wrong:
        def encode(self, texts):
            return answer

    table = frame() | {"title": np.resize(TITLES, 200)}
    with pytest.raises(DataError, match="encoder of 'title'"):
        design(effect("words"), Dataset.from_frames(table, columns={"words": text("title", model=Wrong())}))


def with_items(**changed):
    table = frame() | {"item": np.random.default_rng(5).choice(["a", "b", "c", "d"], 200)}
    items = {"item": ["d", "b", "a", "c"], "title": TITLES, "price": [4.0, 2.0, 1.0, 3.0], "kind": list("xyxz")}
    users = {"user": np.arange(30), "city": np.array(["n", "s"])[np.arange(30) % 2]}
    columns = {"words": text("title", model=Lengths())}
    return Dataset.from_frames(table, items=items | changed, users=users, columns=columns), table, items


def test_columns_of_items_are_one_block_joined_by_key():
    data, table, items = with_items()
    found = design(effect("age", "kind", "price", "words", "city"), data, clusters=["kind", "user"])
    assert [block.name for block in found.blocks] == ["users", "items"]
    assert found.blocks[1].names == ("kind=y", "kind=z", "price", "words 0", "words 1")
    assert found.blocks[1].matrix.shape == (4, 5)
    place = [items["item"].index(item) for item in table["item"]]
    expected = np.array(items["price"])[place]
    np.testing.assert_array_equal(found.matrix()[:, list(found.matrix_names).index("price")], expected)
    np.testing.assert_array_equal(
        found.clusters["kind"], np.searchsorted(["x", "y", "z"], np.array(items["kind"])[place])
    )
    city = found.matrix()[:, list(found.matrix_names).index("city=s")]
    np.testing.assert_array_equal(city, table["user"] % 2)


@pytest.mark.parametrize(("changed", "words"), [
    ({"item": ["a", "b", "a", "c"]}, "1 rows of 'items' repeat the 'item'"),
    ({"item": ["a", "b", "c", "e"]}, "rows of 'interactions' name a 'item' that the table of block 'items' lacks.*'d'"),
    ({"price": [1.0, None, 2.0, np.nan]}, "Missing values of 4 rows of 'items': 'price' 2"),
    ({"price": [1.0, np.inf, 2.0, 0]}, "Infinite values of 4 rows of 'items': 'price' 1"),
])  # fmt: skip
def test_items_that_do_not_fit_are_refused(changed, words):
    data, _, _ = with_items(**changed)
    with pytest.raises(DataError, match=words):
        design(effect("price"), data)


def test_an_attribute_may_be_filled_in():
    data, _, _ = with_items(price=[1.0, None, 2.0, 7.0])
    found = design(effect("price"), data, missing="indicator")
    assert found.blocks[0].matrix.tolist() == [[1, 0], [2, 1], [2, 0], [7, 0]]


def test_other_keys_may_be_named():
    table = frame() | {"product": ["a", "b"] * 100}
    data = Dataset.from_frames(table, items={"product": ["b", "a"], "price": [2.0, 1.0]}, keys={"items": "product"})
    np.testing.assert_array_equal(design(effect("price"), data).matrix()[:3, 0], [1, 2, 1])
    with pytest.raises(MissingColumnsError, match="'items' has no column 'item'"):
        Dataset.from_frames(table, items={"product": ["b", "a"]})


# Rows, folds and batches


def test_batches_are_the_design_in_pieces():
    data, _, _ = with_items()
    whole = design(effect("age", "device", "price"), data, clusters=["user"], weights="share")
    parts = list(whole.batches(64))
    assert [part.n for part in parts] == [64, 64, 64, 8]
    np.testing.assert_array_equal(np.concatenate([part.matrix() for part in parts]), whole.matrix())
    np.testing.assert_array_equal(np.concatenate([part.weight for part in parts]), whole.weight)
    np.testing.assert_array_equal(np.concatenate([part.folds(3, 1) for part in parts]), whole.folds(3, 1))
    assert all(part.blocks[0].matrix is whole.blocks[0].matrix for part in parts)
    assert all(part.covariate_names == whole.covariate_names for part in parts)


def test_folds_do_not_depend_on_the_order_of_rows():
    order = np.random.default_rng(9).permutation(200)
    table = frame()
    shuffled = {name: np.array(values)[order] for name, values in table.items()}
    for clusters in ((), ("user",), ("user", "device")):
        one = design(effect("age", "device"), Dataset.from_frames(table), clusters=clusters).folds(3, 2)
        other = design(effect("age", "device"), Dataset.from_frames(shuffled), clusters=clusters).folds(3, 2)
        np.testing.assert_array_equal(other, one[order])


@pytest.mark.parametrize("within", [(), ("device",), ("age",)])
def test_another_unit_of_the_outcome_gives_the_same_folds(within):
    table = frame()
    folds = design(effect(*within), Dataset.from_frames(table)).folds(5, 1)
    other = {**table, "clicked": 37.1 * table["clicked"]}
    np.testing.assert_array_equal(design(effect(*within), Dataset.from_frames(other)).folds(5, 1), folds)
    assert np.ptp(np.bincount(folds)) <= 1


def test_clusters_stay_whole():
    found = design(effect("age"), Dataset.from_frames(frame()), clusters=["user"])
    folds = found.folds(5, 3)
    assert all(len(set(folds[found.clusters["user"] == user])) == 1 for user in range(30))
    assert np.bincount(folds).min() >= 25
    with pytest.raises(DataError, match="3 clusters of 'device' cannot be split into 5"):
        design(effect("age"), Dataset.from_frames(frame()), clusters=["device"]).folds(5)


def test_rows_takes_some():
    whole = design(effect("age"), Dataset.from_frames(frame()), clusters=["user"])
    some = whole.rows(np.arange(0, 200, 2))
    assert some.n == 100
    np.testing.assert_array_equal(some.clusters["user"], whole.clusters["user"][::2])


def test_arrays_that_do_not_fit_are_refused():
    y, t = np.zeros(3), np.zeros((3, 1))
    with pytest.raises(ShapeError, match="one row for each of the 3 outcomes"):
        Design(y, t[:2], t, (), {})
    with pytest.raises(ShapeError, match="1 columns and 2 names"):
        Design(y, t, t, (), {}, treatment_names=("a", "b"))
    with pytest.raises(ShapeError, match=r"clusters\['u'\]"):
        Design(y, t, t, (), {"u": np.zeros(2, dtype=int)})
    with pytest.raises(ShapeError, match="has 2 groups, and a row names 2"):
        DesignBlock("b", np.array([0, 2]), np.zeros((2, 1)))
