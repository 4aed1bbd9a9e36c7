"""Columns predicted from the covariates of a design by ridge regression on the other folds."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from causalrec.data.design import Design
from causalrec.errors import EstimationError
from causalrec.estimation.moments.design_moments import DesignMoments, design_moments, pieces
from causalrec.estimation.moments.linear_map import LinearMap
from causalrec.estimation.moments.ridge import centred, ridge

__all__ = ["CrossFitted", "cross_fitted", "fold_ridges"]


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
    maps, penalties = fold_ridges(found, outcomes, rest, l2, scale=True)
    predicted, start = np.empty((design.n, m)), 0
    for batch in pieces(asked):
        every = maps.of(batch).reshape(batch.n, dealt[0], m)
        predicted[start : start + batch.n] = every[np.arange(batch.n), batch.folds(*dealt)]
        start += batch.n
    return CrossFitted(predicted, penalties)


def fold_ridges(
    found: DesignMoments, outcomes: np.ndarray, columns: np.ndarray, l2: float | None, *, scale: bool
) -> tuple[LinearMap, np.ndarray]:
    """Ridge regressions from the rows outside each fold: maps beside each other, and penalties, (n_folds, m).

    Raises
    ------
    EstimationError : no row outside a fold counts.
    """
    maps, penalties = [], []
    for fold in range(len(found.folds)):
        moments = found.without(fold)
        if not moments.gram[0, 0] > 0:
            raise EstimationError(f"No row outside fold {fold + 1} has a weight above 0; ask for fewer folds.")
        fit = ridge(centred(moments.gram, moments.n), outcomes, columns, l2, scale=scale)
        maps.append(LinearMap.about(found, fit.coef, fit.intercept + found.shift[outcomes]))
        penalties.append(fit.l2)
    return LinearMap.beside(maps), np.array(penalties)
