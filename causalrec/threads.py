"""How many threads numerical libraries may take: pools that fight are ten times slower."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from causalrec.errors import DataError

__all__ = ["limit_threads", "thread_count"]


def thread_count(n_threads: int | None = None) -> int:
    """The number of threads to use; None means all cores that this process may use.

    The environment's OMP_NUM_THREADS counts where nothing is given.

    Raises
    ------
    DataError : less than one.

    Examples
    --------
    >>> thread_count(2)
    2
    """
    if n_threads is None:
        asked = os.environ.get("OMP_NUM_THREADS", "")
        cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
        return int(asked) if asked.isdigit() and int(asked) else cores
    if n_threads < 1:
        raise DataError(f"n_threads is {n_threads}; give 1 or more, or None for all cores.")
    return n_threads


@contextmanager
def limit_threads(n_threads: int | None = None) -> Iterator[int]:
    """Hold BLAS, OpenMP and torch (where it is loaded) to this many threads inside the block.

    Yields the number.
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
