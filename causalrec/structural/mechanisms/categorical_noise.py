"""Noise of a category: which hidden draw makes a unit fall into it.

A table of probabilities does not say what a unit *would have been* under others: that takes a convention.
"gumbel" adds a Gumbel variable to each log probability and takes the largest. "ordered" takes one uniform
variable and cuts it at the cumulative probabilities, so that a higher probability of higher categories never lowers
one. For two categories both are the same, which is monotone: what raises the probability of 1 turns no 1 into 0.

References
----------
Oberst, Sontag (2019), ICML: Gumbel-max structural causal models.
"""

from __future__ import annotations

import numpy as np

__all__ = ["COUPLINGS", "category", "posterior_noise", "prior_noise"]

COUPLINGS = ("gumbel", "ordered")
SMALLEST = 1e-300  # a probability of 0 has no logarithm


def prior_noise(n: int, n_levels: int, coupling: str, rng: np.random.Generator) -> np.ndarray:
    """Noise of new units: uniform (n,), or Gumbel (n, n_levels)."""
    return rng.gumbel(size=(n, n_levels)) if _is_gumbel(n_levels, coupling) else rng.random(n)


def category(probabilities: np.ndarray, noise: np.ndarray, coupling: str) -> np.ndarray:
    """Category that the noise picks; float64, shape (n,).

    >>> category(np.array([[0.4, 0.6], [0.4, 0.6]]), np.array([0.3, 0.5]), "ordered")
    array([0., 1.])
    """
    if _is_gumbel(probabilities.shape[1], coupling):
        return np.argmax(_logs(probabilities) + noise, axis=1).astype(float)
    cuts = np.cumsum(probabilities[:, :-1], axis=1)
    return (noise[:, None] >= cuts).sum(axis=1).astype(float)


def posterior_noise(
    probabilities: np.ndarray, codes: np.ndarray, coupling: str, rng: np.random.Generator
) -> np.ndarray:
    """Noise drawn from what is left once the category of each unit is known.

    Parameters
    ----------
    probabilities : float64, shape (n, n_levels)
    codes : int64, shape (n,)
    """
    if _is_gumbel(probabilities.shape[1], coupling):
        return _gumbel_given_largest(_logs(probabilities), codes, rng)
    ends = np.column_stack([np.zeros(len(codes)), np.cumsum(probabilities, axis=1)])
    rows = np.arange(len(codes))
    low, high = ends[rows, codes], np.minimum(ends[rows, codes + 1], 1.0)
    inside = low + (high - low) * rng.random(len(codes))
    return np.where(inside < high, inside, low)  # rounding must not carry it over its upper end


def _gumbel_given_largest(logs: np.ndarray, codes: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Gumbel noise whose sum with `logs` is largest at `codes`: the maximum first, the others below it."""
    rows = np.arange(len(codes))
    largest = rng.gumbel(size=len(codes)) + np.logaddexp.reduce(logs, axis=1)
    sums = logs - np.log(np.exp(logs - largest[:, None]) + rng.exponential(size=logs.shape))
    sums[rows, codes] = largest
    return sums - logs


def _logs(probabilities: np.ndarray) -> np.ndarray:
    return np.log(np.maximum(probabilities, SMALLEST))


def _is_gumbel(n_levels: int, coupling: str) -> bool:
    return coupling == "gumbel" and n_levels > 2
