import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from causalrec.data import Dataset, StreamedDesign, absorbed, design, design_report, text
from causalrec.data import streamed_design as streaming
from causalrec.data.relation import Relation
from causalrec.errors import DataError
from causalrec.identification import Estimand

N = 5_000
EFFECT = Estimand(("shown",), "clicked", "adjustment", ("age", "device", "price", "title", "week"))
EVIL = 'x"; drop table t; --'


class Lengths:
    def encode(self, texts):
        return np.array([[len(t), t.count("a")] for t in texts], dtype=np.float32)


def frame(n=N, seed=0):
    rng = np.random.default_rng(seed)
    return {
        "shown": rng.integers(0, 2, n), "clicked": rng.normal(size=n), "age": rng.normal(40, 10, n),
        "device": rng.choice(["web", "app", "tv"], n), "user": rng.integers(0, 200, n), "share": rng.uniform(0.5, 2, n),
        "item": rng.choice(list("abcdef"), n), "title": rng.choice(["tea", "java", "ale"], n),
        "week": rng.integers(0, 9, n), EVIL: rng.normal(size=n),
    }  # fmt: skip


ITEMS = {"item": list("fedcba"), "price": [1.0, 2.0, 3.0, 4.0, 5.0, 6.0]}
COLUMNS = {"title": text("title", model=Lengths()), "week": absorbed(common=("week",))}


def both(tmp_path, table, **options):
    """The same files in memory and on disk."""
    half = len(table["shown"]) // 2
    for k, part in enumerate((slice(0, half), slice(half, None))):
        columns = {name: values[part] for name, values in table.items()}
        pq.write_table(pa.table(columns), tmp_path / f"log{k}.parquet", row_group_size=700)
    pattern = str(tmp_path / "log*.parquet")
    options = {"items": ITEMS, "columns": COLUMNS} | options
    memory = Dataset.from_parquet(pattern, memory_limit="1GB", **options)
    return memory, Dataset.from_parquet(pattern, memory_limit="100KB", temp_directory=tmp_path, **options)


def holed():
    table = frame()
    table["age"][::7] = np.nan
    table["device"] = [None if k % 11 == 3 else value for k, value in enumerate(table["device"])]
    return table


def test_a_stream_joined_is_the_design_in_memory(tmp_path):
    memory, disk = both(tmp_path, frame())
    assert isinstance(disk.tables["interactions"], Relation)
    whole = design(EFFECT, memory, clusters=["user"], weights="share")
    stream = design(EFFECT, disk, clusters=["user"], weights="share")
    assert isinstance(stream, StreamedDesign)
    same_as(stream, whole, 999)


@pytest.mark.parametrize("choice", ["drop", "indicator"])
def test_missing_values_are_treated_alike(tmp_path, choice):
    memory, disk = both(tmp_path, holed())
    with pytest.raises(DataError) as one:
        design(EFFECT, memory)
    with pytest.raises(DataError) as other:
        design(EFFECT, disk)
    assert str(one.value) == str(other.value)
    whole, stream = (design(EFFECT, data, missing=choice) for data in (memory, disk))
    assert stream.dropped == whole.dropped
    same_as(stream, whole, 1_000)


def test_booleans_whole_numbers_and_decimals_are_filled_in_alike(tmp_path):
    from decimal import Decimal

    table = frame() | {
        "yes": [None if k % 5 == 0 else k % 3 == 0 for k in range(N)],
        "whole": [None if k % 7 == 0 else k % 11 for k in range(N)],
        "exact": [None if k % 9 == 0 else Decimal(k % 13) / 4 for k in range(N)],
    }
    estimand = Estimand(("shown",), "clicked", "adjustment", ("yes", "whole", "exact"))
    memory, disk = both(tmp_path, table, columns={"week": absorbed(common=("week",))})
    whole, stream = (design(estimand, data, missing="indicator") for data in (memory, disk))
    parts = list(stream.batches(1_234))
    np.testing.assert_array_equal(np.concatenate([p.covariates for p in parts]), whole.covariates)
    assert np.isfinite(whole.covariates).all()


def same_as(stream, whole, n_rows):
    parts = list(stream.batches(n_rows))
    assert [part.n for part in parts] == [part.n for part in whole.batches(n_rows)]
    assert stream.n == whole.n
    names = ("treatment_names", "covariate_names", "instrument_names", "mediator_names", "matrix_names")
    assert all(getattr(stream, name) == getattr(whole, name) for name in (*names, "n_clusters", "n_absorbed"))
    for name in ("outcome", "treatments", "covariates", "instruments", "mediators"):
        np.testing.assert_array_equal(np.concatenate([getattr(p, name) for p in parts]), getattr(whole, name))
    np.testing.assert_array_equal(np.concatenate([p.matrix() for p in parts]), whole.matrix())
    np.testing.assert_array_equal(np.concatenate([p.absorbed[0] for p in parts]), whole.absorbed[0])
    for name in whole.clusters:
        np.testing.assert_array_equal(np.concatenate([p.clusters[name] for p in parts]), whole.clusters[name])
    np.testing.assert_array_equal(np.concatenate([p.folds(5, 3) for p in parts]), whole.folds(5, 3))


