"""Both ways to look at a table, against each other and against pandas."""

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from causalrec.data.relation import Relation, literal
from causalrec.data.scan import scan
from causalrec.data.sql_scan import SqlScan

EVIL = 'x"; drop table t; --'
number = st.one_of(st.none(), st.sampled_from([0.0, -0.0, 1.5, -2.0, 7.0, float("nan"), float("inf"), float("-inf")]))
word = st.one_of(st.none(), st.sampled_from(["a", "B", "é", ""]))
row = st.tuples(number, st.one_of(st.none(), st.integers(-3, 3)), word, st.one_of(st.none(), st.booleans()))


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("scan")


def looks(rows, folder):
    kinds = (pa.float64(), pa.int64(), pa.string(), pa.bool_())
    columns = [pa.array([r[k] for r in rows], kind) for k, kind in enumerate(kinds)]
    table = pa.table(columns, names=["float", "whole", EVIL, "yes"])
    pq.write_table(table, folder / "t.parquet")
    return scan(table), scan(Relation(f"read_parquet({literal(str(folder / 't.parquet'))})")), table


@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rows=st.lists(row, min_size=1, max_size=12))
def test_sql_and_arrow_agree(rows, folder):
    arrow, sql, table = looks(rows, folder)
    assert isinstance(sql, SqlScan)
    names = table.column_names
    assert arrow.missing(names) == sql.missing(names)
    assert arrow.infinite(names) == sql.infinite(names)
    frame = table.to_pandas()
    assert arrow.missing(names) == {name: n for name, n in frame.isna().sum().items() if n}
    assert arrow.signs("float") == sql.signs("float")
    assert arrow.later("float", "whole") == sql.later("float", "whole") == (frame["whole"] > frame["float"]).sum()
    for name in names:
        assert arrow.levels(name).to_pylist() == sql.levels(name).to_pylist()
        assert arrow.numeric(name) == sql.numeric(name)
        levels = arrow.levels(name)
        np.testing.assert_array_equal(arrow.sizes(name, levels), sql.sizes(name, levels))
    for name in ("float", "whole", "yes"):
        np.testing.assert_array_equal(arrow.median(name), sql.median(name))
    known = pd.to_numeric(frame["whole"]).dropna()
    expected = known.quantile(0.5, interpolation="lower") if len(known) else np.nan
    np.testing.assert_array_equal(arrow.median("whole"), expected)
    kept, places = arrow.kept(names)
    np.testing.assert_array_equal(places, np.flatnonzero(frame.notna().all(axis=1)))
    assert kept.table.num_rows == sql.kept(names)[0].table.num_rows
