"""Progress on the terminal; silent where there is none."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import TypeVar

__all__ = ["progress", "working"]

T = TypeVar("T")


def progress(iterable: Iterable[T], description: str, total: int | None = None) -> Iterator[T]:
    """Pass the items on, with a bar on stderr while they are worked at.

    Examples
    --------
    >>> list(progress([1, 2], "counting"))
    [1, 2]
    """
    from rich.console import Console
    from rich.progress import track

    console = Console(stderr=True)
    if not console.is_terminal:
        yield from iterable
        return
    yield from track(iterable, description, total=total, console=console, transient=True)


@contextmanager
def working(description: str) -> Iterator[None]:
    """A moving bar with the time so far while the block runs."""
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

    console = Console(stderr=True)
    if not console.is_terminal:
        yield
        return
    columns = TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn()
    with Progress(*columns, console=console, transient=True) as bar:
        bar.add_task(description, total=None)
        yield
