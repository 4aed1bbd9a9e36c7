"""Time that is left."""

from __future__ import annotations

import time

from causalrec.errors import DataError

__all__ = ["Clock"]


class Clock:
    """Runs from its birth; without a deadline it never ends.

    Parameters
    ----------
    deadline : float, optional
        Seconds.

    Raises
    ------
    DataError : the deadline is not a positive number.

    Examples
    --------
    >>> Clock(None).is_over
    False
    """

    def __init__(self, deadline: float | None):
        if deadline is not None and not deadline > 0:
            raise DataError(f"`deadline` is {deadline!r}; give seconds above 0, or None.")
        self._end = None if deadline is None else time.monotonic() + deadline

    @property
    def is_over(self) -> bool:
        """Whether the deadline has passed."""
        return self._end is not None and time.monotonic() >= self._end
