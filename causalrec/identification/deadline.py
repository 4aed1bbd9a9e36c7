"""A time after which a search says "undecided"."""

from __future__ import annotations

from collections.abc import Iterator
from time import monotonic
from typing import TypeVar

from causalrec.errors import DataError, UndecidedError

__all__ = ["Deadline"]

T = TypeVar("T")


class Deadline:
    """Seconds that a search may take, counted from here.

    Parameters
    ----------
    seconds : float or None
        None never ends it.
    doing : str
        What the search does, for the message.

    Raises
    ------
    DataError : seconds below 0, or no number.
    """

    def __init__(self, seconds: float | None, doing: str):
        if seconds is not None and not (isinstance(seconds, int | float) and seconds >= 0):
            raise DataError(f"`deadline` is a number of seconds, 0 or more, got {seconds!r}.")
        self.seconds, self._doing = seconds, doing
        self._end = float("inf") if seconds is None else monotonic() + seconds

    @property
    def is_over(self) -> bool:
        """Whether the time has passed, for searches that list what they leave out."""
        return monotonic() >= self._end

    @property
    def left(self) -> float:
        """Seconds that are left; infinite without an end, below 0 once it has passed."""
        return self._end - monotonic()

    def check(self) -> None:
        """Raise when the time is over.

        Raises
        ------
        UndecidedError : the deadline has passed.
        """
        if self.is_over:
            raise UndecidedError(
                f"Undecided: {self._doing} took longer than the deadline of {self.seconds:g} s. This says neither "
                f"yes nor no. Give a longer deadline, or a graph without the nodes that do not matter."
            )

    def watched(self, items: Iterator[T]) -> Iterator[T]:
        """`items`, until the time is over."""
        self.check()
        for item in items:
            yield item
            self.check()
