"""Visits and purchases of each user and item, with and without the treatment."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from causalrec.data import Dataset, Grid, grid
from causalrec.errors import DataError

__all__ = ["TreatmentCounts", "candidates", "treated_share", "treatment_counts"]


@dataclass(frozen=True, slots=True, eq=False)
class TreatmentCounts:
    """What became of each user and item, by treatment.

    Attributes
    ----------
    users, items : str, shape (n_users,), (n_items,)
    treated, untreated : float64, shape (n_users, n_items)
        Visits of the user in which the item was treated, and in which it was not.
    bought_treated, bought_untreated : float64, shape (n_users, n_items)
        Those of them in which the user bought the item.
    """

    users: np.ndarray
    items: np.ndarray
    treated: np.ndarray
    untreated: np.ndarray
    bought_treated: np.ndarray
    bought_untreated: np.ndarray

    def treated_share(self) -> np.ndarray:
        """Share of the visits in which each item was treated; float64 in [0, 1], shape (n_items,)."""
        treated = self.treated.sum(0)
        return treated / np.maximum(treated + self.untreated.sum(0), 1)

    def candidates(self, low: float = 0.05, high: float = 0.95) -> np.ndarray:
        """Items whose treated share lies in [low, high]; bool, shape (n_items,)."""
        share = self.treated_share()
        return (share >= low) & (share <= high)


def treatment_counts(data: Dataset, treatments: Sequence[str]) -> TreatmentCounts:
    """Counts of a log of visits; an item counts as treated where any of the treatments is on.

    Raises
    ------
    DataError : a flat table, or no treatment.
    MissingColumnsError : no table has the treatment.
    """
    import scipy.sparse as sp

    cells = grid(data)
    treated = _treated(cells, treatments)
    n_users, n_items = len(cells.users), cells.n_items
    visits = sp.csr_array(
        (np.ones(len(cells.visit_user)), (cells.visit_user, cells.visit_context)), shape=(n_users, cells.n_contexts)
    )
    pair = cells.bought_user * n_items + cells.bought_item
    on = treated[cells.bought_context, cells.bought_item]
    bought, bought_on = (np.bincount(pair, w, n_users * n_items).reshape(n_users, n_items) for w in (None, on))
    on_visits = visits @ treated
    return TreatmentCounts(
        users=cells.users,
        items=cells.items,
        treated=on_visits,
        untreated=visits.sum(axis=1)[:, None] - on_visits,
        bought_treated=bought_on,
        bought_untreated=bought - bought_on,
    )


def treated_share(data: Dataset, treatments: Sequence[str]) -> np.ndarray:
    """Share of the units of each item that were treated; float64 in [0, 1], shape (n_items,)."""
    cells = grid(data)
    visits = cells.visits()
    return visits @ _treated(cells, treatments) / visits.sum()


def candidates(data: Dataset, treatments: Sequence[str], low: float = 0.05, high: float = 0.95) -> np.ndarray:
    """Ids of the items that were treated in some of the units and not in others.

    Parameters
    ----------
    data : Dataset
        A log of visits.
    treatments : sequence of str
        An item counts as treated where any of them is on.
    low, high : float
        Range of the treated share, both ends included.

    Returns
    -------
    items : str, shape (n_candidates,)
    """
    share = treated_share(data, treatments)
    return grid(data).items[(share >= low) & (share <= high)]


def _treated(cells: Grid, treatments: Sequence[str]) -> np.ndarray:
    if isinstance(treatments, str) or not len(treatments):
        raise DataError(f"`treatments` is a sequence of one name or more, such as ('display',), not {treatments!r}.")
    return np.any([cells.treatment(name) > 0 for name in treatments], axis=0).astype(float)
