"""Progress on the terminal, once work takes longer than a moment; silent where there is no terminal."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from rich.console import Console
    from rich.progress import Progress

__all__ = ["DELAY", "progress", "working"]

DELAY = 2.0
"""Seconds of work before anything is shown."""

T = TypeVar("T")

_shown: list[_Display] = []  # the display in use: what is worked at inside it becomes a line of it


def progress(iterable: Iterable[T], description: str, total: int | None = None, *, delay: float = DELAY) -> Iterator[T]:
    """Pass the items on, with a bar on stderr while they are worked at.

    Inside another bar it is a line of that one.

    Examples
    --------
    >>> list(progress([1, 2], "counting"))
    [1, 2]
    """
    with _task(description, total, delay) as task:
        for item in iterable:
            yield item
            if task is not None:
                task.advance()


@contextmanager
def working(description: str, *, delay: float = DELAY) -> Iterator[None]:
    """A moving bar with the time so far while the block runs."""
    with _task(description, None, delay):
        yield


@contextmanager
def _task(description: str, total: int | None, delay: float) -> Iterator[_Task | None]:
    """A line of the display in use, or of a new one; None where there is no terminal."""
    from rich.console import Console

    console = Console(stderr=True)
    if not console.is_terminal:
        yield None
        return
    if _shown:
        with _Task(_shown[-1].bar, description, total) as task:
            yield task
        return
    with _Display(console, delay) as display, _Task(display.bar, description, total) as task:
        yield task


class _Display:
    """Bars that appear after some seconds and vanish at the end."""

    def __init__(self, console: Console, delay: float):
        from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeElapsedColumn

        columns = TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(), TimeElapsedColumn()
        self.bar = Progress(*columns, console=console, transient=True)
        self.begun, self.over, self.lock = False, False, threading.Lock()
        self.timer = threading.Timer(delay, self._appear) if delay > 0 else None

    def _appear(self) -> None:
        with self.lock:
            if not self.over:
                self.begun = True
                self.bar.start()

    def __enter__(self) -> _Display:
        _shown.append(self)
        if self.timer is None:
            self._appear()
        else:
            self.timer.daemon = True
            self.timer.start()
        return self

    def __exit__(self, *failure: object) -> None:
        _shown.remove(self)
        if self.timer is not None:
            self.timer.cancel()
        with self.lock:
            self.over = True
        if self.begun:
            self.bar.stop()


class _Task:
    """One line of a display."""

    def __init__(self, bar: Progress, description: str, total: int | None):
        self.bar, self.task = bar, bar.add_task(description, total=total)

    def advance(self) -> None:
        self.bar.advance(self.task)

    def __enter__(self) -> _Task:
        return self

    def __exit__(self, *failure: object) -> None:
        if len(self.bar.tasks) > 1:
            self.bar.remove_task(self.task)
