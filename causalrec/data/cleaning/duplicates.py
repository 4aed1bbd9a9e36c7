"""Rows that say the same thing twice."""

from __future__ import annotations

from dataclasses import dataclass

from causalrec.data.cleaning.log import Log
from causalrec.data.relation import quoted

__all__ = ["DropDuplicates"]


@dataclass(frozen=True, slots=True)
class DropDuplicates:
    """Keep the first row of those that are equal.

    Attributes
    ----------
    by : tuple of str
        Columns that must be equal, two missing values too; all columns where empty.
    """

    by: tuple[str, ...] = ()

    def apply(self, log: Log) -> tuple[Log, dict[str, int]]:
        """The rows that are left."""
        log.require(*self.by)
        keys = ", ".join(map(quoted, self.by or log.names))
        return log.keep(f"row_number() OVER (PARTITION BY {keys} ORDER BY {quoted(log.place)}) = 1"), {}
