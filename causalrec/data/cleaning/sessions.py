"""Visits that a pause separates."""

from __future__ import annotations

from dataclasses import dataclass

from causalrec.data.cleaning.log import Log
from causalrec.data.relation import quoted
from causalrec.errors import DataError

__all__ = ["Sessions"]


@dataclass(frozen=True, slots=True)
class Sessions:
    """Number the sessions: a user's pause of more than `gap` seconds begins a new one.

    Takes no row and adds a column of integers from 0, sessions in the order of users, then times.

    Attributes
    ----------
    user, time : str
    gap : float
        Seconds; for a column of numbers, in its own unit.
    name : str
        The new column.
    """

    user: str = "user"
    time: str = "time"
    gap: float = 1800
    name: str = "session"

    def apply(self, log: Log) -> tuple[Log, dict[str, int]]:
        """The rows with their sessions."""
        if not self.gap > 0:
            raise DataError(f"`gap` is {self.gap!r}; a pause is longer than 0 seconds.")
        log.require(self.user, self.time)
        log.refuse_missing(self.user, self.time)
        clock, second = log.clock(self.time)
        user, place = quoted(self.user), quoted(log.place)
        pause = f"{clock} - lag({clock}) OVER (PARTITION BY {user} ORDER BY {clock}, {place})"
        begins = f"coalesce(({pause}) > {self.gap * second!r}, true)::BIGINT"
        starts = f'SELECT *, {begins} AS "{log.place} start" FROM {log.table}'
        number = f'sum("{log.place} start") OVER (ORDER BY {user}, {clock}, {place} ROWS UNBOUNDED PRECEDING) - 1'
        after = log.made(f"SELECT {log.listed()}, ({number})::BIGINT AS {quoted(self.name)} FROM ({starts})", self.name)
        return after, {"sessions": after.ask(f"SELECT count(DISTINCT {quoted(self.name)}) FROM {after.table}")[0]}
