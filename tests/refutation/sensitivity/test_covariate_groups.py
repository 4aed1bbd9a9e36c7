import numpy as np
import pytest

from causalrec.data.design import Design
from causalrec.data.design_block import DesignBlock
from causalrec.errors import DataError, MissingColumnsError
from causalrec.refutation.sensitivity.covariate_groups import asked_groups, covariate_groups, without_columns

NAMES = ("age", "age missing", "brand=b", "brand=c", "brand missing", "price")


def rows():
    block = DesignBlock("title", np.array([0, 1, 0]), np.arange(6.0).reshape(2, 3))
    X = np.random.default_rng(0).normal(size=(3, 6))
    return Design(np.zeros(3), np.zeros((3, 1)), X, (), {}, ("shown",), NAMES, blocks=(block,))


def test_indicators_and_blocks_belong_together():
    assert covariate_groups(rows()) == {
        "age": ("age", "age missing"), "brand": ("brand=b", "brand=c", "brand missing"), "price": ("price",),
        "title": ("title 0", "title 1", "title 2"),
    }  # fmt: skip


def test_groups_by_name_by_column_and_together():
    design = rows()
    assert asked_groups(design, None) == covariate_groups(design)
    assert asked_groups(design, "price") == {"price": ("price",)}
    assert asked_groups(design, ["brand=b"]) == {"brand=b": ("brand=b",)}
    assert asked_groups(design, {"all of it": ["age", "title", "age"]})["all of it"] == (
        "age", "age missing", "title 0", "title 1", "title 2"
    )  # fmt: skip


def test_without_columns_keeps_rows_folds_and_what_is_left_of_a_block():
    design = rows()
    less = without_columns(design, ("age", "title 1"))
    assert less.covariate_names == NAMES[1:]
    np.testing.assert_array_equal(less.blocks[0].matrix, design.blocks[0].matrix[:, [0, 2]])
    assert less.blocks[0].names == ("title 0", "title 2")
    assert without_columns(design, ("title 0", "title 1", "title 2")).blocks == ()
    np.testing.assert_array_equal(less.row_keys(), design.row_keys())
    np.testing.assert_array_equal(less.folds(2), design.folds(2))
    np.testing.assert_array_equal(less.covariates, design.covariates[:, 1:])


def test_bad_input_is_refused():
    with pytest.raises(MissingColumnsError, match="colour"):
        asked_groups(rows(), ["colour"])
    with pytest.raises(DataError, match="no columns"):
        asked_groups(rows(), {"nothing": ()})
    for given in (5, [5], {"one": 5}, [["age"]], {"one": [["age"]]}):
        with pytest.raises(DataError, match="Benchmarks are names"):
            asked_groups(rows(), given)
