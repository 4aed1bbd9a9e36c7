"""Each step against pandas, and the report."""

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from causalrec.data import Dataset
from causalrec.data.cleaning import (
    CleaningReport,
    CountRows,
    CountsToOutcome,
    DropBots,
    DropDuplicates,
    DropImpossibleTimes,
    MinimumCounts,
    RatingsToOutcome,
    Sessions,
    clean,
)
from causalrec.errors import DataError, MissingColumnsError, OutputError

EVIL = 'x"; drop table t; --'


def log(n=3_000, seed=0):
    rng = np.random.default_rng(seed)
    start = pd.Timestamp("2026-01-01").value // 10**9
    seconds = start + rng.integers(0, 40_000, n)
    return pd.DataFrame({
        "user": rng.zipf(1.6, n) % 300, "item": rng.zipf(1.5, n) % 120,
        "time": pd.to_datetime(seconds, unit="s"), "rating": rng.choice([1.0, 2, 3, 4, 5, np.nan], n),
        "plays": rng.integers(0, 4, n), EVIL: rng.choice(["a", None, "c"], n),
    })  # fmt: skip


def cleaned(frame, *steps):
    data, report = clean(Dataset.from_frames(frame), steps)
    return data.tables["interactions"].to_pandas(), report


def same(found, expected):
    pd.testing.assert_frame_equal(found, expected.reset_index(drop=True), check_dtype=False)


@pytest.mark.parametrize("by", [("user", "item"), (EVIL, "plays"), ()])
def test_duplicates(by):
    frame = pd.concat([log(), log().head(500)], ignore_index=True)
    found, report = cleaned(frame, DropDuplicates(by))
    expected = frame.drop_duplicates(list(by) or None)
    same(found, expected)
    assert report.steps[0].n_taken == len(frame) - len(expected)


@pytest.mark.parametrize("unit", ["us", "ns", "s", "number", "zoned"])
def test_sessions(unit):
    frame = log().drop(columns=[EVIL])
    if unit == "number":
        frame["time"] = (frame.time - pd.Timestamp("2026-01-01")).dt.total_seconds()
    elif unit == "zoned":
        frame["time"] = frame.time.dt.tz_localize("Europe/Berlin")
    else:
        frame["time"] = frame.time.astype(f"datetime64[{unit}]")
    found, report = cleaned(frame, Sessions(gap=600))
    ordered = frame.sort_values(["user", "time"], kind="stable")
    pause = ordered.groupby("user").time.diff()
    long = pause > (600 if unit == "number" else pd.Timedelta(600, "s"))
    number = ((ordered.user != ordered.user.shift()) | long).cumsum() - 1
    np.testing.assert_array_equal(found.session, number.reindex(frame.index))
    assert report.steps[0].counts == {"sessions": number.max() + 1}
    assert report.steps[0].n_taken == 0


def test_bots():
    frame = log()
    found, report = cleaned(frame, DropBots(max_rows=20, window=900))
    bots = set()
    for user, rows in frame.sort_values("time").groupby("user"):
        times = rows.time.astype("datetime64[s]").astype(np.int64).to_numpy()
        recent = np.arange(1, len(times) + 1) - np.searchsorted(times, times - 900)
        # rows of the same second are all within the window of the last of them
        last = np.searchsorted(times, times, side="right") - np.searchsorted(times, times - 900)
        bots |= {user} if max(recent.max(), last.max()) > 20 else set()
    assert 0 < len(bots) < 50
    same(found, frame[~frame.user.isin(bots)])
    assert report.steps[0].counts == {"bots": len(bots)}


def test_impossible_times():
    frame = log()
    frame.loc[:9, "time"] = pd.NaT
    frame.loc[10:29, "time"] = pd.Timestamp("1970-01-01")
    frame.loc[30:34, "time"] = pd.Timestamp("2090-01-01")
    found, report = cleaned(frame, DropImpossibleTimes(earliest="2025-01-01", latest="2027-01-01"))
    same(found, frame.iloc[35:])
    assert report.steps[0].counts == {"missing": 10, "too early": 20, "too late": 5}
    numbers = pd.DataFrame({"time": [1.0, np.nan, 5.0, 9.0, -np.inf]})
    found, report = cleaned(numbers, DropImpossibleTimes(earliest=1, latest=5))
    assert found.time.tolist() == [1, 5]
    assert report.steps[0].counts == {"missing": 1, "too early": 1, "too late": 1}


def test_minimum_counts_are_iterated_to_a_fixed_point():
    frame = log()
    found, report = cleaned(frame, MinimumCounts(min_user=8, min_item=6))
    left = frame
    while True:
        enough = left[left.groupby("user").user.transform("size") >= 8]
        enough = enough[enough.groupby("item").item.transform("size") >= 6]
        if len(enough) == len(left):
            break
        left = enough
    same(found, left)
    assert 0 < len(left) < len(frame)
    assert found.groupby("user").size().min() >= 8
    assert found.groupby("item").size().min() >= 6
    assert report.steps[0].counts["rounds"] > 2
    assert report.steps[0].counts["users left"] == left.user.nunique()


def test_outcomes():
    frame = log()
    found, report = cleaned(frame, RatingsToOutcome(4), CountsToOutcome("plays", name="played"),
                            CountsToOutcome("plays", logarithm=True, name="much"))  # fmt: skip
    liked = np.where(frame.rating.isna(), np.nan, frame.rating >= 4)
    np.testing.assert_array_equal(found.liked, liked)
    np.testing.assert_array_equal(found.played, frame.plays >= 1)
    np.testing.assert_allclose(found.much, np.log1p(frame.plays), rtol=1e-15)
    assert [done.counts["missing"] for done in report.steps] == [frame.rating.isna().sum(), 0, 0]


