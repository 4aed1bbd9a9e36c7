"""Squares and products of covariates, and what of the outcome follows them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from causalrec.data import Design
from causalrec.estimation.unit_weights import unit_weights

__all__ = ["Curves", "curves_of", "most_columns"]

MOST = 20
"""Curves, each of which costs an estimate."""
N_COMPONENTS = 4
ROWS_PER_COLUMN = 5


@dataclass(frozen=True, slots=True, eq=False)
class Curves:
    """What the covariates alone say of the outcome.

    Attributes
    ----------
    columns : float64, shape (n, q)
        Covariates, standardised, then squares and products of them.
    coef : float64, shape (q,)
        Of the outcome on them, treatment and its products with the covariates held fixed.
    influence : float64, shape (n, q)
        Influence of each row on `coef`.
    n_curves : int
        The last of the columns.
    """

    columns: np.ndarray
    coef: np.ndarray
    influence: np.ndarray
    n_curves: int

    @property
    def outcome(self) -> np.ndarray:
        """The outcome as far as the covariates tell it; float64, shape (n,)."""
        return self.columns @ self.coef


def curves_of(design: Design) -> Curves | None:
    """The regression on covariates and their curves; None where there are none, or too few rows.

    All squares and products up to 20; else squares alone; else those of four principal components, so that the
    choice never looks at the outcome.
    """
    X = _standardised(design.matrix())
    bent = _curves(X)
    n_columns = 2 * X.shape[1] + bent.shape[1] + 2
    if not bent.shape[1] or n_columns * ROWS_PER_COLUMN > design.n:
        return None
    t, columns, weight = design.treatments, np.column_stack([X, bent]), unit_weights(design)
    others = np.column_stack([np.ones(design.n), t, *(X * one[:, None] for one in t.T)])
    A = np.column_stack([columns, others])
    inverse = np.linalg.pinv((A * weight[:, None]).T @ A / design.n, hermitian=True)
    coef = inverse @ (A.T @ (weight * design.outcome)) / design.n
    influence = (A * (weight * (design.outcome - A @ coef))[:, None]) @ inverse
    q = columns.shape[1]
    return Curves(columns, coef[:q], influence[:, :q], bent.shape[1])


def most_columns(n_covariates: int) -> int:
    """How many columns there are at most, each of which costs an estimate."""
    return n_covariates + MOST


def _curves(X: np.ndarray) -> np.ndarray:
    many = np.array([len(np.unique(column)) > 2 for column in X.T], dtype=bool)
    squares = X[:, many] ** 2
    pairs = np.triu_indices(X.shape[1], 1)
    if squares.shape[1] + len(pairs[0]) <= MOST:
        found = np.column_stack([squares, X[:, pairs[0]] * X[:, pairs[1]]])
    elif 0 < squares.shape[1] <= MOST:
        found = squares
    else:
        return _curves(_standardised(_components(X)))
    spread = found.std(axis=0)
    return _standardised(found[:, spread > 1e-9])


def _components(X: np.ndarray) -> np.ndarray:
    _, directions = np.linalg.eigh(X.T @ X)
    directions = directions[:, ::-1][:, :N_COMPONENTS]
    return X @ directions


def _standardised(X: np.ndarray) -> np.ndarray:
    spread = X.std(axis=0)
    kept = spread > 1e-12 * np.maximum(1e-290, np.abs(X).max(axis=0, initial=0))
    return (X[:, kept] - X[:, kept].mean(axis=0)) / spread[kept]
