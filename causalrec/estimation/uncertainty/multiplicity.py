"""p-values of several tests that hold together."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

__all__ = ["holm", "step_down_p"]

LOG_DRAWS = 14  # quasi-random points are 2 to this power
LEAST_POINTS = 16


def holm(p_values: Sequence[float] | np.ndarray) -> np.ndarray:
    """p-values that hold together whatever their dependence (Holm 1979, Scandinavian J. Statistics 6(2)); shape (k,).

    Examples
    --------
    >>> holm([0.02, 0.5, 0.01]).tolist()
    [0.04, 0.5, 0.03]
    """
    p = np.asarray(p_values, dtype=float)
    order = np.argsort(p, kind="stable")
    found = np.empty(len(p))
    found[order] = np.minimum(np.maximum.accumulate(p[order] * np.arange(len(p), 0, -1)), 1.0)
    return found


def step_down_p(p_values: np.ndarray, correlation: np.ndarray) -> np.ndarray:
    """The same with the estimates' correlation: largest statistic of those still in question; shape (k,).

    The step-down of Romano and Wolf with the joint normal distribution in the place of their bootstrap, from
    quasi-random points that are always the same ones. Never larger than Holm's, which stands where no points reach.

    Parameters
    ----------
    p_values : float64, shape (k,)
        Two-sided.
    correlation : float64, shape (k, k)
        Of the estimates.

    References
    ----------
    Romano, Wolf (2005), J. American Statistical Association 100(469).

    Examples
    --------
    >>> p = np.array([0.01, 0.02])
    >>> step_down_p(p, np.ones((2, 2))).round(3).tolist(), step_down_p(p, np.eye(2)).round(3).tolist()
    ([0.01, 0.02], [0.02, 0.02])
    """
    from scipy.stats import norm
    from scipy.stats.qmc import Sobol

    k = len(p_values)
    if k < 2:
        return np.asarray(p_values, dtype=float).copy()
    values, vectors = np.linalg.eigh(correlation)
    root = vectors * np.sqrt(np.maximum(values, 0.0))
    draws = np.abs(norm.ppf(Sobol(k, seed=0).random_base2(LOG_DRAWS)) @ root.T)
    order = np.argsort(p_values, kind="stable")
    largest = np.maximum.accumulate(draws[:, order[::-1]], axis=1)[:, ::-1]  # over each and all less certain ones
    z = norm.isf(np.asarray(p_values)[order] / 2)
    stepped = np.maximum((largest >= z).mean(axis=0), np.asarray(p_values)[order])
    bound = holm(p_values)
    stepped[stepped < LEAST_POINTS / len(draws)] = 0.0  # too far out for the points: Holm's stands
    found = np.empty(k)
    found[order] = np.maximum.accumulate(np.where(stepped > 0, stepped, bound[order]))
    return np.minimum(found, bound)
