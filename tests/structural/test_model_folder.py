"""A model that was written and read again answers the same."""

import numpy as np
import pytest

from causalrec.errors import DataError, MissingDataError, OutputError
from causalrec.graph import CausalGraph
from causalrec.structural import Boosting, StructuralModel
from tests.structural.worlds import SHOP, binary_shop, linear_shop


def test_everything_comes_back(tmp_path):
    rng = np.random.default_rng(0)
    was = binary_shop(0) | {"genre": rng.choice(["a", "b", "c"], 500)}
    was["text"] = np.column_stack([was["season"], -was["season"]]) + rng.normal(size=(500, 2))
    graph = CausalGraph([*SHOP.edges, ("genre", "sales"), ("season", "text")])
    model = StructuralModel(graph, n_refits=4, random_state=3).fit(was)
    back = StructuralModel.load(model.save(tmp_path / "model"))
    first, second = (one.effect("display", "sales") for one in (model, back))
    assert str(first) == str(second)
    ours, theirs = (one.counterfactual(was, {"display": 1}, n_draws=20) for one in (model, back))
    assert str(ours) == str(theirs)
    np.testing.assert_array_equal(model.sample(50)["text"], back.sample(50)["text"])
    assert repr(model) == repr(back)
    assert str(model.check(was)) == str(back.check(was))


def test_boosted_trees_cannot_be_saved(tmp_path):
    model = StructuralModel(SHOP, {"sales": Boosting(n_trees=5)}, n_refits=0).fit(linear_shop(0))
    with pytest.raises(OutputError, match=r"'sales'.*pickle"):
        model.save(tmp_path / "model")
    assert not (tmp_path / "model").exists()


def test_a_folder_without_a_model(tmp_path):
    with pytest.raises(MissingDataError, match="holds no structural model"):
        StructuralModel.load(tmp_path)


@pytest.mark.parametrize("text", ["{", "[]", "{}"])
def test_a_file_that_is_no_model(tmp_path, text):
    StructuralModel(SHOP, n_refits=0).fit(linear_shop(0)).save(tmp_path)
    (tmp_path / "structural_model.json").write_text(text)
    with pytest.raises(DataError, match=r"structural_model\.json"):
        StructuralModel.load(tmp_path)


def test_numbers_of_numpy_are_saved(tmp_path):
    model = StructuralModel(SHOP, n_refits=np.int64(2), random_state=np.int64(3)).fit(linear_shop(0))
    assert StructuralModel.load(model.save(tmp_path)).random_state == 3
