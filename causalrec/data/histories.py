"""What recommenders learn from: how often each user visited, and bought each item."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from causalrec.data.dataset import Dataset
from causalrec.data.ids import codes_of, sorted_levels
from causalrec.errors import DataError

if TYPE_CHECKING:
    import scipy.sparse as sp

__all__ = ["Histories", "histories"]


@dataclass(frozen=True, slots=True, eq=False)
class Histories:
    """Counts of users and items.

    Attributes
    ----------
    users, items : str, shape (n_users,), (n_items,)
    counts : scipy.sparse.csr_array of float64, shape (n_users, n_items)
        Visits in which the user bought the item.
    n_visits : float64, shape (n_users,)
        Visits of each user; for a flat table, the user's rows.
    """

    users: np.ndarray
    items: np.ndarray
    counts: sp.csr_array
    n_visits: np.ndarray


def histories(data: Dataset) -> Histories:
    """Counts of a log of visits, or of a flat table with the columns `user` and `item`.

    Raises
    ------
    MissingColumnsError : a flat table without them.
    """
    if data.is_grid:
        users, items = data.tables["users"]["user"], data.tables["items"]["item"]
        rows, visits = data.tables["purchases"], data.tables["visits"]["user"]
    else:
        data.require("interactions", ("user", "item"))
        rows = data.tables["interactions"]
        users, items = sorted_levels(rows["user"], "user"), sorted_levels(rows["item"], "item")
        visits = rows["user"]
    return Histories(
        users=np.asarray(users.to_pylist()),
        items=np.asarray(items.to_pylist()),
        counts=_count(codes_of(rows["user"], users, "users"), codes_of(rows["item"], items, "items"), users, items),
        n_visits=np.bincount(codes_of(visits, users, "users"), minlength=len(users)).astype(float),
    )


def _count(user: np.ndarray, item: np.ndarray, users, items) -> sp.csr_array:
    import scipy.sparse as sp

    if not len(user):
        raise DataError("There is no purchase or interaction to learn from.")
    counts = sp.csr_array((np.ones(len(user)), (user, item)), shape=(len(users), len(items)))
    counts.sum_duplicates()
    return counts
