"""A local line through doubly robust outcomes at each dose, and the influence of each unit on it."""

from __future__ import annotations

import numpy as np

from causalrec.estimation.doses.density import places_on
from causalrec.estimation.doses.nuisances import DoseNuisances
from causalrec.estimation.estimators import effective_number

__all__ = ["RARE", "density_ratio", "kernel", "local_lines", "local_number"]

RARE = 0.05
"""Density of a dose, as a share of that in all units, below which a unit could hardly have had it."""


def density_ratio(found: DoseNuisances) -> tuple[np.ndarray, float]:
    """Density of each unit's dose in all units over that in units like it, (n,); and the share that was bounded.

    0 where no unit like the others could have had the dose, which is no comparison for anybody.
    """
    least = RARE * found.common_density
    below = np.maximum(found.own_density, least)
    ratio = np.divide(found.common_density, below, out=np.zeros_like(below), where=below > 0)
    return ratio, float((found.own_density < least).mean())


def local_number(dose: np.ndarray, at: float, bandwidth: float, weight: np.ndarray) -> float:
    """Units within the bandwidth of a dose, as many as their weights, (n,), count for."""
    pull = kernel(dose, at, bandwidth) * weight
    return effective_number(pull) if pull.any() else 0.0


def local_lines(
    found: DoseNuisances, dose: np.ndarray, y: np.ndarray, weight: np.ndarray, ratio: np.ndarray, doses: np.ndarray,
    bandwidth: float,
) -> tuple[np.ndarray, np.ndarray]:  # fmt: skip
    """Curve at each dose, and the influence of each unit on it.

    A unit acts through its own doubly robust outcome, and through the mean over units of what is expected at
    the doses of others.

    Returns
    -------
    value : float64, shape (k,)
    influence : float64, shape (n, k)
    """
    expected = weight @ found.outcome / weight.sum()
    pseudo = ratio * (y - found.own_outcome) + np.interp(dose, found.grid, expected)
    cell, into = places_on(found.grid, dose)
    value, influence = np.empty(len(doses)), np.empty((len(y), len(doses)))
    for at, amount in enumerate(doses):
        away = (dose - amount) / bandwidth
        line = np.column_stack([np.ones_like(away), away])
        pull = (weight * kernel(dose, amount, bandwidth))[:, None] * line
        bread = np.linalg.inv(pull.T @ line / len(y))[0]
        coef = np.linalg.solve(pull.T @ line, pull.T @ pseudo)
        share = pull @ bread / len(y)
        on_grid = np.bincount(cell, share * (1 - into), len(found.grid))
        on_grid += np.bincount(cell + 1, share * into, len(found.grid))
        through = weight * ((found.outcome - expected) @ on_grid)
        value[at] = coef[0]
        influence[:, at] = (pull @ bread) * (pseudo - line @ coef) + through
    return value, influence


def kernel(dose: np.ndarray, at: float, bandwidth: float) -> np.ndarray:
    """Epanechnikov's weights; float64, shape (n,)."""
    return np.maximum(1 - ((dose - at) / bandwidth) ** 2, 0.0)
