"""Resampling users and items independently, for data that both of them make."""

from __future__ import annotations

import numpy as np

from causalrec.errors import DataError

__all__ = ["percentile_interval", "pigeonhole_weights", "resampling_weights"]


def resampling_weights(n: int, n_draws: int, random_state: int | np.random.Generator) -> np.ndarray:
    """How often each of `n` is drawn when `n` are drawn with replacement.

    Returns
    -------
    weights : float64, shape (n_draws, n)
        Whole numbers; each row sums to n.

    Examples
    --------
    >>> resampling_weights(4, 2, 0).sum(axis=1)
    array([4., 4.])
    """
    if n < 1 or n_draws < 1:
        raise DataError(f"A bootstrap needs something to draw from and a draw; n = {n}, n_draws = {n_draws}.")
    drawn = np.random.default_rng(random_state).integers(0, n, size=(n_draws, n))
    drawn += n * np.arange(n_draws)[:, None]
    return np.bincount(drawn.ravel(), minlength=n_draws * n).reshape(n_draws, n).astype(float)


def pigeonhole_weights(
    n_users: int, n_items: int, n_draws: int, random_state: int | np.random.Generator
) -> tuple[np.ndarray, np.ndarray]:
    """Weights of users and of items; a cell of a draw weighs the product of its two.

    Where users and items both have effects of their own, resampling one of them alone gives intervals
    that are too narrow. The variance of this one is right for the effects of users and of items, and
    counts the noise of single cells up to three times, which makes intervals wider. Percentiles of few
    users or items make them a little narrower: with 60 and 40, a 95% interval covers in 94% of worlds.

    Returns
    -------
    users : float64, shape (n_draws, n_users)
    items : float64, shape (n_draws, n_items)

    References
    ----------
    Owen (2007), The pigeonhole bootstrap, Annals of Applied Statistics 1(2), 386-411.
    """
    rng = np.random.default_rng(random_state)
    return resampling_weights(n_users, n_draws, rng), resampling_weights(n_items, n_draws, rng)


def percentile_interval(draws: np.ndarray, level: float = 0.95) -> tuple[np.ndarray, np.ndarray]:
    """Interval between the outer percentiles of the draws, which are on the first axis; NaN draws are left out.

    Returns
    -------
    lower, upper : float64, shape of one draw

    Examples
    --------
    >>> lower, upper = percentile_interval(np.arange(101.0), level=0.9)
    >>> round(float(lower), 6), round(float(upper), 6)
    (5.0, 95.0)
    """
    if not 0 < level < 1:
        raise DataError(f"A level lies between 0 and 1, not at {level}.")
    outside = (1 - level) / 2
    lower, upper = np.nanquantile(draws, [outside, 1 - outside], axis=0)
    return lower, upper
