"""Whether a property nearly decides who is treated: exact tests of shares, held together."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

__all__ = ["Decided", "bounds_of", "decided"]


@dataclass(frozen=True, slots=True, eq=False)
class Decided:
    """Tests of many shares against both bounds.

    Attributes
    ----------
    n : float64, shape (m,)
        Independent groups that have each property.
    treated : float64, shape (m,)
        Of them, treated ones; shares of a group add up.
    p_value : float64, shape (m,)
        Holding together: the smallest of both sides, times the number of tests that could fail at all.
    limit : float64, shape (m,)
        Limit of Clopper and Pearson on the share, on the side of the middle, all of them together.
    n_tests : int
    """

    n: np.ndarray
    treated: np.ndarray
    p_value: np.ndarray
    limit: np.ndarray
    n_tests: int


def bounds_of(base: float, margin: float) -> tuple[float, float]:
    """Shares treated beyond which a property leaves nobody to compare, where a share `base` of all is treated.

    The odds are those of the margin, and moved by the base where that makes a bound stricter: if one unit in a hundred
    is treated, a property without treated units is nothing special.

    Examples
    --------
    >>> [round(share, 4) for share in bounds_of(0.5, 0.05)], [round(share, 4) for share in bounds_of(0.01, 0.05)]
    ([0.05, 0.95], [0.0005, 0.95])
    """
    odds, beyond = base / (1 - base), (1 - margin) / margin
    low, high = min(1.0, odds) / beyond, max(1.0, odds) * beyond
    return low / (1 + low), high / (1 + high)


def decided(n: np.ndarray, treated: np.ndarray, bounds: tuple[float, float], level: float) -> Decided:
    """Test that each property's share treated lies within the bounds; at most a share `level` errs in any of them.

    Exact binomial tests. A property of few groups cannot fail whatever they show, and does not count among the tests
    (Tarone 1990, Biometrics 46(2)).

    Parameters
    ----------
    n, treated : float64, shape (m,)
    bounds : (float, float)
    level : float, in (0, 1)

    Examples
    --------
    >>> found = decided(np.array([300.0, 300.0, 5.0]), np.array([300.0, 200.0, 5.0]), (0.05, 0.95), 0.05)
    >>> (found.p_value < 0.05).tolist(), found.n_tests
    ([True, False, False], 4)
    """
    from scipy.stats import beta, binom

    low, high = bounds
    whole = np.floor(treated + 1e-9), np.ceil(treated - 1e-9)
    above, below = binom.sf(whole[0] - 1, n, high), binom.cdf(whole[1], n, low)
    n_tests = _tests(np.concatenate([high**n, (1 - low) ** n]), level)
    p_value = np.minimum(1.0, n_tests * np.minimum(above, below))
    tail = level / max(1, n_tests)
    least = np.where(whole[0] > 0, beta.ppf(tail, np.maximum(whole[0], 1), n - whole[0] + 1), 0.0)
    most = np.where(whole[1] < n, beta.ppf(1 - tail, whole[1] + 1, np.maximum(n - whole[1], 1)), 1.0)
    return Decided(n, treated, p_value, np.where(above <= below, least, most), n_tests)


def _tests(attainable: np.ndarray, level: float) -> int:
    """Smallest k so that no more than k tests could fail at level / k."""
    ordered = np.sort(attainable)
    for k in range(1, len(ordered) + 1):
        if np.searchsorted(ordered, level / k, side="right") <= k:
            return k
    return max(1, len(ordered))
