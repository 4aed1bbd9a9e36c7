"""Thread counts, and limits that end with their block."""

import os
import subprocess
import sys

import numpy as np
import pytest

from causalrec.errors import DataError
from causalrec.threads import limit_threads, thread_count, use_threads

TORCH = """
import torch
from causalrec.threads import limit_threads
torch.set_num_threads(2)
try:
    with limit_threads(1):
        print(torch.get_num_threads())
        raise KeyError
except KeyError:
    print(torch.get_num_threads())
"""
NO_TORCH = """
import sys
from causalrec.threads import limit_threads
with limit_threads(1):
    print("torch" in sys.modules)
"""


def printed(code: str) -> list[str]:
    """What a fresh interpreter prints, so that no library's threads leak between tests."""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=120)
    return done.stdout.split()


def blas_threads() -> set[int]:
    from threadpoolctl import threadpool_info

    return {pool["num_threads"] for pool in threadpool_info() if pool["user_api"] == "blas"}


@pytest.mark.parametrize("asked", [1, 3, np.int64(3)])
def test_a_number_given_is_the_number(asked):
    found = thread_count(asked)
    assert found == asked
    assert type(found) is int


@pytest.mark.parametrize(
    ("environment", "expected"),
    [("", 8), ("3", 3), ("3,1", 3), ("99", 8), ("0", 8), ("many", 8)],
    ids=["unset", "lower", "nested", "more than there are", "zero", "no number"],
)
def test_default_is_what_the_process_may_use(monkeypatch, environment, expected):
    monkeypatch.setattr(os, "sched_getaffinity", lambda pid: set(range(8)), raising=False)
    monkeypatch.setenv("OMP_NUM_THREADS", environment)
    assert thread_count() == expected


def test_cores_are_counted_where_there_is_no_affinity(monkeypatch):
    monkeypatch.delattr(os, "sched_getaffinity", raising=False)
    monkeypatch.delenv("OMP_NUM_THREADS", raising=False)
    monkeypatch.setattr(os, "cpu_count", lambda: 6)
    assert thread_count() == 6


@pytest.mark.parametrize("asked", [0, -1, 1.5, "2", True])
def test_what_is_no_count_is_refused(asked):
    with pytest.raises(DataError, match="n_threads is"):
        thread_count(asked)


def test_blas_is_held_inside_the_block_alone():
    with limit_threads(2):
        with limit_threads(1) as count:
            assert count == 1
            assert blas_threads() == {1}
        assert blas_threads() == {2}


def test_torch_is_held_where_it_is_loaded_and_freed_after_an_error():
    assert printed(TORCH) == ["1", "2"]


def test_torch_is_not_loaded_for_it():
    assert printed(NO_TORCH) == ["False"]


def test_what_asks_inside_is_told_the_number_of_the_block():
    before = thread_count()
    with use_threads(3):
        assert thread_count() == 3
        with limit_threads() as count:
            assert count == 3
        with use_threads(1), use_threads():
            assert thread_count() == 1
        assert thread_count() == 3
    assert thread_count() == before


def test_pools_that_are_held_say_nothing_to_what_has_threads_of_its_own():
    before = thread_count()
    with limit_threads(3 if before == 1 else 1):
        assert thread_count() == before


@pytest.mark.parametrize("asked", [0, "2"])
def test_what_is_no_count_is_refused_by_the_block_too(asked):
    with pytest.raises(DataError, match="n_threads is"), use_threads(asked):
        pass


def test_arrow_and_duckdb_are_held_too(tmp_path):
    import pyarrow as pa
    import pyarrow.parquet as pq

    from causalrec.data.relation import Relation

    pq.write_table(pa.table({"a": [1, 2]}), tmp_path / "a.parquet")
    table = Relation(f"read_parquet('{tmp_path / 'a.parquet'}')")
    before = pa.cpu_count()
    with use_threads(3), table.connection() as connection:
        assert pa.cpu_count() == 3
        assert connection.execute("SELECT current_setting('threads')").fetchone() == (3,)
    assert pa.cpu_count() == before


def fail():
    with use_threads(3):
        raise KeyError("inside")


def test_all_is_as_before_after_an_error():
    import pyarrow as pa

    before = pa.cpu_count(), thread_count()
    with pytest.raises(KeyError, match="inside"):
        fail()
    assert (pa.cpu_count(), thread_count()) == before
