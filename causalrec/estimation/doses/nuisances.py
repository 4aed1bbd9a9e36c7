"""What a dose-response curve needs of each unit: expected outcome and density of the dose, at any dose."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from causalrec.errors import EstimationError
from causalrec.estimation.doses.density import DoseLaw, dose_law
from causalrec.estimation.nuisances.learned_models import fit_weighted

__all__ = ["DoseNuisances", "default_dose_model", "default_outcome_model", "dose_nuisances"]

N_GRID = 80
"""Doses at which curves of each unit are kept; between them they are straight."""

N_AT_ONCE = 200_000  # rows that are predicted at once


@dataclass(frozen=True, slots=True, eq=False)
class DoseNuisances:
    """Cross-fitted predictions for each unit on a grid of doses.

    Attributes
    ----------
    grid : float64, shape (n_grid,)
        Doses in ascending order.
    outcome : float64, shape (n, n_grid)
        Expected outcome of each unit at each dose of the grid.
    own_outcome : float64, shape (n,)
        Expected outcome at the unit's own dose.
    density : float64, shape (n, n_grid)
        Density of the dose given the unit's covariates, at each dose of the grid.
    own_density, common_density : float64, shape (n,)
        Density of the unit's own dose given its covariates, and on average over the covariates of its fold.
    """

    grid: np.ndarray
    outcome: np.ndarray
    own_outcome: np.ndarray
    density: np.ndarray
    own_density: np.ndarray
    common_density: np.ndarray


def dose_nuisances(
    X: np.ndarray, dose: np.ndarray, y: np.ndarray, weight: np.ndarray, fold: np.ndarray, order: np.ndarray,
    outcome_model: Any, dose_model: Any,
) -> DoseNuisances:  # fmt: skip
    """Outcome regression on dose and covariates, and a location-scale model of the dose, cross-fitted.

    Parameters
    ----------
    X : float64, shape (n, p)
    dose, y, weight : float64, shape (n,)
    fold, order : int64, shape (n,)
        Folds, and the order in which models see the rows.
    outcome_model : scikit-learn regressor
        Of [dose, covariates].
    dose_model : scikit-learn regressor
        Of the covariates; used for the mean and for the log of squared residuals.

    Raises
    ------
    EstimationError : predictions that are not finite, or a dose that the covariates explain completely.
    """
    from sklearn.base import clone

    grid = np.unique(np.quantile(dose[weight > 0], np.linspace(0, 1, N_GRID)))
    covariates = X if X.shape[1] else np.zeros((len(y), 1))  # scikit-learn wants a column
    outcome, density = np.empty((len(y), len(grid))), np.empty((len(y), len(grid)))
    own_outcome, own_density, common_density = (np.empty(len(y)) for _ in range(3))
    for k in np.unique(fold):
        train, test = order[((fold != k) & (weight > 0))[order]], np.flatnonzero(fold == k)
        counts = None if np.ptp(weight) == 0 else weight[train]
        rows = np.column_stack([dose[train], covariates[train]])
        model = fit_weighted(clone(outcome_model), rows, y[train], counts)
        own_outcome[test] = model.predict(np.column_stack([dose[test], covariates[test]]))
        outcome[test] = _at_each(model, grid, covariates[test])
        law: DoseLaw = dose_law(covariates[train], dose[train], counts, dose_model)
        own_density[test] = law.density(covariates[test], dose[test, None])[:, 0]
        density[test] = law.density(covariates[test], grid[None, :])
        common_density[test] = np.interp(dose[test], grid, np.average(density[test], axis=0, weights=weight[test]))
    if not all(np.isfinite(found).all() for found in (outcome, own_outcome, density, own_density)):
        raise EstimationError("The outcome or dose model gave values that are not finite: choose other models.")
    return DoseNuisances(grid, outcome, own_outcome, density, own_density, common_density)


def _at_each(model: Any, grid: np.ndarray, X: np.ndarray) -> np.ndarray:
    """Predictions for each row at each dose of the grid; float64, shape (m, n_grid)."""
    found = np.empty((len(X), len(grid)))
    step = max(1, N_AT_ONCE // max(len(X), 1))
    for first in range(0, len(grid), step):
        doses = grid[first : first + step]
        rows = np.column_stack([np.repeat(doses, len(X)), np.tile(X, (len(doses), 1))])
        found[:, first : first + step] = model.predict(rows).reshape(len(doses), len(X)).T
    return found


def default_outcome_model() -> Any:
    """Ridge on splines of the dose, the covariates, and their products with the dose."""
    from sklearn.compose import ColumnTransformer
    from sklearn.linear_model import RidgeCV
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import FunctionTransformer, SplineTransformer, StandardScaler

    splines = SplineTransformer(n_knots=6, degree=3, knots="quantile", extrapolation="linear")
    columns = ColumnTransformer(
        [("splines", splines, [0]), ("covariates", "passthrough", slice(1, None)),
         ("products", FunctionTransformer(_products), slice(0, None))],
    )  # fmt: skip
    return make_pipeline(columns, StandardScaler(), RidgeCV(alphas=np.logspace(-3, 3, 13)))


def default_dose_model() -> Any:
    """Ridge on the covariates."""
    from causalrec.estimation.nuisances.default_models import default_model

    return default_model(False)


def _products(rows: np.ndarray) -> np.ndarray:
    return rows[:, :1] * rows[:, 1:]
