"""A mean and what each unit does to it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

__all__ = ["Mean", "weighted_mean"]


@dataclass(frozen=True, slots=True, eq=False)
class Mean:
    """A number and the influence of each unit on it, shape (n,)."""

    value: float
    influence: np.ndarray


def weighted_mean(values: np.ndarray, weight: np.ndarray) -> Mean:
    """Weighted mean; both arguments (n,).

    >>> found = weighted_mean(np.array([1.0, 3.0]), np.ones(2))
    >>> found.value, found.influence.tolist()
    (2.0, [-1.0, 1.0])
    """
    value = float(np.average(values, weights=weight))
    return Mean(value, weight * (values - value) / weight.mean())
