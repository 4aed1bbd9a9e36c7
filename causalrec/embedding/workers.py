"""Batches in parallel, each on one thread."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from causalrec.threads import limit_threads, thread_count

__all__ = ["map_in_threads"]

T = TypeVar("T")
R = TypeVar("R")


def map_in_threads(function: Callable[[T], R], items: Iterable[T], n_threads: int | None) -> Generator[R, None, None]:
    """`function` of each item, in their order, with that many threads of which each holds torch to itself.

    Threads inside a matrix product wait for each other at every layer, which is ten times slower as soon as another
    process wants a core, and the number of them may change the last bits. Threads over whole batches do neither.
    """
    with limit_threads(1):
        pool = ThreadPoolExecutor(thread_count(n_threads), initializer=_one_thread)
        try:
            yield from pool.map(function, items)
        finally:  # also where the user interrupts: what has not begun never does
            pool.shutdown(cancel_futures=True)


def _one_thread() -> None:
    import torch

    torch.set_num_threads(1)
