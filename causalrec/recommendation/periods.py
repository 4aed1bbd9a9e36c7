"""What a model of the future learns from: histories, and what followed them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from causalrec.data import Dataset
from causalrec.recommendation.joint_score import UserHistory

__all__ = ["Period", "periods", "whole_history"]

N_PERIODS = 2
N_PARTS = 5  # a period is a fifth of the log
RANDOM_SHARE = 0.2  # of the counts, where the log has no time


@dataclass(frozen=True, slots=True, eq=False)
class Period:
    """A history and what followed.

    Attributes
    ----------
    history : UserHistory
    bought : float64, shape (n_users, n_items)
    visits : float64, shape (n_users,)
    """

    history: UserHistory
    bought: np.ndarray
    visits: np.ndarray


def whole_history(data: Dataset, time: str) -> UserHistory:
    """All that a log says of its users; without time, nothing counts as lately."""
    first, last = _span(data, time)
    if last - first + 1 < N_PARTS:
        counts, visits = _counts(data)
        return UserHistory(counts, np.zeros_like(counts), visits, np.zeros_like(visits))
    return _history(data, first, last, (last - first + 1) // N_PARTS, time)


def periods(data: Dataset, time: str, random_state: int) -> list[Period]:
    """The last periods of the log, each with the history before it.

    A log without the column `time`, or shorter than five of its units, is split at random: a fifth of
    each count is what followed.
    """
    first, last = _span(data, time)
    length = (last - first + 1) // N_PARTS
    if not length:
        return [_random_period(data, random_state)]
    found = []
    for back in range(N_PERIODS, 0, -1):
        start = last + 1 - back * length
        bought, visits = _counts(data.window(start, start + length - 1, time=time))
        found.append(Period(_history(data, first, start - 1, length, time), bought, visits))
    return found


def _span(data: Dataset, time: str) -> tuple[int, int]:
    """First and last unit of time, whole numbers; (0, 0) where there is none."""
    import pyarrow as pa
    import pyarrow.compute as pc

    table = data.tables["visits"] if data.is_grid else None  # a flat table's users would change with the window
    if table is None or time not in table.column_names or not pa.types.is_integer(table[time].type):
        return 0, 0
    ends = pc.min_max(table[time]).as_py()
    return (int(ends["min"]), int(ends["max"])) if table.num_rows else (0, 0)


def _history(data: Dataset, first: int, last: int, length: int, time: str) -> UserHistory:
    bought, visits = _counts(data.window(first, last, time=time))
    lately, visits_lately = _counts(data.window(last + 1 - length, last, time=time))
    return UserHistory(bought, lately, visits, visits_lately)


def _counts(data: Dataset) -> tuple[np.ndarray, np.ndarray]:
    found = data.histories()
    return found.counts.toarray(), found.n_visits


def _random_period(data: Dataset, random_state: int) -> Period:
    bought, visits = _counts(data)
    after = np.random.default_rng(random_state).binomial(bought.astype(np.int64), RANDOM_SHARE).astype(float)
    before = UserHistory(bought - after, np.zeros_like(bought), (1 - RANDOM_SHARE) * visits, np.zeros_like(visits))
    return Period(before, after, RANDOM_SHARE * visits)
