"""Ridge regression from moments, with its penalty fixed or chosen by generalised cross-validation."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

__all__ = ["Centred", "Ridge", "centred", "cross_validated", "ridge"]

PENALTIES = 10.0 ** np.arange(-6, 2.01, 0.25)  # candidates, as shares of the rows
SINGULAR = 1e-13  # eigenvalue, as a share of the largest, below which a direction is rounding error


@dataclass(frozen=True, slots=True, eq=False)
class Centred:
    """Sums of squares about the mean.

    Attributes
    ----------
    cross : float64, shape (p, p)
    mean : float64, shape (p,)
    weight : float
        Sum of the weights.
    n : int
        Rows.
    """

    cross: np.ndarray
    mean: np.ndarray
    weight: float
    n: int


@dataclass(frozen=True, slots=True, eq=False)
class Ridge:
    """Coefficients of m outcomes on p columns.

    Attributes
    ----------
    coef : float64, shape (p, m)
    intercept : float64, shape (m,)
        Value where every column is 0.
    l2 : float64, shape (m,)
        Penalty of each outcome, as scikit-learn's `Ridge(alpha)` has it.
    rank : int
        Columns that are not combinations of others.
    """

    coef: np.ndarray
    intercept: np.ndarray
    l2: np.ndarray
    rank: int


def centred(gram: np.ndarray, n: int) -> Centred:
    """From the moments of [1, columns]."""
    weight, mean = gram[0, 0], gram[0, 1:] / gram[0, 0]
    return Centred(gram[1:, 1:] - np.outer(gram[0, 1:], mean), mean, float(weight), n)


def ridge(found: Centred, outcomes: np.ndarray, columns: np.ndarray, l2: float | None, *, scale: bool) -> Ridge:
    """Minimise the sum of squares plus l2 times the squared coefficients; the intercept is free.

    Parameters
    ----------
    found : Centred
    outcomes, columns : int64, shapes (m,) and (p,)
        Places of the outcomes and of the columns in `found`.
    l2 : float or None
        None: chosen for each outcome by generalised cross-validation (Golub, Heath, Wahba 1979,
        Technometrics 21(2)) among 33 values.
    scale : bool
        Whether the penalty is on columns of unit variance.

    Returns
    -------
    Ridge
    """
    spread = np.diag(found.cross)[columns]
    unit = np.sqrt(spread / found.weight) if scale else np.ones(len(columns))
    unit = np.where(unit > 0, unit, 1.0)
    own = found.cross[np.ix_(columns, columns)] / np.outer(unit, unit)
    cross = found.cross[np.ix_(columns, outcomes)] / unit[:, None]
    values, vectors = np.linalg.eigh(own) if len(columns) else (np.empty(0), np.empty((0, 0)))
    keep = values > SINGULAR * values.max(initial=0)
    values, vectors = values[keep], vectors[:, keep]
    along = vectors.T @ cross
    if l2 is None:
        total = np.diag(found.cross)[outcomes]
        best = [cross_validated(values, b, s, found.weight, found.n) for b, s in zip(along.T, total, strict=True)]
        penalty = np.array(best)
    else:
        penalty = np.full(len(outcomes), float(l2))
    coef = (vectors @ (along / (values[:, None] + penalty))) / unit[:, None]
    return Ridge(coef, found.mean[outcomes] - found.mean[columns] @ coef, penalty, int(keep.sum()))


def cross_validated(values: np.ndarray, along: np.ndarray, total: float, weight: float, n: int) -> float:
    """Penalty with the smallest (residual sum of squares / n) / (1 - degrees of freedom / n)^2.

    Parameters
    ----------
    values : float64, shape (r,)
        Eigenvalues of the columns' cross products.
    along : float64, shape (r,)
        Cross products of the columns with the outcome, along the eigenvectors.
    total : float
        Sum of squares of the outcome about its mean.
    weight : float
        Sum of the weights.
    n : int
        Rows.
    """
    penalty = PENALTIES[:, None] * weight
    residual = total - (along**2 * (values + 2 * penalty) / (values + penalty) ** 2).sum(axis=1)
    free = 1 - (1 + (values / (values + penalty)).sum(axis=1)) / n
    score = np.where(free > 0, residual / np.maximum(free, 1e-300) ** 2, np.inf)
    return float(penalty[np.argmin(score), 0])
