"""Tables that are wrong, through the public door: refused by name, or an estimate that says what is wrong."""

import datetime as dt
import signal
import subprocess
import sys
import warnings
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import causalrec as cr
from causalrec.errors import CausalrecError, DataError, EstimationError
from causalrec.estimation import AIPW, IPW, OLS, TMLE, PartiallyLinearDML
from causalrec.identification import Estimand

N = 400
ADJUSTED = Estimand(("shown",), "clicked", "adjustment", adjustment=("age", "taste"))
MOVED = Estimand(("shown",), "clicked", "instrument", adjustment=("age",), instruments=("lottery",))
BY_ITEM = Estimand(("shown",), "clicked", "adjustment", adjustment=("age", "price"))
TIMES = {"shown": "shown_at", "age": "asked_at"}
NOON = [dt.datetime(2026, 1, 1, 12) + dt.timedelta(minutes=k) for k in range(N)]


def table(n=N, **changed):
    """The effect is 1; `age` moves both."""
    rng = np.random.default_rng(0)
    age, taste, lottery = rng.normal(size=(3, n))
    shown = (rng.random(n) < 1 / (1 + np.exp(-age))).astype(float)
    return {
        "shown": shown, "clicked": shown + age + rng.normal(size=n), "age": age, "taste": taste, "lottery": lottery,
    } | changed  # fmt: skip


def estimated(columns, estimand=ADJUSTED, *, items=None, times=None, **given):
    """The effect, or what the refusal says; no warning on the way, and no number that is none."""
    with warnings.catch_warnings(record=True) as heard:
        warnings.simplefilter("always")
        try:
            found = cr.estimate(estimand, cr.Dataset.from_frames(columns, items=items, times=times), **given)
        except (DataError, EstimationError) as refused:
            found = str(refused)
    assert not heard, f"{len(heard)} warnings: {heard[0].message}"
    if not isinstance(found, str):
        assert np.isfinite([found.value, found.stderr, *found.interval()]).all()
        assert found.stderr > 0
    return found


def spoilt(name, value):
    column = table()[name].copy()
    column[3] = value
    return {name: column}


def treated(*places):
    return {"shown": np.isin(np.arange(N), places).astype(float)}


REFUSED = {  # what is wrong: (columns, keywords, words of the refusal)
    "the treatment is constant": ({"shown": np.ones(N)}, {}, "'shown' does not vary"),
    "the treatment is text": ({"shown": ["yes", "no"] * 200}, {}, "Column 'shown' holds string"),
    "the outcome is text": ({"clicked": ["yes", "no"] * 200}, {}, "Column 'clicked' holds string"),
    "the outcome is numbers in quotes": ({"clicked": ["1.5"] * N}, {}, "Column 'clicked' holds string"),
    "an instrument moves nothing": ({}, {"estimand": MOVED}, "'lottery' moves nothing"),
    "one cluster": ({"shop": ["only"] * N}, {"clusters": ["shop"]}, "'shop': it has one value"),
    "two clusters": ({"shop": ["a", "b"] * 200}, {"clusters": ["shop"]}, "2 (clusters|of .shop. clusters)"),
    "an outcome is missing": (spoilt("clicked", np.nan), {}, "Missing values of 400 rows: 'clicked' 1"),
    "an outcome is infinite": (spoilt("clicked", np.inf), {}, "Infinite values of 400 rows: 'clicked' 1"),
    "a treatment is missing": (spoilt("shown", np.nan), {}, "Missing values of 400 rows: 'shown' 1"),
    "a covariate is missing": (spoilt("age", np.nan), {}, "Missing values of 400 rows: 'age' 1"),
    "a covariate is infinite": (spoilt("age", -np.inf), {}, "Infinite values of 400 rows: 'age' 1"),
    "a weight is negative": ({"w": np.r_[-1, np.ones(N - 1)]}, {"weights": "w"}, "'w' is negative in 1 rows"),
    "a weight is missing": ({"w": np.r_[np.nan, np.ones(N - 1)]}, {"weights": "w"}, "'w' 1"),
    "all weights are 0": ({"w": np.zeros(N)}, {"weights": "w"}, "'w' is 0 in every row"),
    "weights are text": ({"w": ["much"] * N}, {"weights": "w"}, "'w' holds string"),
    "one row is treated": (treated(5), {}, "'?shown'?|every row is untreated"),
    "two rows are treated": (treated(5, 6), {}, "shown"),
    "one class in a fold": ({"clicked": np.arange(N) == 7}, {}, "one class"),
    "a text of nulls": ({"taste": pa.array([None] * N, pa.string())}, {}, "'taste' 400"),
    "a column of nulls": ({"taste": pa.nulls(N)}, {}, "'taste' 400"),
    "a text of nulls, filled in": (
        {"taste": pa.array([None] * N, pa.string())}, {"missing": "indicator"}, "'taste' has no value"
    ),
    "a list": ({"taste": [[1, 2]] * N}, {}, "'taste' holds list"),
}  # fmt: skip


