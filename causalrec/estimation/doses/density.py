"""Conditional density of a dose: its mean plus its spread times an error, and the error's density by a kernel."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from causalrec.errors import EstimationError
from causalrec.estimation.nuisances.learned_models import fit_weighted

__all__ = ["DoseLaw", "dose_law", "kernel_density", "places_on", "silverman"]

N_PLACES = 400
SMALLEST_SCALE = 0.05  # of the residuals' spread, below which a predicted spread is not believed


@dataclass(frozen=True, slots=True, eq=False)
class DoseLaw:
    """Density of a dose given covariates, as training rows have it.

    Attributes
    ----------
    centre, width : fitted regressors
        Of the dose, and of the log of its squared residual.
    unit, smallest : float
        Factor on the predicted spread, and its least value, in the dose's unit.
    places, heights : float64, shape (400,)
        Density of the standardised error.
    """

    centre: Any
    width: Any
    unit: float
    smallest: float
    places: np.ndarray
    heights: np.ndarray

    def density(self, X: np.ndarray, doses: np.ndarray) -> np.ndarray:
        """Density of each row at doses of shape (n, 1), its own, or (1, k), the same for all; shape (n, 1 or k)."""
        scale = np.maximum(self.unit * np.exp(self.width.predict(X) / 2), self.smallest)[:, None]
        z = (doses - self.centre.predict(X)[:, None]) / scale
        return np.interp(z, self.places, self.heights, 0.0, 0.0) / scale


def dose_law(X: np.ndarray, dose: np.ndarray, weight: np.ndarray | None, model: Any) -> DoseLaw:
    """Fit the mean, then the log of squared residuals, then the density of what is left.

    Raises
    ------
    EstimationError : the covariates explain the dose completely.
    """
    from sklearn.base import clone

    centre = fit_weighted(clone(model), X, dose, weight)
    left = dose - centre.predict(X)
    spread = float(np.sqrt(np.average(left**2, weights=weight)))
    if not spread > 1e-6 * np.std(dose):
        raise EstimationError("The covariates explain the dose completely, so no two units differ in it alone.")
    smallest = SMALLEST_SCALE * spread
    width = fit_weighted(clone(model), X, np.log(np.maximum(left**2, smallest**2)), weight)
    scaled = left / np.exp(width.predict(X) / 2)
    unit = float(np.sqrt(np.average(scaled**2, weights=weight)))
    return DoseLaw(centre, width, unit, smallest, *kernel_density(scaled / unit, weight))


def kernel_density(values: np.ndarray, weight: np.ndarray | None = None) -> tuple[np.ndarray, np.ndarray]:
    """Normal kernel density on a grid: places and heights, both float64, shape (400,).

    >>> places, heights = kernel_density(np.random.default_rng(0).normal(size=20_000))
    >>> round(float(np.interp(0.0, places, heights)), 1)
    0.4
    """
    counts = np.ones(len(values)) if weight is None else weight
    bandwidth = 1.06 * silverman(values)
    places = np.linspace(values.min() - 5 * bandwidth, values.max() + 5 * bandwidth, N_PLACES)
    cell, into = places_on(places, values)
    mass = np.bincount(cell, counts * (1 - into), N_PLACES) + np.bincount(cell + 1, counts * into, N_PLACES)
    step = places[1] - places[0]
    kernel = np.exp(-0.5 * ((places - places[N_PLACES // 2]) / bandwidth) ** 2)
    heights = np.convolve(mass, kernel)[N_PLACES // 2 :][:N_PLACES]
    return places, heights / (heights.sum() * step)


def silverman(values: np.ndarray) -> float:
    """Spread that outliers do not move, times n^(-1/5) (Silverman 1986, Density Estimation)."""
    quartiles = float(np.subtract(*np.quantile(values, [0.75, 0.25]))) / 1.34
    spread = float(np.std(values))
    return (min(spread, quartiles) if quartiles > 0 else spread) * len(values) ** -0.2


def places_on(grid: np.ndarray, values: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Cell of each value on a grid and how far into it, for straight lines between; both (n,).

    >>> cell, into = places_on(np.array([0.0, 2.0, 3.0]), np.array([0.5, 3.0]))
    >>> cell.tolist(), into.tolist()
    ([0, 1], [0.25, 1.0])
    """
    cell = np.clip(np.searchsorted(grid, values, side="right") - 1, 0, len(grid) - 2)
    return cell, (values - grid[cell]) / (grid[cell + 1] - grid[cell])
