"""Outcomes from what a log has: ratings, and counts."""

from __future__ import annotations

from dataclasses import dataclass, replace

from causalrec.data.cleaning.log import Log
from causalrec.data.relation import quoted
from causalrec.errors import DataError

__all__ = ["CountRows", "CountsToOutcome", "RatingsToOutcome"]


@dataclass(frozen=True, slots=True)
class RatingsToOutcome:
    """Add an outcome that is 1 where a rating is `threshold` or more, else 0; missing where there is none.

    Attributes
    ----------
    threshold : float
    rating : str
    name : str
        The new column.
    """

    threshold: float
    rating: str = "rating"
    name: str = "liked"

    def apply(self, log: Log) -> tuple[Log, dict[str, int]]:
        """The same rows with the outcome."""
        return _with_outcome(log, self.rating, self.name, f"({{}} >= {float(self.threshold)!r})::BIGINT")


@dataclass(frozen=True, slots=True)
class CountsToOutcome:
    """Add an outcome from a count such as plays: whether it is `minimum` or more, or its logarithm.

    Attributes
    ----------
    count : str
    minimum : int
    logarithm : bool
        log(1 + count) instead.
    name : str
        The new column.
    """

    count: str = "count"
    minimum: int = 1
    logarithm: bool = False
    name: str = "outcome"

    def apply(self, log: Log) -> tuple[Log, dict[str, int]]:
        """The same rows with the outcome."""
        log.require(self.count)
        negative = log.ask(f"SELECT count(*) FILTER ({quoted(self.count)} < 0) FROM {log.table}")[0]
        if negative:
            raise DataError(f"Column {self.count!r} is negative in {negative:,} rows; a count is 0 or more.")
        formula = "ln(1 + {})" if self.logarithm else f"({{}} >= {int(self.minimum)})::BIGINT"
        return _with_outcome(log, self.count, self.name, formula)


@dataclass(frozen=True, slots=True)
class CountRows:
    """One row for each combination of `by`, and how many rows it had; further columns are left out.

    Attributes
    ----------
    by : tuple of str
    name : str
        The new column.
    """

    by: tuple[str, ...] = ("user", "item")
    name: str = "count"

    def apply(self, log: Log) -> tuple[Log, dict[str, int]]:
        """Combinations, in the order in which each came first."""
        log.require(*self.by)
        keys, place = ", ".join(map(quoted, self.by)), quoted(log.place)
        fewer = replace(log, names=tuple(self.by))
        sql = (
            f"SELECT {keys}, min({place}) AS {place}, count(*) AS {quoted(self.name)} FROM {log.table} GROUP BY {keys}"
        )
        return fewer.made(sql, self.name), {}


def _with_outcome(log: Log, source: str, name: str, formula: str) -> tuple[Log, dict[str, int]]:
    log.require(source)
    if log.kind(source) == "VARCHAR":
        raise DataError(f"Column {source!r} holds text; an outcome is made from numbers.")
    value = f"CASE WHEN isnan({quoted(source)}::DOUBLE) THEN NULL ELSE {quoted(source)} END"
    after = log.made(f"SELECT {log.listed()}, {formula.format(f'({value})')} AS {quoted(name)} FROM {log.table}", name)
    return after, {"missing": after.ask(f"SELECT count(*) - count({quoted(name)}) FROM {after.table}")[0]}
