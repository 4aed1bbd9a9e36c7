"""Who is left out because the other arm has nobody like them."""

from __future__ import annotations

import numpy as np

from causalrec.estimation.doubly_robust.two_arms import TwoArms

__all__ = ["optimal_trimming", "some_arms"]


def optimal_trimming(e: np.ndarray, weight: np.ndarray | None = None) -> float:
    """Bound a at which leaving out propensities beyond [a, 1 - a] gives the smallest variance.

    Parameters
    ----------
    e : float64, shape (n,), in (0, 1)
    weight : float64, shape (n,), optional

    References
    ----------
    Crump, Hotz, Imbens, Mitnik (2009), Biometrika 96(1).

    Examples
    --------
    >>> optimal_trimming(np.full(10, 0.5))
    0.0
    >>> round(optimal_trimming(np.linspace(0.001, 0.999, 999)), 2)
    0.1
    """
    cost = 1 / (e * (1 - e))
    order = np.argsort(cost)
    weight = np.ones_like(e) if weight is None else weight
    sorted_cost, total = cost[order], np.cumsum(weight[order])
    mean = np.cumsum((weight * cost)[order]) / np.maximum(total, 1e-300)
    if sorted_cost[-1] <= 2 * mean[-1]:
        return 0.0
    fits = sorted_cost <= 2 * mean
    bound = 2 * mean[np.flatnonzero(fits)[-1]]
    return float(0.5 - np.sqrt(max(0.0, 0.25 - 1 / bound)))


def some_arms(arms: TwoArms, which: np.ndarray) -> TwoArms:
    """The units of a mask, their weights with mean 1 again."""
    if which.all():
        return arms
    weight = arms.weight[which] / arms.weight[which].mean()
    place = np.cumsum(which) - 1
    order = place[arms.order[which[arms.order]]]
    return TwoArms(arms.X[which], arms.t[which], arms.y[which], weight, order, arms.names, arms.treatment, arms.binary)
