"""What a regression on two-way effects would weight each treated row by."""

from __future__ import annotations

import numpy as np

from causalrec.estimation.linear.group_effects import absorb

__all__ = ["two_way_weights"]


def two_way_weights(
    treated: np.ndarray, unit: np.ndarray, period: np.ndarray, weight: np.ndarray | None = None
) -> np.ndarray:
    """Weight of each treated row's effect in the coefficient of a two-way fixed-effects regression.

    Where treatment starts at different times some weights are negative: a unit that was treated early is then
    compared with as if it were untreated.

    Parameters
    ----------
    treated : bool, shape (n,)
    unit, period : int64, shape (n,)
    weight : float64, shape (n,), optional

    Returns
    -------
    float64, shape (n_treated,)
        Sum to 1.

    References
    ----------
    de Chaisemartin, D'Haultfoeuille (2020), American Economic Review 110(9).

    Examples
    --------
    >>> unit, period = np.repeat([0, 1], 3), np.tile([0, 1, 2], 2)
    >>> two_way_weights(np.array([0, 0, 1, 0, 1, 1], dtype=bool), unit, period).round(2).tolist()
    [0.5, 1.0, -0.5]
    """
    left = absorb(treated.astype(float)[:, None], (unit, period), weight)[:, 0]
    left = (left if weight is None else left * weight)[treated]
    return left / left.sum()
