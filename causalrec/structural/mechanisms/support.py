"""Where a mechanism was seen: parents outside of that are extrapolation."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from causalrec.structural.mechanisms.coding import Coding

__all__ = ["Support", "support_of"]

SLACK = 1e-9  # of the range, and of the leverage: rounding is no extrapolation


@dataclass(frozen=True, slots=True, eq=False)
class Support:
    """The parents that a mechanism was fitted on, in outline.

    A unit is inside where its combination of categories was seen; each of its amounts lies within what was seen
    with that combination; and its amounts together have a leverage that a fitted row had, which rules out corners
    that no row came near (a large x1 with a small x2, where both rise together).

    Attributes
    ----------
    coding : Coding
    cells : int64, shape (n_cells, n_discrete)
        Combinations of categories, sorted.
    low, high : float64, shape (n_cells, n_amounts)
        Least and greatest amount of each combination; blocks are left out.
    centre : float64, shape (n_amounts,)
    precision : float64, shape (n_amounts, n_amounts)
        Inverse of the covariance of all amounts, blocks included.
    largest : float
        Largest squared distance from the centre among the fitted rows.
    """

    coding: Coding
    cells: np.ndarray
    low: np.ndarray
    high: np.ndarray
    centre: np.ndarray
    precision: np.ndarray
    largest: float

    def outside(self, parents: np.ndarray) -> np.ndarray:
        """Units that the mechanism answers by extrapolation; bool, shape (n,)."""
        codes, amounts = self.coding.codes(parents), self.coding.amounts(parents, blocks=False)
        places, seen = _places(self.cells, codes)
        slack = SLACK * (1 + np.abs(self.high - self.low))
        beyond = (amounts < (self.low - slack)[places]) | (amounts > (self.high + slack)[places])
        distance = _distance(self.coding.amounts(parents), self.centre, self.precision)
        return ~seen | beyond.any(axis=1) | (distance > self.largest * (1 + SLACK) + SLACK)


def support_of(parents: np.ndarray, coding: Coding) -> Support:
    """Outline of the fitted rows.

    >>> coding = Coding("y", 0, ("x",), (0,), (False,))
    >>> support_of(np.array([[0.0], [1.0], [2.0]]), coding).outside(np.array([[1.5], [2.5]])).tolist()
    [False, True]
    """
    codes, amounts = coding.codes(parents), coding.amounts(parents, blocks=False)
    cells, places = np.unique(codes, axis=0, return_inverse=True)
    low = np.full((len(cells), amounts.shape[1]), np.inf)
    high = -low
    np.minimum.at(low, places.reshape(-1), amounts)
    np.maximum.at(high, places.reshape(-1), amounts)
    whole = coding.amounts(parents)
    centre = whole.mean(axis=0)
    precision = np.linalg.pinv(np.atleast_2d(np.cov(whole, rowvar=False)) if whole.shape[1] else np.empty((0, 0)))
    return Support(coding, cells, low, high, centre, precision, float(_distance(whole, centre, precision).max()))


def _distance(amounts: np.ndarray, centre: np.ndarray, precision: np.ndarray) -> np.ndarray:
    apart = amounts - centre
    return np.einsum("ij,jk,ik->i", apart, precision, apart)


def _places(cells: np.ndarray, codes: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Position of each unit's combination among those seen (0 where it is none), and whether it was seen."""
    if not codes.shape[1]:
        return np.zeros(len(codes), dtype=np.int64), np.ones(len(codes), dtype=bool)
    place = {tuple(cell): position for position, cell in enumerate(cells.tolist())}
    found = np.array([place.get(tuple(code), -1) for code in codes.tolist()], dtype=np.int64)
    return np.maximum(found, 0), found >= 0
