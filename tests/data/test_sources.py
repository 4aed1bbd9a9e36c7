import numpy as np
import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet as pq
import pytest

from causalrec.data import Dataset, design
from causalrec.data.relation import Relation, n_bytes, quoted
from causalrec.errors import DataError, MissingColumnsError, MissingDataError
from causalrec.identification import Estimand

duckdb = pytest.importorskip("duckdb")
EVIL = 'x"; drop table t; --'
TABLE = {"shown": [0, 1, 1, 0, 1], "age": [30.5, 41.0, 18.0, 77.0, 50.0], EVIL: ["a", "b", "a", "c", "b"],
         "clicked": [0.0, 1.0, 0.5, 0.0, 1.0]}  # fmt: skip
CLICKED = Estimand(("shown",), "clicked", "adjustment", ("age", EVIL))
EXPECTED = np.column_stack([TABLE["age"], np.array([0, 1, 0, 0, 1.0]), np.array([0, 0, 0, 1.0, 0])])


def parquet(tmp_path, **options):
    pq.write_table(pa.table(TABLE), tmp_path / "it's a log.parquet")
    return Dataset.from_parquet(tmp_path / "it's a log.parquet", **options)


def csv(tmp_path, **options):
    pa.csv.write_csv(pa.table(TABLE), tmp_path / "log.csv")
    return Dataset.from_csv(tmp_path / "log.csv", **options)


def database(tmp_path):
    path = tmp_path / "log.duckdb"
    with duckdb.connect(str(path)) as connection:
        columns = ", ".join(f"{quoted(name)} {kind}" for name, kind in zip(TABLE, ["INT", "DOUBLE", "TEXT", "DOUBLE"],
                                                                         strict=True))  # fmt: skip
        connection.execute(f"CREATE TABLE {quoted(EVIL)} ({columns})")
        connection.executemany(
            f"INSERT INTO {quoted(EVIL)} VALUES (?, ?, ?, ?)", list(zip(*TABLE.values(), strict=True))
        )
    return path


def duckdb_file(tmp_path, **options):
    return Dataset.from_duckdb(database(tmp_path), EVIL, **options)


@pytest.mark.parametrize("limit", ["1GB", 100], ids=["in memory", "on disk"])
@pytest.mark.parametrize("make", [parquet, csv, duckdb_file])
def test_every_source_gives_the_same_design(make, limit, tmp_path):
    data = make(tmp_path, memory_limit=limit, temp_directory=tmp_path)
    assert isinstance(data.tables["interactions"], Relation) == (limit == 100)
    assert data.n_units == 5
    parts = list(design(CLICKED, data).batches(2))
    np.testing.assert_array_equal(np.concatenate([part.covariates for part in parts]), EXPECTED)
    np.testing.assert_array_equal(np.concatenate([part.outcome for part in parts]), TABLE["clicked"])


@pytest.mark.parametrize("limit", ["1GB", 100])
def test_an_open_connection_is_left_as_it_was(limit):
    with duckdb.connect() as connection:
        connection.execute(
            "CREATE TABLE log AS SELECT range AS age, range % 2 AS shown, range * 0.5 AS clicked FROM range(9)"
        )
        before = connection.execute("SELECT name, value FROM duckdb_settings() WHERE scope = 'GLOBAL'").fetchall()
        data = Dataset.from_duckdb(connection, "log", memory_limit=limit)
        parts = list(design(Estimand(("shown",), "clicked", "adjustment", ("age",)), data).batches(4))
        np.testing.assert_array_equal(np.concatenate([part.covariates[:, 0] for part in parts]), np.arange(9))
        after = connection.execute("SELECT name, value FROM duckdb_settings() WHERE scope = 'GLOBAL'").fetchall()
        assert before == after
        assert connection.execute("SELECT count(*) FROM log").fetchall() == [(9,)]


def test_a_view_is_read_whole_or_refused(tmp_path):
    path = database(tmp_path)
    with duckdb.connect(str(path)) as connection:
        connection.execute(f"CREATE VIEW few AS SELECT shown, sum(age) AS age FROM {quoted(EVIL)} GROUP BY shown")
    assert Dataset.from_duckdb(path, "few").n_units == 2
    with pytest.raises(DataError, match="'few' is larger than memory, and its rows have no fixed order"):
        Dataset.from_duckdb(path, "few", memory_limit=10)


