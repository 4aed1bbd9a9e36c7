"""Columns predicted from the covariates of a design by ridge regression on the other folds."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from causalrec.data.design import Design
from causalrec.estimation.moments.design_moments import DesignMoments, design_moments, pieces
from causalrec.estimation.moments.linear_map import LinearMap
from causalrec.estimation.moments.ridge import Centred, centred, ridge

__all__ = ["CrossFitted", "cross_fitted"]


@dataclass(frozen=True, slots=True, eq=False)
class CrossFitted:
    """Predictions of several columns.

    Attributes
    ----------
    predicted : float64, shape (n, m)
        Each row from the folds without it.
    l2 : float64, shape (n_folds, m)
        Penalties, as scikit-learn's `Ridge(alpha)` on columns of unit variance.
    """

    predicted: np.ndarray
    l2: np.ndarray


def cross_fitted(design: Design, columns: np.ndarray, dealt: tuple[int, int], l2: float | None = None) -> CrossFitted:
    """Predict columns from covariates and blocks.

    Blocks are never expanded: moments give the regressions, and each block's contribution is added once a group.

    Parameters
    ----------
    design : Design
        In memory.
    columns : float64, shape (n, m)
        What is predicted.
    dealt : (int, int)
        Number of folds and random state.
    l2 : float or None
        Penalty on columns of unit variance; None: chosen for each column by generalised cross-validation.

    Raises
    ------
    EstimationError : columns that are not finite, or no weight above 0.
    """
    m = columns.shape[1]
    names = tuple(f"column {k}" for k in range(m))
    asked = replace(design, treatments=columns, treatment_names=names, keys=design.row_keys())
    found = design_moments(asked, dealt)
    outcomes, rest = np.arange(m), np.arange(m + 1, len(found.names))  # the outcome stands between them
    fits = [ridge(_outside(found, fold), outcomes, rest, l2, scale=True) for fold in range(dealt[0])]
    maps = LinearMap.beside([LinearMap.about(found, fit.coef, fit.intercept + found.shift[:m]) for fit in fits])
    predicted, start = np.empty((design.n, m)), 0
    for batch in pieces(asked):
        every = maps.of(batch).reshape(batch.n, dealt[0], m)
        predicted[start : start + batch.n] = every[np.arange(batch.n), batch.folds(*dealt)]
        start += batch.n
    return CrossFitted(predicted, np.array([fit.l2 for fit in fits]))


def _outside(found: DesignMoments, fold: int) -> Centred:
    moments = found.without(fold)
    return centred(moments.gram, moments.n)
