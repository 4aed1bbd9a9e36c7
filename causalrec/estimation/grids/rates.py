"""Purchase rates of users and items, smoothed toward the item's mean."""

from __future__ import annotations

import numpy as np

__all__ = ["smoothed_rates"]


def smoothed_rates(counts: np.ndarray, exposure: np.ndarray) -> tuple[np.ndarray, np.ndarray, float]:
    """Posterior mean and variance of Poisson rates with a gamma prior around each item's rate.

    The prior of a pair is Gamma(a r, a) with r the item's rate: it weighs as much as `a` visits, and
    `a` maximises the marginal (negative binomial) likelihood.

    Parameters
    ----------
    counts : float64, shape (n_users, n_items)
    exposure : float64, shape (n_users, n_items) or (n_users, 1)
        Visits, possibly weighted; at least 0.

    Returns
    -------
    rate, variance : float64, shape (n_users, n_items)
    strength : float
        The prior's weight in visits.
    """
    exposure = np.broadcast_to(exposure, counts.shape)
    rate = counts.sum(axis=0) / np.maximum(exposure.sum(axis=0), 1e-12)
    strength = _strength(counts, exposure, rate)
    posterior = counts + strength * rate
    return posterior / (exposure + strength), posterior / (exposure + strength) ** 2, strength


def _strength(counts: np.ndarray, exposure: np.ndarray, rate: np.ndarray) -> float:
    """Maximum marginal likelihood, over a prior of .01 to 1,000 visits."""
    from scipy.optimize import minimize_scalar
    from scipy.special import gammaln

    user, item = np.nonzero(counts)
    count, seen = counts[user, item], exposure[user, item]

    def loss(log_strength: float) -> float:
        strength = np.exp(log_strength)
        shape = strength * rate
        silent = (shape * np.log1p(exposure / strength)).sum()
        own = np.maximum(shape[item], 1e-12)
        return silent + (gammaln(own) - gammaln(own + count) + count * np.log(strength + seen)).sum()

    return float(np.exp(minimize_scalar(loss, bounds=(np.log(0.01), np.log(1000)), method="bounded").x))
