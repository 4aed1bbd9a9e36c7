"""The effect as a linear function of modifiers, with its sandwich error."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from causalrec.data.design import Design
from causalrec.errors import EstimationError
from causalrec.estimation.uncertainty.clusters import influence_covariance

__all__ = ["LinearFinal", "linear_final", "with_intercept"]

MAX_CONDITION = 1e12  # of the Gram matrix, above which columns are collinear


@dataclass(frozen=True, slots=True, eq=False)
class LinearFinal:
    """Least squares of the effect on [1, modifiers].

    Attributes
    ----------
    coef : float64, shape (q + 1,)
        Intercept first, in the outcome's unit.
    cov : float64, shape (q + 1, q + 1)
        Robust to unequal variances, clustered where the design has clusters.
    influence : float64, shape (n, q + 1)
        Influence of each unit on `coef`.
    """

    coef: np.ndarray
    cov: np.ndarray
    influence: np.ndarray

    def values(self, V: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Effect and standard error at each row of modifiers; each (n,)."""
        rows = with_intercept(V)
        return rows @ self.coef, np.sqrt(np.einsum("ij,jk,ik->i", rows, self.cov, rows))


def linear_final(
    design: Design, V: np.ndarray, y: np.ndarray, t: np.ndarray | float = 1.0, weight: np.ndarray | None = None
) -> LinearFinal:
    """Least squares of `y` on t * [1, V].

    Raises
    ------
    EstimationError : collinear modifiers, or fewer rows than coefficients.
    """
    rows = with_intercept(V) * np.reshape(t, (-1, 1))
    weighted = rows if weight is None else rows * weight[:, None]
    n, q = rows.shape
    if n <= q:
        raise EstimationError(f"{n} rows cannot carry an effect that differs by {q - 1} modifiers; name fewer.")
    gram = weighted.T @ rows / n
    scale = np.sqrt(np.diag(gram))
    if (scale == 0).any() or np.linalg.cond(gram / np.outer(scale, scale)) > MAX_CONDITION:
        raise EstimationError("The modifiers are collinear, or one of them does not vary; name fewer modifiers.")
    coef = np.linalg.solve(gram, weighted.T @ y / n)
    influence = np.linalg.solve(gram, (weighted * (y - rows @ coef)[:, None]).T).T
    cov, _ = influence_covariance(influence, design.clusters, q)
    return LinearFinal(coef, cov, influence)


def with_intercept(V: np.ndarray) -> np.ndarray:
    """A column of ones before the others."""
    return np.column_stack([np.ones(len(V)), V])
