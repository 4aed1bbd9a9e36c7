"""Rows that no customer left: programs, and clocks that were wrong."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from causalrec.data.cleaning.log import Log
from causalrec.data.relation import literal, quoted
from causalrec.errors import DataError

__all__ = ["DropBots", "DropImpossibleTimes"]


@dataclass(frozen=True, slots=True)
class DropBots:
    """Drop every row of users who left more than `max_rows` rows within some `window` seconds.

    Attributes
    ----------
    user, time : str
    max_rows : int
    window : float
        Seconds; for a column of numbers, in its own unit.
    """

    user: str = "user"
    time: str = "time"
    max_rows: int = 100
    window: float = 60

    def apply(self, log: Log) -> tuple[Log, dict[str, int]]:
        """The rows of the other users."""
        if self.max_rows < 1 or not self.window > 0:
            raise DataError(f"`max_rows` is {self.max_rows!r} and `window` {self.window!r}; both are above 0.")
        log.require(self.user, self.time)
        log.refuse_missing(self.user, self.time)
        clock, second = log.clock(self.time)
        user, width = quoted(self.user), self.window * second
        recent = f"PARTITION BY {user} ORDER BY ({clock})::DOUBLE RANGE BETWEEN {width!r} PRECEDING AND CURRENT ROW"
        busy = f"SELECT {user} AS u, count(*) OVER ({recent}) AS n FROM {log.table}"
        bots = f"SELECT DISTINCT u FROM ({busy}) WHERE n > {int(self.max_rows)}"
        n_bots = log.ask(f"SELECT count(*) FROM ({bots})")[0]
        return log.made(f"SELECT * FROM {log.table} WHERE {user} NOT IN ({bots})"), {"bots": n_bots}


@dataclass(frozen=True, slots=True)
class DropImpossibleTimes:
    """Drop rows whose time is missing, before `earliest` or after `latest`.

    Attributes
    ----------
    time : str
    earliest, latest : str or float, optional
        ISO text for timestamps, numbers for a column of numbers. Both ends are kept.
    """

    time: str = "time"
    earliest: str | float | None = None
    latest: str | float | None = None

    def apply(self, log: Log) -> tuple[Log, dict[str, int]]:
        """The rows whose times may be true."""
        log.require(self.time)
        log.clock(self.time)
        time = quoted(self.time)
        missing = f"{time} IS NULL" + (f" OR isnan({time})" if log.kind(self.time) in ("FLOAT", "DOUBLE") else "")
        wrong = {"missing": missing}
        if self.earliest is not None:
            wrong["too early"] = f"{time} < {self._edge(log, self.earliest)}"
        if self.latest is not None:
            wrong["too late"] = f"{time} > {self._edge(log, self.latest)}"
        sums = ", ".join(f"count(*) FILTER (NOT ({missing}) AND ({condition}))" if name != "missing"
                         else f"count(*) FILTER ({condition})" for name, condition in wrong.items())  # fmt: skip
        counts = dict(zip(wrong, log.ask(f"SELECT {sums} FROM {log.table}"), strict=True))
        any_wrong = " OR ".join(f"({condition})" for condition in wrong.values())
        return log.made(f"SELECT * FROM {log.table} WHERE NOT coalesce({any_wrong}, true)"), counts

    def _edge(self, log: Log, edge: str | float) -> str:
        kind = log.kind(self.time)
        if isinstance(edge, str) != kind.startswith(("TIMESTAMP", "DATE")):
            raise DataError(f"Column {self.time!r} holds {kind}, and {edge!r} is no such time.")
        if not isinstance(edge, str):
            return repr(float(edge))
        try:
            return f"{literal(datetime.fromisoformat(edge).isoformat())}::{kind}"
        except ValueError as error:
            raise DataError(f"{edge!r} is no time; write it as 2026-01-31 or 2026-01-31T12:00.") from error