def test_a_trial_without_covariates_has_the_same_folds(tmp_path):
    memory, disk = both(tmp_path, frame(), columns={})
    trial = Estimand(("shown",), "clicked", "adjustment")
    whole, stream = (design(trial, data, weights="share") for data in (memory, disk))
    np.testing.assert_array_equal(np.concatenate([part.folds(4, 2) for part in stream.batches(999)]), whole.folds(4, 2))


def test_a_report_of_a_stream_is_that_of_the_table(tmp_path):
    memory, disk = both(tmp_path, frame())
    whole, stream = (design_report(design(EFFECT, data, weights="share")) for data in (memory, disk))
    assert stream.shares == pytest.approx(whole.shares)
    assert stream.differences == pytest.approx(whole.differences)


def test_long_streams_deal_by_place_too(tmp_path, monkeypatch):
    monkeypatch.setattr(streaming, "N_DEALT", 100)
    _, disk = both(tmp_path, {**frame(), "age": np.ones(N), "clicked": np.ones(N)})
    stream = design(Estimand(("shown",), "clicked", "adjustment", ("age",)), disk)
    folds = np.concatenate([part.folds(5, 1) for part in stream.batches(777)])
    sizes = np.bincount(folds)
    assert np.abs(sizes - N / 5).max() < 4 * np.sqrt(N * 0.16)
    again = np.concatenate([part.folds(5, 1) for part in stream.batches(400)])
    np.testing.assert_array_equal(folds, again)
    assert (np.concatenate([part.folds(5, 2) for part in stream.batches(400)]) != folds).mean() > 0.5


def test_instruments_and_mediators_stream(tmp_path):
    memory, disk = both(tmp_path, frame(), columns={})
    iv = Estimand(("shown",), "clicked", "instrument", ("age",), instruments=("device",), mediators=(EVIL,))
    whole, stream = design(iv, memory), design(iv, disk)
    assert stream.instrument_names == ("device=tv", "device=web")
    parts = list(stream.batches(2_000))
    np.testing.assert_array_equal(np.concatenate([p.instruments for p in parts]), whole.instruments)
    np.testing.assert_array_equal(np.concatenate([p.mediators for p in parts])[:, 0], frame()[EVIL])


@pytest.mark.parametrize("missing", ["refuse", "drop", "indicator"])
def test_any_name_is_quoted(tmp_path, missing):
    table = frame()
    table[EVIL][5] = np.nan if missing != "refuse" else 1.0
    memory, disk = both(tmp_path, table, columns={"size": EVIL}, times={"size": EVIL})
    estimand = Estimand(("shown",), "clicked", "adjustment", ("size",))
    whole, stream = (design(estimand, data, clusters=[EVIL] if missing == "drop" else (), missing=missing)
                     for data in (memory, disk))  # fmt: skip
    parts = list(stream.batches())
    np.testing.assert_array_equal(np.concatenate([p.covariates for p in parts]), whole.covariates)


def test_refusals_are_the_same_words(tmp_path):
    table = frame()
    table["age"][3] = np.inf
    table["share"][:2] = -1
    for estimand, options, given in (
        (Estimand(("shown",), "clicked", "adjustment", ("age",)), {}, {}),
        (Estimand(("shown",), "clicked", "adjustment"), {"weights": "share"}, {}),
        (Estimand(("shown",), "device", "adjustment"), {}, {}),
        (Estimand(("shown",), "clicked", "adjustment", ("ages",)), {}, {}),
        (Estimand(("shown",), "clicked", "adjustment", ("share",)), {}, {"times": {"shown": "week", "share": "user"}}),
    ):
        said = []
        for data in both(tmp_path, table, columns={}, **given):
            with pytest.raises(DataError) as caught:
                design(estimand, data, **options)
            said.append(str(caught.value))
        assert said[0] == said[1]


def test_a_stream_cannot_impute(tmp_path):
    _, disk = both(tmp_path, holed())
    with pytest.raises(DataError, match="A stream cannot impute"):
        design(EFFECT, disk, missing="impute")


def test_a_level_that_comes_later_is_refused(tmp_path):
    _, disk = both(tmp_path, frame(), columns={})
    stream = design(Estimand(("shown",), "clicked", "adjustment", ("device",)), disk)
    pq.write_table(pa.table(frame() | {"device": np.full(N, "fridge")}), tmp_path / "log1.parquet")
    with pytest.raises(DataError, match=r"levels that were not seen before.*'fridge'"):
        list(stream.batches())


def test_a_stream_that_is_left_half_way_leaves_nothing(tmp_path):
    _, disk = both(tmp_path, frame(), columns={})
    stream = design(Estimand(("shown",), "clicked", "adjustment", ("age",)), disk)
    batches = stream.batches(100)
    next(batches)
    assert stream.n == N  # a second connection while the first is read
    batches.close()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["log0.parquet", "log1.parquet"]
