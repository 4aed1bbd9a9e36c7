"""What a whole curve of specifications would look like under the null, from the joint influence values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from causalrec.estimation.uncertainty.clusters import influence_covariance

__all__ = ["JointNull", "joint_null"]

FLOOR = 0.3
"""Share of the original's error that the error of a difference is taken to be at least. Estimators within one set are
the same to first order, and what parts them then is a remainder that influence values do not know."""
CRITICAL, TINY = 1.959963984540054, 1e-6


@dataclass(frozen=True, slots=True)
class JointNull:
    """p-values of a curve; each in (0, 1]."""

    median: float
    significant: float
    average: float
    disagreement: float


def joint_null(
    values: np.ndarray, influence: np.ndarray, clusters: Mapping[str, np.ndarray], n_draws: int,
    rng: np.random.Generator,
) -> JointNull:  # fmt: skip
    """Draw curves from the joint normal distribution of all estimates, once with no effect, once with one effect.

    All specifications use the same rows, so their errors are alike: drawing them together is the bootstrap under
    the null of Simonsohn, Simmons, Nelson (2020), Nature Human Behaviour 4, with multipliers in place of rows.

    Parameters
    ----------
    values : float64, shape (k,)
        Estimates; the original first.
    influence : float64, shape (n, k)
    clusters : mapping of str to int64 array (n,)
    n_draws : int
    rng : numpy Generator
    """
    covariance = influence_covariance(influence, clusters, 1)[0]
    errors = np.sqrt(np.diag(covariance))
    drawn = _normal(covariance, n_draws, rng)
    gaps = covariance - covariance[:1] - covariance[:, :1] + covariance[0, 0]  # of each less the original
    own = np.sqrt(np.diag(gaps).clip(0))

    def disagreement(curves: np.ndarray, spread: np.ndarray) -> np.ndarray:
        gap = np.abs(curves - curves[:, :1])
        return np.divide(gap, spread, out=np.zeros_like(gap), where=spread > TINY * errors[0]).max(axis=1)

    def significant(curves: np.ndarray) -> np.ndarray:
        z = curves / errors
        return np.maximum((z > CRITICAL).mean(axis=1), (z < -CRITICAL).mean(axis=1))

    def chance(of_drawn: np.ndarray, of_seen: np.ndarray) -> float:
        return float((1 + (of_drawn >= of_seen - 1e-12).sum()) / (1 + n_draws))

    def median(curves: np.ndarray) -> np.ndarray:
        return np.abs(np.median(curves, axis=1))

    def average(curves: np.ndarray) -> np.ndarray:
        return np.abs((curves / errors).mean(axis=1))

    seen = values[None, :]
    apart = disagreement(drawn, own), disagreement(seen, np.maximum(own, FLOOR * errors[0]))
    return JointNull(
        median=chance(median(drawn), median(seen)), significant=chance(significant(drawn), significant(seen)),
        average=chance(average(drawn), average(seen)), disagreement=chance(*apart),
    )  # fmt: skip


def _normal(covariance: np.ndarray, n_draws: int, rng: np.random.Generator) -> np.ndarray:
    sizes, ways = np.linalg.eigh(covariance)
    return rng.normal(size=(n_draws, len(sizes))) @ (ways * np.sqrt(sizes.clip(0))).T
