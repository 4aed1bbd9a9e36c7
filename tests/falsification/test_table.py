"""Tables of all kinds give the same answer."""

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from causalrec.data import Dataset
from causalrec.errors import DataError, MissingColumnsError, ShapeError
from causalrec.falsification import falsify
from causalrec.graph import CausalGraph

GRAPH = CausalGraph([("season", "display"), ("display", "sold"), ("item_text", "sold"), ("kind", "season")])


def columns(n=200):
    rng = np.random.default_rng(0)
    kind = rng.choice(["food", "toys"], n)
    season = rng.normal(size=n) + (kind == "food")
    text = rng.normal(size=(n, 4))
    display = season + rng.normal(size=n)
    return {
        "season": season, "display": display, "sold": display + text[:, 0] + rng.normal(size=n), "item_text": text,
        "kind": kind,
    }  # fmt: skip


def frame():
    return pd.DataFrame({name: list(values) for name, values in columns().items()}).astype({"kind": "category"})


def arrow():
    flat = {name: values for name, values in columns().items() if values.ndim == 1}
    return pa.table({**flat, "item_text": pa.FixedSizeListArray.from_arrays(columns()["item_text"].ravel(), 4)})


EXPECTED = falsify(GRAPH, columns(), n_permutations=3)
DOORS = {"frame": frame, "arrow": arrow, "dataset": lambda: Dataset.from_frames(arrow())}


@pytest.mark.parametrize("door", DOORS.values(), ids=DOORS)
def test_every_door_gives_the_same(door):
    assert str(falsify(GRAPH, door(), n_permutations=3)) == str(EXPECTED)


def test_columns_of_other_names_and_several_columns():
    data = columns()
    text = data.pop("item_text")
    flat = {**data, **{f"text_{k}": text[:, k] for k in range(4)}}
    flat["sales"] = flat.pop("sold")
    bound = {"item_text": [f"text_{k}" for k in range(4)], "sold": "sales"}
    assert str(falsify(GRAPH, flat, columns=bound, n_permutations=3)) == str(EXPECTED)
    renamed = Dataset.from_frames(arrow().rename_columns(["season", "display", "sales", "kind", "item_text"]))
    renamed = renamed.with_columns({"sold": "sales"})
    assert str(falsify(GRAPH, renamed, n_permutations=3)) == str(EXPECTED)


def test_all_absent_names_are_listed_at_once_with_the_nearest():
    data = columns()
    data["saeson"], data["displays"] = data.pop("season"), data.pop("display")
    with pytest.raises(MissingColumnsError, match=r"'season' .did you mean 'saeson'") as error:
        falsify(GRAPH, data, columns={"sold": "solds"})
    assert error.value.missing == ("solds", "season", "display")
    assert "'displays'" in str(error.value)


def test_missing_values_of_all_columns_are_counted():
    data = frame()
    data.loc[:3, "season"] = np.nan
    data.loc[:1, "kind"] = None
    with pytest.raises(DataError, match=r"'season' 4.*'kind' 2|'kind' 2.*'season' 4"):
        falsify(GRAPH, data)


def test_names_in_options_are_checked():
    with pytest.raises(DataError, match=r"`kinds` names 'sesaon' .did you mean 'season'"):
        falsify(GRAPH, columns(), kinds={"sesaon": "discrete"})
    with pytest.raises(DataError, match="`columns` names 'txt'"):
        falsify(GRAPH, columns(), columns={"txt": "item_text"})


def test_lengths_must_agree():
    with pytest.raises(ShapeError, match=r"\[150, 200\]"):
        falsify(GRAPH, {**columns(), "kind": columns()["kind"][:150]})


def test_blocks_have_one_length():
    ragged = arrow().set_column(4, "item_text", pa.array([[1.0]] * 199 + [[1.0, 2.0]]))
    with pytest.raises(DataError, match=r"lengths \[1, 2\]"):
        falsify(GRAPH, ragged)


def test_a_log_of_visits_is_refused(world):
    with pytest.raises(DataError, match="flat table"):
        falsify(GRAPH, world.data)