def test_rows_are_counted():
    frame = log()
    found, _ = cleaned(frame, CountRows(("user", EVIL)))
    expected = frame.groupby(["user", EVIL], dropna=False, sort=False).size().rename("count").reset_index()
    same(found, expected)


STEPS = (DropImpossibleTimes(earliest="2026-01-01"), DropDuplicates(("user", "item")), Sessions(),
         DropBots(max_rows=30), MinimumCounts(min_user=3, min_item=3), RatingsToOutcome(3.5))  # fmt: skip


def test_a_report_is_saved_and_does_the_same_again(tmp_path):
    data = Dataset.from_frames(log())
    before = data.tables["interactions"]
    first, report = clean(data, STEPS)
    report.save(tmp_path / "report.json")
    loaded = CleaningReport.load(tmp_path / "report.json")
    assert loaded == report
    again, other = clean(data, loaded)
    assert other == report
    assert again.tables["interactions"].equals(first.tables["interactions"])
    assert data.tables["interactions"] is before
    lines = str(report).splitlines()
    assert len(lines) == 6
    assert lines[1].startswith("DropDuplicates")


def test_the_counts_of_the_steps_add_up():
    data, report = clean(Dataset.from_frames(log()), STEPS)
    assert report.steps[0].n_before == 3_000
    assert all(a.n_after == b.n_before for a, b in zip(report.steps, report.steps[1:], strict=False))
    assert report.steps[-1].n_after == data.n_units


def test_a_table_on_disk_is_cleaned_into_a_file(tmp_path):
    pq.write_table(pa.Table.from_pandas(log()), tmp_path / "log.parquet", row_group_size=500)
    data = Dataset.from_parquet(tmp_path / "log.parquet", memory_limit="10KB", temp_directory=tmp_path)
    with pytest.raises(DataError, match="say with `into`"):
        clean(data, STEPS)
    result, report = clean(data, STEPS, into=tmp_path / "clean.parquet")
    expected, same_report = clean(Dataset.from_frames(log()), STEPS)
    assert report == same_report
    assert result.tables["interactions"].read().to_pandas().equals(expected.tables["interactions"].to_pandas())
    assert sorted(path.name for path in tmp_path.iterdir()) == ["clean.parquet", "log.parquet"]
    with pytest.raises(OutputError):
        clean(data, STEPS, into=tmp_path / "absent" / "clean.parquet")


def test_columns_of_any_name_stay():
    frame = pd.DataFrame({"place": [1, 1, 2], "PLACE_": [3, 3, 4], EVIL: ["a", "a", "b"]})
    found, _ = cleaned(frame, DropDuplicates((EVIL,)))
    assert found.to_dict("list") == {"place": [1, 2], "PLACE_": [3, 4], EVIL: ["a", "b"]}
    for names in (["a", "A"], ["a", ""]):
        with pytest.raises(DataError, match="no name, or differ by capitals alone"):
            cleaned(pd.DataFrame([[1, 2]], columns=names), DropDuplicates())


@pytest.mark.parametrize(("step", "words"), [
    (Sessions(gap=0), "longer than 0 seconds"),
    (Sessions(time="rating"), "Missing values of 3,000 rows: 'rating'"),
    (Sessions(time=EVIL), "Missing values"),
    (DropBots(max_rows=0), "both are above 0"),
    (MinimumCounts(min_user=0), "both are 1 or more"),
    (DropImpossibleTimes(earliest=5), "'time' holds TIMESTAMP.*5 is no such time"),
    (DropImpossibleTimes(latest="soon"), "'soon' is no time"),
    (DropImpossibleTimes(time=EVIL), "holds text"),
    (RatingsToOutcome(3, rating=EVIL), "holds text"),
    (RatingsToOutcome(3, name="plays"), "'plays' is there already"),
])  # fmt: skip
def test_options_that_make_no_sense_are_refused(step, words):
    with pytest.raises(DataError, match=words):
        cleaned(log(), step)


def test_negative_counts_and_absent_columns_are_refused():
    with pytest.raises(DataError, match="'plays' is negative in 2 rows"):
        cleaned(pd.DataFrame({"plays": [-1, 3, -2]}), CountsToOutcome("plays"))
    with pytest.raises(MissingColumnsError, match=r"'usr'.*did you mean 'user'"):
        cleaned(log(), DropDuplicates(("usr",)))


UNKNOWN_OPTION = '{"steps": [{"step": "Sessions", "options": {"evil": 1}, "n_before": 1, "n_after": 1, "counts": {}}]}'


@pytest.mark.parametrize("text", ["", "[]", '{"steps": [{"step": "DropAll"}]}', UNKNOWN_OPTION])
def test_what_is_no_report_is_refused(tmp_path, text):
    (tmp_path / "report.json").write_text(text)
    with pytest.raises(DataError, match="no report of cleaning"):
        CleaningReport.load(tmp_path / "report.json")


def test_an_empty_log_and_no_step():
    found, report = cleaned(log().head(0), *STEPS)
    assert len(found) == 0
    assert {done.n_taken for done in report.steps} == {0}
    assert str(cleaned(log())[1]) == "No step."