@pytest.mark.parametrize(("changed", "given", "words"), REFUSED.values(), ids=REFUSED)
def test_it_is_refused_by_name(changed, given, words):
    found = estimated(table(**changed), **given)
    assert isinstance(found, str), found
    with pytest.raises(CausalrecError, match=words):
        raise CausalrecError(found)


def test_an_empty_table_is_refused():
    assert estimated({name: column[:0] for name, column in table().items()}) == (
        "The table 'interactions' has no rows."
    )  # fmt: skip


@pytest.mark.parametrize("n", [1, 2, 3])
def test_a_row_or_two_are_refused(n):
    assert isinstance(estimated({name: column[:n] for name, column in table().items()}), str)


@pytest.mark.parametrize("estimator", [None, OLS(), PartiallyLinearDML()], ids=["chosen", "OLS", "DML"])
def test_ten_rows_give_an_interval_that_knows_how_few_they_are(estimator):
    found = estimated({name: column[:10] for name, column in table().items()}, estimator=estimator)
    lower, upper = found.interval()
    assert found.dof < 10
    assert upper - lower > 4 * found.stderr
    assert lower < 1 < upper


def test_a_million_levels_are_refused_with_the_way_out():
    n = 1_000_000
    found = estimated(table(n, taste=pa.array(np.arange(n)).cast(pa.string())))
    assert "has 1,000,000 categories, and at most 1,000" in found
    assert "absorbed" in found


@pytest.mark.parametrize("k", [5, 9])
def test_few_clusters_are_said_and_widen_the_interval(k):
    found = estimated(table(shop=[f"s{row % k}" for row in range(N)]), clusters=["shop"], estimator=OLS())
    assert found.n_clusters == {"shop": k}
    assert found.dof == k - 1
    lower, upper = found.interval()
    assert upper - lower > 4 * found.stderr
    assert f"{k} shop" in str(found)


@pytest.mark.parametrize("copied", [{"taste": 2 * table()["age"] + 1}, {"taste": np.ones(N)}], ids=["copy", "constant"])
def test_a_covariate_that_says_nothing_new_changes_nothing(copied):
    less = Estimand(("shown",), "clicked", "adjustment", adjustment=("age",))
    found, expected = estimated(table(**copied), estimator=OLS()), estimated(table(), less, estimator=OLS())
    assert found.value == pytest.approx(expected.value, rel=1e-8)
    assert found.stderr == pytest.approx(expected.stderr, rel=1e-8)
    assert found.diagnostics["covariates left out"] == 1


@pytest.mark.parametrize("estimator", [OLS(), PartiallyLinearDML()], ids=["OLS", "DML"])
def test_a_covariate_that_is_the_treatment_is_refused(estimator):
    assert "'shown' does not vary" in estimated(table(taste=table()["shown"]), estimator=estimator)


@pytest.mark.parametrize("estimator", [AIPW(), IPW(), TMLE()], ids=lambda one: type(one).__name__)
def test_arms_that_a_covariate_tells_apart_are_refused(estimator):
    apart = {"shown": (table()["age"] > 0).astype(float)}
    assert isinstance(estimated(table(**apart), estimator=estimator), str)


def test_arms_that_a_covariate_tells_apart_are_flagged_by_the_estimator_that_is_chosen():
    shown = (table()["age"] > 0).astype(float)
    found = estimated(table(shown=shown))
    assert isinstance(found, str) or found.diagnostics["share of propensities clipped"] > 0.2


def test_keys_that_repeat_or_lack_are_refused():
    rows = table(item=["a", "b"] * 200)
    twice = {"item": ["a", "a", "b"], "price": [1.0, 2.0, 3.0]}
    assert "1 rows of 'items' repeat the 'item' of another" in estimated(rows, BY_ITEM, items=twice)
    lacking = {"item": ["a"], "price": [1.0]}
    assert "200 rows of 'interactions' name a 'item'" in estimated(rows, BY_ITEM, items=lacking)


ZONED = [time.replace(tzinfo=dt.UTC) for time in NOON]
CLOCKS = {  # what stands beside naive times: (column, words)
    "a time zone": (pa.array(ZONED), "cannot be compared: make both timestamps of one time zone"),
    "text": ([str(time) for time in NOON], "is text, whose order is not that of time"),
    "numbers": (np.arange(float(N)), "cannot be compared"),
    "dates": (pa.array([time.date() for time in NOON]), "cannot be compared"),
}


