"""Nearest units by distinct places, so that ties cost nothing."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

__all__ = ["NearestUnits", "nearest_units", "residual_variance"]

SAME = 1e-9  # relative difference of distances that are equal


@dataclass(frozen=True, slots=True, eq=False)
class NearestUnits:
    """For each unit that asks its nearest ones, all that lie at the same distance included.

    Attributes
    ----------
    times, squares : float64, shape (m,)
        Sum, and sum of squares, of the weights that each unit has among those who ask.
    distance : float64, shape (n,)
        To the farthest neighbour that counts.
    """

    times: np.ndarray
    squares: np.ndarray
    distance: np.ndarray
    _asks: np.ndarray
    _lies: np.ndarray
    _near: Any
    _total: np.ndarray

    def mean(self, values: np.ndarray) -> np.ndarray:
        """Mean of the neighbours' values, shape (n,), from values of shape (m,)."""
        sums = np.bincount(self._lies, weights=values, minlength=self._near.shape[1])
        return (self._near @ sums / self._total)[self._asks]


def nearest_units(ask: np.ndarray, lie: np.ndarray, n_matches: int) -> NearestUnits:
    """Nearest of the units that lie for each that asks.

    Parameters
    ----------
    ask : float64, shape (n, q)
    lie : float64, shape (m, q)
    n_matches : int
        At least so many, from 1 to m.

    Examples
    --------
    >>> found = nearest_units(np.array([[0.0], [2.0]]), np.array([[1.0], [3.0], [9.0]]), 1)
    >>> found.mean(np.array([10.0, 30.0, 90.0])).tolist(), found.times.tolist()
    ([10.0, 20.0], [1.5, 0.5, 0.0])
    """
    asked, asks, n_asking = np.unique(ask, axis=0, return_inverse=True, return_counts=True)
    places, lies, n_lying = np.unique(lie, axis=0, return_inverse=True, return_counts=True)
    near, distance = _near(asked, places, n_lying, n_matches)
    total = near @ n_lying.astype(float)
    asks, lies = asks.ravel(), lies.ravel()
    times, squares = (near.T @ (n_asking / total**power) for power in (1, 2))
    return NearestUnits(times[lies], squares[lies], distance[asks], asks, lies, near, total)


def residual_variance(places: np.ndarray, y: np.ndarray, own: np.ndarray) -> np.ndarray:
    """Variance of the outcome at each unit's place, from its nearest neighbours within its arm; (n,).

    Zero outside the arm. With J neighbours, J / (J + 1) times the squared difference from their mean.
    """
    here, values = places[own], y[own]
    distinct, cell, count = np.unique(here, axis=0, return_inverse=True, return_counts=True)
    cell = cell.ravel()
    sums = np.bincount(cell, weights=values)
    others = np.maximum(count[cell] - 1, 1)
    mean = (sums[cell] - values) / others
    alone = count[cell] == 1
    if alone.any() and len(distinct) > 1:
        near, _ = _near(distinct[count == 1], distinct, count, 1, but_self=True)
        total = near @ count.astype(float)
        row = np.cumsum(count == 1) - 1
        mean[alone] = (near @ sums / total)[row[cell[alone]]]
        others[alone] = total[row[cell[alone]]]
    variance = np.zeros(len(y))
    variance[own] = others / (others + 1) * (values - mean) ** 2
    return variance


def _near(ask: np.ndarray, places: np.ndarray, n_lying: np.ndarray, n_matches: int, *, but_self: bool = False):
    """Which places are near (0 or 1, sparse, one row a place that asks), and the distance to the last of them."""
    from scipy.sparse import csr_array
    from scipy.spatial import cKDTree

    tree, n_places = cKDTree(places), len(places)
    k = min(n_places, n_matches + 4)
    while True:
        distance, at = (found.reshape(len(ask), -1) for found in tree.query(ask, k=[*range(1, k + 1)]))
        count = n_lying[at]
        count = np.where(distance == 0, 0, count) if but_self else count
        reached = np.cumsum(count, axis=1) >= n_matches
        last = np.where(reached.any(axis=1), reached.argmax(axis=1), k - 1)
        far = distance[np.arange(len(ask)), last]
        chosen = (distance <= far[:, None] * (1 + SAME)) & (count > 0)
        if k == n_places or (reached[:, -1].all() and (distance[:, -1] > far * (1 + SAME)).all()):
            break
        k = min(n_places, 2 * k)
    row, column = np.nonzero(chosen)
    near = csr_array((np.ones(len(row)), (row, at[row, column])), shape=(len(ask), n_places))
    return near, far
