"""Linear and logistic working models, with the derivatives that stacked errors need."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations

import numpy as np

from causalrec.errors import DataError, EstimationError
from causalrec.estimation.nuisances.logistic import logistic, sigmoid

__all__ = ["Basis", "WorkingModel", "basis_of", "fitted"]

MOST_TERMS = 500


@dataclass(frozen=True, slots=True, eq=False)
class Basis:
    """A constant, columns, and products of different columns.

    Attributes
    ----------
    mean, scale : float64, shape (p,)
        Columns are centred and scaled first, which changes no fit.
    terms : tuple of tuple of int
        Columns of each product.
    """

    mean: np.ndarray
    scale: np.ndarray
    terms: tuple[tuple[int, ...], ...]

    def of(self, columns: np.ndarray) -> np.ndarray:
        """float64, shape (n, 1 + n_terms)."""
        unit = (columns - self.mean) / self.scale
        products = [unit[:, list(term)].prod(axis=1) for term in self.terms]
        return np.column_stack([np.ones(len(unit)), *products])


def basis_of(columns: np.ndarray, n_products: int) -> Basis:
    """Products of up to `n_products` columns that vary.

    Raises
    ------
    EstimationError : more terms than can be fitted.

    Examples
    --------
    >>> basis_of(np.array([[0.0, 1.0, 5.0], [1.0, 0.0, 5.0]]).repeat(3, axis=0), 2).terms
    ((0,), (1,), (0, 1))
    """
    if n_products < 1:
        raise DataError(f"n_products is {n_products}; it is how many columns a term multiplies, 1 or more.")
    scale = columns.std(axis=0)
    varying = np.flatnonzero(scale > 1e-12 * np.maximum(1.0, np.abs(columns.mean(axis=0))))
    sizes = range(1, min(n_products, len(varying)) + 1)
    terms = tuple(tuple(map(int, term)) for size in sizes for term in combinations(varying, size))
    if len(terms) > min(MOST_TERMS, len(columns) - 1):
        raise EstimationError(
            f"Products of up to {n_products} of {len(varying)} columns are {len(terms):,} terms, too many for "
            f"{len(columns):,} rows. Take a smaller n_products."
        )
    return Basis(columns.mean(axis=0), np.where(scale > 0, scale, 1.0), terms)


@dataclass(frozen=True, slots=True, eq=False)
class WorkingModel:
    """A fitted mean, identity or logistic.

    Attributes
    ----------
    basis : Basis
    coef : float64, shape (q,)
    is_logistic : bool
    inverse : float64, shape (q, q)
        Inverse of the mean derivative of the score.
    """

    basis: Basis
    coef: np.ndarray
    is_logistic: bool
    inverse: np.ndarray

    def mean(self, X: np.ndarray) -> np.ndarray:
        """Predictions from rows of the basis, shape (n,)."""
        return sigmoid(X @ self.coef) if self.is_logistic else X @ self.coef

    def slope(self, X: np.ndarray) -> np.ndarray:
        """Derivative of the predictions by the coefficients, shape (n, q)."""
        if not self.is_logistic:
            return X
        m = self.mean(X)
        return X * (m * (1 - m))[:, None]


def fitted(
    columns: np.ndarray, y: np.ndarray, w: np.ndarray, n_products: int, *, is_logistic: bool, what: str
) -> tuple[WorkingModel, np.ndarray]:
    """A working model of `y` and the rows of its basis.

    Parameters
    ----------
    columns : float64, shape (n, p)
    y, w : float64, shape (n,)
        For a logistic model `y` is in [0, 1]; weights have mean 1.
    n_products : int
    is_logistic : bool
    what : str
        For messages.

    Raises
    ------
    EstimationError : covariates that tell the classes apart.
    """
    basis = basis_of(columns, n_products)
    X = basis.of(columns)
    try:
        coef = logistic(X, y, 0.0, w) if is_logistic else _least_squares(X, y, w)
    except EstimationError as error:
        raise EstimationError(f"The model of {what} cannot be fitted: {error}") from None
    model = WorkingModel(basis, coef, is_logistic, np.empty((0, 0)))
    curve = (X * w[:, None]).T @ model.slope(X) / len(X)
    return WorkingModel(basis, coef, is_logistic, np.linalg.pinv(curve, rcond=1e-10, hermitian=True)), X


def _least_squares(X: np.ndarray, y: np.ndarray, w: np.ndarray) -> np.ndarray:
    root = np.sqrt(w)
    return np.linalg.lstsq(X * root[:, None], y * root, rcond=1e-10)[0]