@pytest.mark.parametrize(("column", "words"), CLOCKS.values(), ids=CLOCKS)
def test_clock_times_of_two_kinds_are_refused(column, words):
    assert words in estimated(table(shown_at=pa.array(NOON), asked_at=column), times=TIMES)


def test_times_of_two_zones_are_compared_as_moments():
    berlin = pa.array(ZONED, pa.timestamp("us", "Europe/Berlin"))
    rows = table(shown_at=berlin, asked_at=pa.array(ZONED, pa.timestamp("us", "UTC")))
    assert not isinstance(estimated(rows, times=TIMES), str)
    late = pa.array([time + dt.timedelta(seconds=1) for time in ZONED], pa.timestamp("us", "UTC"))
    assert "measured after 'shown' in 400 rows" in estimated(rows | {"asked_at": late}, times=TIMES)


@pytest.mark.parametrize("frame", ["mapping", "pandas"])
def test_a_column_that_mixes_times_with_and_without_a_zone_is_refused(frame):
    pd = pytest.importorskip("pandas")
    rows = table(seen_at=[*NOON[:100], *ZONED[100:]])
    with pytest.raises(DataError, match="'seen_at' has 300 times with a time zone and 100 without"):
        cr.Dataset.from_frames(rows if frame == "mapping" else pd.DataFrame(rows))


KILLED_WHILE_WRITING = """
import os, sys, time
import causalrec.files
from causalrec.data import Dataset
from causalrec.data.cleaning import DropDuplicates, clean
folder, limit = sys.argv[1], 20_000_000
real = os.replace
def waiting(source, target):
    print(os.path.getsize(source), flush=True)
    time.sleep(120)
causalrec.files.os.replace = waiting
data = Dataset.from_parquet(folder + "/log.parquet", memory_limit=limit, temp_directory=folder + "/temp")
clean(data, [DropDuplicates()], into=folder + "/out.parquet")
"""
KILLED_WHILE_READING = """
import sys, time
import causalrec as cr
from causalrec.data.streamed_design import StreamedDesign
from causalrec.identification import Estimand
folder = sys.argv[1]
whole = StreamedDesign.batches
def waiting(self, *given):
    for batch in whole(self, *given):
        yield batch
        print("read", flush=True)
        time.sleep(120)
StreamedDesign.batches = waiting
data = cr.Dataset.from_parquet(folder + "/log.parquet", memory_limit=1_000, temp_directory=folder + "/temp")
cr.estimate(Estimand(("shown",), "clicked", "adjustment", adjustment=("age",)), data)
"""


def killed(script: str, folder: Path) -> None:
    """Run a script until it first prints, and kill it there."""
    with subprocess.Popen([sys.executable, "-c", script, str(folder)], stdout=subprocess.PIPE) as run:
        line = run.stdout.readline()
        run.send_signal(signal.SIGKILL)
        assert run.wait(timeout=60) == -signal.SIGKILL
    assert line.strip()


@pytest.fixture
def folder(tmp_path):
    rows = table(50_000)
    (tmp_path / "temp").mkdir()
    pq.write_table(pa.table({name: np.r_[column, column[:7]] for name, column in rows.items()}),
                   tmp_path / "log.parquet")  # fmt: skip
    return tmp_path


@pytest.mark.parametrize("before", [b"", b"what was there"], ids=["new", "old"])
def test_a_run_killed_while_it_writes_leaves_no_half_file(folder, before):
    from causalrec.data.cleaning import DropDuplicates, clean

    out = folder / "out.parquet"
    if before:
        out.write_bytes(before)
    killed(KILLED_WHILE_WRITING, folder)
    assert (out.read_bytes() if out.exists() else b"") == before
    data = cr.Dataset.from_parquet(folder / "log.parquet", memory_limit=1_000, temp_directory=folder / "temp")
    cleaned, _ = clean(data, [DropDuplicates()], into=out)
    assert cleaned.n_units == pq.read_metadata(out).num_rows == 50_000


def test_a_run_killed_while_it_reads_leaves_the_table_and_the_next_run_alone(folder):
    untouched = (folder / "log.parquet").read_bytes()
    killed(KILLED_WHILE_READING, folder)
    assert (folder / "log.parquet").read_bytes() == untouched
    assert not [path for path in folder.rglob("*.parquet") if path.name != "log.parquet"]
    less = Estimand(("shown",), "clicked", "adjustment", adjustment=("age",))
    data = cr.Dataset.from_parquet(folder / "log.parquet", memory_limit=1_000, temp_directory=folder / "temp")
    kept = cr.Dataset.from_parquet(folder / "log.parquet")
    found, expected = (cr.estimate(less, one, estimator=OLS()) for one in (data, kept))
    assert found.value == pytest.approx(expected.value, rel=1e-9)
