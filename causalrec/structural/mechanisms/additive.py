"""`Additive`: what mechanisms share whose noise is added to a function of the parents."""

from __future__ import annotations

from typing import ClassVar

import numpy as np

from causalrec.structural.mechanisms.mechanism import Mechanism

__all__ = ["N_RESIDUALS", "Additive", "kept_residuals"]

N_RESIDUALS = 2_000
"""Residuals that stand for the distribution of the noise."""


class Additive(Mechanism):
    """A mechanism value = expectation(parents) + noise: the noise of a unit is known exactly."""

    is_exact: ClassVar[bool] = True
    residuals_: np.ndarray

    def prior(self, n: int, rng: np.random.Generator) -> np.ndarray:
        """Noise of new units: residuals, drawn with replacement."""
        return self.residuals_[rng.integers(0, len(self.residuals_), n)]

    def noise(self, parents: np.ndarray, values: np.ndarray, rng: np.random.Generator) -> np.ndarray:
        """What is left of the values."""
        return values - self.expectation(parents)

    def value(self, parents: np.ndarray, noise: np.ndarray) -> np.ndarray:
        """Expectation plus noise."""
        return self.expectation(parents) + noise


def kept_residuals(residuals: np.ndarray) -> np.ndarray:
    """At most `N_RESIDUALS` rows that stand for all, less their mean.

    >>> kept_residuals(np.array([1.0, 2.0, 3.0])).tolist()
    [-1.0, 0.0, 1.0]
    """
    centred = residuals - residuals.mean(axis=0)
    if len(centred) <= N_RESIDUALS:
        return centred
    order = np.argsort(centred if centred.ndim == 1 else centred[:, 0], kind="stable")
    return centred[order[np.linspace(0, len(centred) - 1, N_RESIDUALS).round().astype(int)]]
