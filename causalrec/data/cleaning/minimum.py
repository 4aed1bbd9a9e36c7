"""Users and items with too few rows to learn from."""

from __future__ import annotations

from dataclasses import dataclass

from causalrec.data.cleaning.log import Log
from causalrec.data.relation import quoted
from causalrec.errors import DataError

__all__ = ["MinimumCounts"]


@dataclass(frozen=True, slots=True)
class MinimumCounts:
    """Drop users and items with few rows, again and again until all that are left have enough.

    What is left does not depend on which goes first: it is the largest log in which every user and item
    has enough rows. Rows without a user or item go too.

    Attributes
    ----------
    user, item : str
    min_user, min_item : int
        Rows that a user and an item need.
    """

    user: str = "user"
    item: str = "item"
    min_user: int = 5
    min_item: int = 5

    def apply(self, log: Log) -> tuple[Log, dict[str, int]]:
        """The rows that are left."""
        if min(self.min_user, self.min_item) < 1:
            raise DataError(f"`min_user` is {self.min_user!r} and `min_item` {self.min_item!r}; both are 1 or more.")
        log.require(self.user, self.item)
        user, item, rounds = quoted(self.user), quoted(self.item), 0
        before, log = (
            log.n_rows + 1,
            log.made(f"SELECT * FROM {log.table} WHERE {user} IS NOT NULL AND {item} IS NOT NULL"),
        )
        while (n := log.n_rows) < before:
            enough = (
                f"count(*) OVER (PARTITION BY {user}) >= {int(self.min_user)} "
                f"AND count(*) OVER (PARTITION BY {item}) >= {int(self.min_item)}"
            )
            before, log, rounds = n, log.keep(enough), rounds + 1
        left = log.ask(f"SELECT count(DISTINCT {user}), count(DISTINCT {item}) FROM {log.table}")
        return log, {"rounds": rounds, "users left": left[0], "items left": left[1]}
