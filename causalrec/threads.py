"""How many threads numerical libraries may take: pools that fight are ten times slower."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from numbers import Integral

from causalrec.errors import DataError

__all__ = ["limit_threads", "thread_count", "use_threads"]


_held: ContextVar[int | None] = ContextVar("threads", default=None)  # what the block around says


def thread_count(n_threads: int | None = None) -> int:
    """The number of threads to use; None means all cores that this process may use.

    Where nothing is given, a `use_threads` around the call says it; else the environment's OMP_NUM_THREADS
    can lower the number.

    Raises
    ------
    DataError : less than one, or no whole number.

    Examples
    --------
    >>> thread_count(2)
    2
    """
    if n_threads is None:
        return _held.get() or _default_count()
    if isinstance(n_threads, bool) or not isinstance(n_threads, Integral) or n_threads < 1:
        raise DataError(f"n_threads is {n_threads!r}; give a whole number of 1 or more, or None for all cores.")
    return int(n_threads)


def _default_count() -> int:
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    asked = os.environ.get("OMP_NUM_THREADS", "").split(",")[0].strip()  # "4,2": one number for each nested level
    return min(cores, int(asked)) if asked.isdecimal() and int(asked) else cores


@contextmanager
def limit_threads(n_threads: int | None = None) -> Iterator[int]:
    """Hold BLAS, OpenMP and torch to this many threads inside the block; afterwards all is as before.

    Yields the number. Only libraries that are loaded when the block begins are held.
    """
    from threadpoolctl import threadpool_limits

    count = thread_count(n_threads)
    torch = sys.modules.get("torch")
    before = torch.get_num_threads() if torch else None
    with threadpool_limits(limits=count):
        if torch:
            torch.set_num_threads(count)
        try:
            yield count
        finally:
            if torch:
                torch.set_num_threads(before)


@contextmanager
def use_threads(n_threads: int | None = None) -> Iterator[int]:
    """Everything inside the block takes this many threads: the pools above, Arrow, DuckDB, and what asks for a number.

    Yields the number. With None nothing changes.
    """
    if n_threads is None:
        yield thread_count()
        return
    import pyarrow as pa
    import scipy.linalg  # noqa: F401  a pool that is loaded inside the block would take its own number
    import sklearn  # noqa: F401

    count, before = thread_count(n_threads), pa.cpu_count()
    token = _held.set(count)
    pa.set_cpu_count(count)
    try:
        with limit_threads(count):
            yield count
    finally:
        pa.set_cpu_count(before)
        _held.reset(token)
