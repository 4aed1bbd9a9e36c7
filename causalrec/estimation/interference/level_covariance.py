"""Covariance of sums weighted by chances of exposure, from chances of pairs."""

from __future__ import annotations

import numpy as np

from causalrec.estimation.interference.exposure_levels import N_LEVELS, ExposureProbabilities
from causalrec.estimation.interference.pair_probabilities import PairProbabilities

__all__ = ["bound_covariance", "difference_variance", "level_covariance", "level_weights"]


def level_covariance(
    left: np.ndarray, levels: np.ndarray, chances: ExposureProbabilities, pairs: PairProbabilities
) -> np.ndarray:
    """Covariance of the four weighted sums by Aronow and Samii (2017, Annals of Applied Statistics 11(4)).

    Its expectation gives differences of sums at least their true variance: what the two units of a pair can never
    show together is bounded by Young's inequality. It need not be positive semidefinite.

    Parameters
    ----------
    left : float64, shape (n, 4)
        Outcome, or outcome less the mean of the level.
    levels : int64, shape (n,)
        Exposure that each unit has.
    chances : ExposureProbabilities
    pairs : PairProbabilities
        Of all pairs that are not independent.

    Returns
    -------
    float64, shape (4, 4)
    """
    first, second, joint = _inside(chances, pairs)
    has = (levels[:, None] == np.arange(N_LEVELS)) & chances.possible[:, None]
    ratio = level_weights(levels, chances) * left
    young = ratio * left / 2  # half the squared outcome over its chance
    found = np.empty((N_LEVELS, N_LEVELS))
    for k in range(N_LEVELS):
        for m in range(N_LEVELS):
            # Each pair stands once, so it is read from both ends.
            ends = (first, second, joint[:, k, m]), (second, first, joint[:, m, k])
            found[k, m] = _own_term(ratio, young, chances.value, k, m)
            for a, b, chance in ends:
                seen = has[a, k] & has[b, m] & (chance > 0)
                share = 1 - chances.value[a[seen], k] * chances.value[b[seen], m] / chance[seen]
                never = chance == 0
                bound = float(young[a[never], k].sum() + young[b[never], m].sum())
                able = float((share * ratio[a[seen], k] * ratio[b[seen], m]).sum())
                found[k, m] += able + (bound if k == m else -bound)
    return (found + found.T) / 2


def bound_covariance(
    left: np.ndarray, levels: np.ndarray, chances: ExposureProbabilities, pairs: PairProbabilities
) -> np.ndarray:
    """The same with every dependent pair as perfectly correlated: positive semidefinite, and wide.

    Parameters and result are those of `level_covariance`.
    """
    first, second, _ = _inside(chances, pairs)
    n_near = 1 + np.bincount(first, minlength=len(levels)) + np.bincount(second, minlength=len(levels))
    ratio = level_weights(levels, chances) * left
    return (ratio * n_near[:, None]).T @ ratio


def level_weights(levels: np.ndarray, chances: ExposureProbabilities) -> np.ndarray:
    """One over the chance of the level that a unit has, 0 elsewhere and for units left out; shape (n, 4)."""
    has = (levels[:, None] == np.arange(N_LEVELS)) & chances.possible[:, None]
    return np.divide(1.0, chances.value, out=np.zeros(has.shape), where=has)


def difference_variance(covariance: np.ndarray, high: int, low: int) -> float:
    """Variance of the difference of two of the means."""
    return float(covariance[high, high] + covariance[low, low] - 2 * covariance[high, low])


def _inside(chances: ExposureProbabilities, pairs: PairProbabilities) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    inside = chances.possible[pairs.first] & chances.possible[pairs.second]
    return pairs.first[inside], pairs.second[inside], pairs.value[inside]


def _own_term(ratio: np.ndarray, young: np.ndarray, chance: np.ndarray, k: int, m: int) -> float:
    """Of a unit with itself: it has one level at a time."""
    if k == m:
        return float(((1 - chance[:, k]) * ratio[:, k] ** 2).sum())
    return -float(young[:, k].sum() + young[:, m].sum())