def test_a_name_cannot_end_its_quotes(tmp_path):
    path = database(tmp_path)
    data = Dataset.from_duckdb(path, EVIL, memory_limit=100)
    assert data.tables["interactions"][EVIL].to_pylist() == TABLE[EVIL]
    with duckdb.connect(str(path)) as connection:
        assert connection.execute("SELECT count(*) FROM information_schema.tables").fetchall() == [(1,)]
    with pytest.raises(DataError, match="null character"):
        quoted("a\0b")


def test_patterns_and_lists_are_one_table_in_the_order_of_their_names(tmp_path):
    for k in range(3):
        pq.write_table(pa.table({"a": [k, k + 10]}), tmp_path / f"part{k}.parquet")
    expected = [0, 10, 1, 11, 2, 12]
    for given in (str(tmp_path / "part*.parquet"), sorted(tmp_path.glob("*.parquet")), tmp_path):
        for limit in ("1GB", 8):
            data = Dataset.from_parquet(given, memory_limit=limit)
            assert data.tables["interactions"]["a"].to_pylist() == expected
    turned = Dataset.from_parquet([tmp_path / "part2.parquet", tmp_path / "part0.parquet"])
    assert turned.tables["interactions"]["a"].to_pylist() == [2, 12, 0, 10]


def test_files_beside_the_interactions(tmp_path):
    pq.write_table(pa.table({"item": ["b", "a"], "price": [2.0, 1.0]}), tmp_path / "items.parquet")
    (tmp_path / "users.csv").write_text("user,city\n7,north\n8,south\n")
    log = {"item": ["a", "b"], "user": [8, 7], "shown": [0, 1], "clicked": [1, 0]}
    data = Dataset.from_frames(log, items=tmp_path / "items.parquet", users=str(tmp_path / "users.csv"),
                               social={"user": [7], "friend": [8]})  # fmt: skip
    found = design(Estimand(("shown",), "clicked", "adjustment", ("city", "price")), data)
    np.testing.assert_array_equal(found.matrix(), [[1, 1], [0, 2]])
    assert "social 1" in repr(data)


def test_a_window_of_a_table_on_disk(tmp_path):
    pq.write_table(pa.table({"week": [1, 2, 3, 2], "a": [1, 2, 3, 4]}), tmp_path / "log.parquet")
    data = Dataset.from_parquet(tmp_path / "log.parquet", memory_limit=8).window(2, 2)
    assert data.n_units == 2
    assert data.tables["interactions"]["a"].to_pylist() == [2, 4]


def test_what_is_not_there_is_named(tmp_path):
    with pytest.raises(MissingDataError, match=r"no file .*nothing\*.parquet"):
        Dataset.from_parquet(tmp_path / "nothing*.parquet")
    with pytest.raises(MissingDataError, match="no DuckDB file"):
        Dataset.from_duckdb(tmp_path / "none.duckdb", "t")
    with pytest.raises(DataError, match='DuckDB cannot read "t"'):
        Dataset.from_duckdb(database(tmp_path), "t")
    (tmp_path / "text.parquet").write_text("a,b\n1,2\n")
    with pytest.raises(DataError, match="cannot be read as Parquet"):
        Dataset.from_parquet(tmp_path / "text.parquet")
    with pytest.raises(DataError, match="no folder"):
        Dataset.from_parquet(tmp_path / "text.parquet", temp_directory=tmp_path / "absent")
    pq.write_table(pa.table({"week": [1, 2, 3, 2]}), tmp_path / "log.parquet")
    with pytest.raises(MissingColumnsError, match="did you mean 'week'"):
        Dataset.from_parquet(tmp_path / "log.parquet", memory_limit=8).tables["interactions"]["weak"]


@pytest.mark.parametrize("size", ["much", "-2GB", 0, "2 XB", "inf"])
def test_a_size_that_is_none_is_refused(size):
    with pytest.raises(DataError, match="no size of memory"):
        n_bytes(size)
    assert n_bytes("2GB") == 2 * 10**9
    assert n_bytes("1 MiB") == 2**20


def test_polars_frames(tmp_path):
    polars = pytest.importorskip("polars")
    frame = polars.DataFrame(TABLE)
    np.testing.assert_array_equal(design(CLICKED, Dataset.from_frames(frame)).covariates, EXPECTED)
