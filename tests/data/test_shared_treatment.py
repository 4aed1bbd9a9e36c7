"""Groups that share the treatment are found, and groups that do not are left alone."""

import warnings

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from causalrec.data import Dataset
from causalrec.data import shared_treatment as module
from causalrec.data.shared_treatment import SharedTreatmentWarning, shared_treatment, warn_of_sharing
from causalrec.identification import Estimand

N = 2_000
N_NULL = 400  # tables in which nothing is shared
ESTIMAND = Estimand(("shown",), "clicked", "adjustment", ("age",))


def table(seed=0, by="user", rate=0.5, n_groups=200, slips=0.0):
    """Users with households above and sessions below them; `by` says who shares the treatment."""
    rng = np.random.default_rng(seed)
    user = rng.integers(0, n_groups, N)
    groups = {"user": user, "household": user // 4, "session": user * 10 + rng.integers(0, 4, N), "row": np.arange(N)}
    own = rng.random(N * 10) < rate
    shown = own[groups[by]] ^ (rng.random(N) < slips)
    return {
        "user": [f"u{k}" for k in user], "household": groups["household"], "session": groups["session"],
        "shown": shown.astype(int), "clicked": rng.normal(size=N), "age": rng.integers(18, 60, N),
        "item": rng.integers(0, 50, N), "device": rng.choice(["web", "app", "tv"], N), "row": np.arange(N),
    }  # fmt: skip


def look(columns, estimand=ESTIMAND, **keywords):
    return shared_treatment(estimand, Dataset.from_frames(columns), "shown", **keywords)


SHARED = {  # name: (what `table` is asked for, column that is named)
    "user": ({}, "user"),
    "household": ({"by": "household"}, "household"),
    "session": ({"by": "session"}, "session"),
    "rare": ({"rate": 0.05}, "user"),
    "hardly ever varies": ({"slips": 0.01}, "user"),
    "few groups": ({"n_groups": 12}, "user"),
}


@pytest.mark.parametrize(("asked", "column"), SHARED.values(), ids=SHARED)
def test_the_coarsest_groups_that_share_it_are_named(asked, column):
    columns = table(**asked)
    if asked.get("n_groups"):
        columns["household"] = columns["device"]
    found = look(columns)
    assert found.column == column
    assert found.n_varying < 0.3 * found.expected


def test_counts_are_those_of_the_table():
    columns = table(slips=0.01)
    found = look(columns)
    of_user = {}
    for user, shown in zip(columns["user"], columns["shown"], strict=True):
        of_user.setdefault(user, []).append(shown)
    several = [values for values in of_user.values() if len(values) > 1]
    assert found.n_groups == len(several)
    assert found.n_varying == sum(len(set(values)) > 1 for values in several)
    p = np.mean(columns["shown"])
    assert found.expected == pytest.approx(sum(1 - p ** len(v) - (1 - p) ** len(v) for v in several), rel=0.01)


def test_no_false_alarm_where_rows_get_it_one_by_one():
    alarms = 0
    for seed in range(N_NULL):
        rate = (0.5, 0.05, 0.01, 0.005)[seed % 4]
        alarms += look(table(seed, by="row", rate=rate, n_groups=(20, 200, 900, 1_500)[seed // 4 % 4])) is not None
    assert alarms == 0


UNSHARED = {
    "a copy of the treatment": lambda c: {"variant": np.where(np.array(c["shown"]) == 1, "b", "a")},
    "variants of one treatment": lambda c: {"variant": c["shown"] * np.random.default_rng(0).integers(1, 9, N)},
    "a likely cause": lambda c: {"segment": np.array(c["shown"]) ^ (np.random.default_rng(0).random(N) < 0.3)},
    "unique rows": lambda c: {"id": np.arange(N)},
    "all missing": lambda c: {"note": pa.array([None] * N, pa.string())},
    "numbers with fractions": lambda c: {"score": np.array(c["shown"]) + 0.5},
}  # fmt: skip


@pytest.mark.parametrize("more", UNSHARED.values(), ids=UNSHARED)
def test_columns_that_tell_no_groups_apart_are_left_alone(more):
    columns = table(by="row")
    assert look(columns | more(columns)) is None


def test_what_is_held_fixed_is_no_group():
    estimand = Estimand(("shown",), "clicked", "adjustment", ("age", "household", "session", "user"))
    assert look(table(by="household"), estimand) is None


def test_clusters_that_cover_it_end_it():
    columns = table()
    assert look(columns, clusters=("user",)) is None
    assert look(columns, clusters=("household",)) is None  # every user lies in one household
    assert look(columns, clusters=("session",)).column == "user"
    assert look(columns, clusters=("item",)).column == "user"


def test_clusters_of_a_side_table_cover_its_key():
    columns = table()
    users = {"user": [f"u{k}" for k in range(200)], "city": [k % 5 for k in range(200)]}
    data = Dataset.from_frames(columns, users=users)
    assert shared_treatment(ESTIMAND, data, "shown", ("city",)) is None


def test_a_treatment_that_is_a_number_and_an_instrument():
    columns = table()
    rng = np.random.default_rng(1)
    amount = rng.normal(size=200)[[int(name[1:]) for name in columns["user"]]]
    assert look(columns | {"shown": amount}).column == "user"
    assert look(columns | {"shown": rng.normal(size=N)}) is None
    estimand = Estimand(("shown",), "clicked", "instrument", ("age",), instruments=("coin",))
    one_by_one = columns | {"coin": rng.integers(0, 2, N)}
    assert warn_of_sharing(estimand, Dataset.from_frames(one_by_one)) == ()
    swapped = table(by="row") | {"coin": columns["shown"], "user": columns["user"], "household": columns["household"]}
    with pytest.warns(SharedTreatmentWarning, match="'coin' varies in 0 of"):
        warn_of_sharing(estimand, Dataset.from_frames(swapped))


def test_permuted_rows_and_a_file_agree(tmp_path, monkeypatch):
    columns = table(slips=0.01)
    order = np.random.default_rng(0).permutation(N)
    expected = look(columns)
    assert look({name: np.array(values)[order] for name, values in columns.items()}) == expected
    pq.write_table(pa.table(columns), tmp_path / "log.parquet")
    data = Dataset.from_parquet(tmp_path / "log.parquet", memory_limit=1)
    assert shared_treatment(ESTIMAND, data, "shown") == expected
    assert shared_treatment(ESTIMAND, data, "shown", ("household",)) is None
    assert shared_treatment(ESTIMAND, data, "shown", ("item",)) == expected
    monkeypatch.setattr(module, "N_VALUES", 2)  # as if every row had a value of its own
    assert shared_treatment(ESTIMAND, data, "shown").column == "user"


def test_of_many_rows_some_are_looked_at(tmp_path, monkeypatch):
    columns = table()
    pq.write_table(pa.table(columns), tmp_path / "log.parquet")
    monkeypatch.setattr(module, "N_ROWS", 1_000)
    monkeypatch.setattr(module, "N_GROUPS", 100)
    some = look(columns)
    assert (some.column, some.n_varying) == ("user", 0)
    data = Dataset.from_parquet(tmp_path / "log.parquet", memory_limit=1)
    some = shared_treatment(ESTIMAND, data, "shown")
    assert some.n_varying == 0
    assert some.n_groups < 200


def test_the_warning_says_what_to_do_and_the_note_is_the_same():
    data = Dataset.from_frames(table())
    with pytest.warns(SharedTreatmentWarning, match=r"clusters=\['user'\] they allow for it") as caught:
        notes = warn_of_sharing(ESTIMAND, data)
    assert len(caught) == 1
    assert str(caught[0].message) == f"{notes[0]}."
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert warn_of_sharing(ESTIMAND, data, ("user",)) == ()
