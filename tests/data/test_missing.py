import numpy as np
import pyarrow as pa
import pytest

from causalrec.data import Dataset, design
from causalrec.errors import DataError
from tests.data.design_tables import effect, frame


def holed(n=200):
    table = frame(n)
    ages, devices = table["age"].copy(), list(table["device"])
    ages[[1, 5, 7]] = np.nan
    devices[5] = devices[9] = None
    return {**table, "age": ages, "device": devices}


def test_missing_values_are_refused_with_every_count_and_the_choices():
    with pytest.raises(
        DataError, match=r"200 rows: 'age' 3, 'device' 2. Choose missing='drop', 'indicator' or 'impute'"
    ):
        design(effect("age", "device"), Dataset.from_frames(holed()))


def test_dropped_rows_are_reported():
    found = design(effect("age", "device"), Dataset.from_frames(holed()), missing="drop")
    kept = np.setdiff1d(np.arange(200), [1, 5, 7, 9])
    np.testing.assert_array_equal(found.order, kept)
    assert found.dropped == {"age": 3, "device": 2}
    np.testing.assert_array_equal(found.outcome, frame()["clicked"][kept])


def test_levels_are_those_of_the_rows_that_are_kept():
    table = frame() | {"device": ["tv"] + ["app", "web"] * 99 + ["app"]}
    table["age"] = [None, *table["age"][1:]]
    assert design(effect("age", "device"), Dataset.from_frames(table), missing="drop").covariate_names == (
        "age", "device=web",
    )  # fmt: skip


def test_an_indicator_says_where_a_value_was_filled_in():
    found = design(effect("age", "device"), Dataset.from_frames(holed()), missing="indicator")
    assert found.covariate_names == ("age", "age missing", "device=tv", "device=web", "device missing")
    np.testing.assert_array_equal(np.flatnonzero(found.covariates[:, 1]), [1, 5, 7])
    np.testing.assert_array_equal(np.flatnonzero(found.covariates[:, 4]), [5, 9])
    known = np.sort(np.delete(frame()["age"], [1, 5, 7]))
    assert (found.covariates[[1, 5, 7], 0] == known[98]).all()  # the lower median of 197
    assert not found.covariates[[5, 9], 2:4].any()
    assert design(effect("lot"), Dataset.from_frames(holed()), missing="indicator").covariate_names == ("lot",)


def test_imputed_values_come_from_the_other_folds():
    found = design(effect("age", "device"), Dataset.from_frames(holed()), missing="impute")
    folds, ages, devices = found.folds(5, 0), holed()["age"], np.array(holed()["device"], dtype=object)
    for row in (1, 5, 7):
        assert found.covariates[row, 0] == np.nanmedian(ages[folds != folds[row]])
    for row in (5, 9):
        levels, counts = np.unique([d for d in devices[folds != folds[row]] if d], return_counts=True)
        most = levels[counts.argmax()]
        assert found.covariates[row, 1:].tolist() == [most == "tv", most == "web"]
    assert np.isfinite(found.covariates).all()


def test_an_imputed_value_does_not_know_its_own_fold():
    """Shifting the values of a fold leaves what is filled in there as it was."""
    table = holed()
    before = design(effect("age"), Dataset.from_frames(table), missing="impute", clusters=["user"])
    folds = before.folds(5, 0)
    shifted = table["age"] + 100 * (folds == folds[1])
    after = design(effect("age"), Dataset.from_frames({**table, "age": shifted}), missing="impute", clusters=["user"])
    assert after.covariates[1, 0] == before.covariates[1, 0]


@pytest.mark.parametrize("choice", ["indicator", "impute"])
def test_outcomes_treatments_and_clusters_are_never_filled_in(choice):
    table = frame()
    table["clicked"] = [None, *table["clicked"][1:]]
    with pytest.raises(DataError, match=rf"'clicked' 1. missing='{choice}' fills in covariates alone"):
        design(effect("age"), Dataset.from_frames(table), missing=choice)


def test_a_column_without_any_value():
    table = frame() | {"age": pa.nulls(200, pa.float64())}
    with pytest.raises(DataError, match="'age' has no value outside one fold"):
        design(effect("age"), Dataset.from_frames(table), missing="impute")
    with pytest.raises(DataError, match="'age' has no value; leave it out"):
        design(effect("age"), Dataset.from_frames(table), missing="indicator")
    nothing = Dataset.from_frames(frame() | {"device": pa.nulls(200, pa.string())})
    with pytest.raises(DataError, match="'device' has no value; leave it out"):
        design(effect("device"), nothing, missing="impute")
    with pytest.raises(DataError, match=r"'age' 200. No row is complete"):
        design(effect("age"), Dataset.from_frames(table), missing="drop")


def test_an_unknown_choice_is_refused():
    with pytest.raises(DataError, match="'refuse', 'drop', 'indicator', 'impute'"):
        design(effect(), Dataset.from_frames(frame()), missing="mean")
