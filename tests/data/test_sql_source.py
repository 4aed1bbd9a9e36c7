from importlib.util import find_spec

import numpy as np
import pytest

from causalrec.data import Dataset, design
from causalrec.errors import DataError, MissingExtraError
from causalrec.identification import Estimand
from tests.data.postgres import programs, server

EVIL = 'x"; drop table t; --'
HAS_DRIVER = find_spec("adbc_driver_postgresql") is not None
needs_server = pytest.mark.skipif(
    programs() is None or not HAS_DRIVER,
    reason="needs a PostgreSQL server on this machine and the extra `sql`",
)


@pytest.fixture(scope="module")
def address():
    import adbc_driver_postgresql.dbapi as postgresql

    with server() as uri:
        with postgresql.connect(uri) as connection, connection.cursor() as cursor:
            name = EVIL.replace('"', '""')
            cursor.execute(
                f'CREATE TABLE t (shown boolean, age numeric(6, 2), "{name}" text, clicked double precision, '
                "at timestamp with time zone, n bigint)"
            )
            cursor.execute(
                "INSERT INTO t SELECT k % 2 = 0, k * 0.25, chr(97 + k % 3), CASE WHEN k = 7 THEN NULL ELSE k END, "
                "timestamptz '2026-01-01 00:00+00' + k * interval '1 hour', k FROM generate_series(0, 99) AS k"
            )
            connection.commit()
        yield uri


@needs_server
def test_a_query_becomes_a_design(address):
    data = Dataset.from_sql(address, "SELECT * FROM t ORDER BY n")
    assert data.n_units == 100
    found = design(Estimand(("shown",), "clicked", "adjustment", ("age", EVIL)), data, missing="drop")
    k = np.delete(np.arange(100), 7)
    np.testing.assert_array_equal(found.outcome, k)
    np.testing.assert_array_equal(found.treatments[:, 0], k % 2 == 0)
    np.testing.assert_array_equal(found.covariates, np.column_stack([k * 0.25, k % 3 == 1, k % 3 == 2]))
    assert found.covariate_names == ("age", f"{EVIL}=b", f"{EVIL}=c")


@needs_server
def test_the_query_only_reads(address):
    for query in ("DELETE FROM t RETURNING *", "DROP TABLE t", "SELECT * FROM nothing", "SELEC 1"):
        with pytest.raises(DataError, match="database does not answer"):
            Dataset.from_sql(address, query)
    assert Dataset.from_sql(address, "SELECT count(*) AS n FROM t").tables["interactions"]["n"].to_pylist() == [100]


@needs_server
def test_times_of_a_database_are_compared(address):
    data = Dataset.from_sql(address, "SELECT *, at + interval '1 s' AS later FROM t WHERE n <> 7",
                            times={"shown": "at", "age": "later"})  # fmt: skip
    with pytest.raises(DataError, match="'age' was measured after 'shown' in 99 rows"):
        design(Estimand(("shown",), "clicked", "adjustment", ("age",)), data)


@pytest.mark.skipif(not HAS_DRIVER, reason="needs the extra `sql`")
def test_no_server_is_an_error_without_the_password():
    with pytest.raises(DataError, match="database does not answer") as caught:
        Dataset.from_sql("postgresql://me:secret@127.0.0.1:9/none", "SELECT 1")
    assert "secret" not in str(caught.value)


def test_without_the_driver_the_pip_line_is_said(monkeypatch):
    import builtins

    real = builtins.__import__

    def blocked(name, *args, **kwargs):
        if name.startswith("adbc"):
            raise ImportError(name)
        return real(name, *args, **kwargs)

    monkeypatch.setattr(builtins, "__import__", blocked)
    with pytest.raises(MissingExtraError, match=r"pip install 'causalrec-toolkit\[sql\]'"):
        Dataset.from_sql("postgresql://localhost", "SELECT 1")
