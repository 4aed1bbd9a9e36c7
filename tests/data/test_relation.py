import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from causalrec.data.relation import Relation, literal, quoted
from causalrec.errors import DataError, MissingColumnsError
from causalrec.threads import thread_count


@pytest.fixture
def relation(tmp_path):
    path = tmp_path / "it's.parquet"
    pq.write_table(pa.table({"a": np.arange(10_000), "b": np.arange(10_000) % 7}), path, row_group_size=999)
    (tmp_path / "spill").mkdir()
    return Relation(f"read_parquet({literal(str(path))})", None, 4 * 10**8, str(tmp_path / "spill"))


def setting(connection, name):
    return connection.sql(f"SELECT current_setting('{name}')").fetchall()[0][0]


def test_limits_are_handed_to_duckdb(relation, tmp_path):
    with relation.connection() as connection:
        assert setting(connection, "memory_limit") == "190.7 MiB"  # half of 400 MB
        assert setting(connection, "temp_directory").startswith(str(tmp_path / "spill"))
        assert setting(connection, "threads") == thread_count()
        assert not setting(connection, "autoinstall_known_extensions")
    assert list((tmp_path / "spill").iterdir()) == []
    with Relation(relation.source, None, 10).connection() as connection:
        assert setting(connection, "memory_limit") == "95.3 MiB"  # the floor


@pytest.mark.parametrize("n_rows", [1_000, 1_001, 9_999, 20_000])
def test_batches_have_exactly_the_rows_asked_for_in_order(relation, n_rows):
    parts = list(relation.batches(["b", "a"], n_rows))
    assert [part.num_rows for part in parts[:-1]] == [n_rows] * (len(parts) - 1)
    joined = pa.concat_tables(parts)
    assert joined.column_names == ["b", "a"]
    np.testing.assert_array_equal(joined["a"].to_numpy(), np.arange(10_000))


def test_conditions_add_up(relation):
    part = relation.where(f"{quoted('b')} = 3").where("a < 100 OR a > 9990")
    expected = [k for k in range(10_000) if k % 7 == 3 and (k < 100 or k > 9990)]
    assert part["a"].to_pylist() == expected
    assert part.num_rows == len(part) == len(expected)
    assert relation.num_rows == 10_000


def test_what_cannot_be_read_is_an_error_of_ours(relation):
    with pytest.raises(MissingColumnsError, match="it has 'a', 'b'"):
        relation["c"]
    with pytest.raises(DataError, match="DuckDB cannot read"):
        list(relation.where("nonsense(").batches(["a"], 10))


def test_sorting_more_than_fits_spills_to_the_folder_and_leaves_nothing(tmp_path):
    from causalrec.data import Dataset
    from causalrec.data.cleaning import DropDuplicates, clean

    rng = np.random.default_rng(0)
    columns = {f"x{k}": rng.normal(size=600_000) for k in range(12)}
    pq.write_table(pa.table({"user": rng.integers(0, 300_000, 600_000), **columns}), tmp_path / "log.parquet")
    (tmp_path / "spill").mkdir()
    data = Dataset.from_parquet(tmp_path / "log.parquet", memory_limit="50MB", temp_directory=tmp_path / "spill")
    result, report = clean(data, [DropDuplicates(("user",))], into=tmp_path / "clean.parquet")
    users = pq.read_table(tmp_path / "log.parquet", columns=["user"])["user"].to_numpy()
    first = np.sort(np.unique(users, return_index=True)[1])
    np.testing.assert_array_equal(result.tables["interactions"]["user"].to_numpy(), users[first])
    assert report.steps[0].n_after == len(first)
    assert list((tmp_path / "spill").iterdir()) == []
