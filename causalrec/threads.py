"""How many threads numerical libraries may take: pools that fight are ten times slower."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from numbers import Integral

from causalrec.errors import DataError

__all__ = ["limit_threads", "thread_count"]


def thread_count(n_threads: int | None = None) -> int:
    """The number of threads to use; None means all cores that this process may use.

    Where nothing is given, the environment's OMP_NUM_THREADS can lower the number.

    Raises
    ------
    DataError : less than one, or no whole number.

    Examples
    --------
    >>> thread_count(2)
    2
    """
    if n_threads is None:
        return _default_count()
    if not isinstance(n_threads, Integral) or n_threads < 1:
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
