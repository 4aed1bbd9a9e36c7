"""Several estimates at once: intervals that all hold together, and whether all are equal."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from causalrec.errors import EstimationError
from causalrec.estimation.heterogeneity.calibration import p_words
from causalrec.estimation.uncertainty.confidence_levels import refuse_level

__all__ = ["EqualityTest", "correlation_of", "equality_test", "simultaneous_level"]

LOG_DRAWS = 14  # quasi-random points are 2 to this power
INDEPENDENT = 1e-12


@dataclass(frozen=True, slots=True)
class EqualityTest:
    """Wald's test that several effects are one number.

    Attributes
    ----------
    statistic : float
        Wald's statistic over `n_contrasts`.
    n_contrasts : int
        Effects less one.
    dof : float
        Second degrees of freedom of the F distribution.
    p_value : float
    """

    statistic: float
    n_contrasts: int
    dof: float
    p_value: float

    def __str__(self) -> str:
        return f"{p_words(self.p_value)} (F = {self.statistic:.2f} on {self.n_contrasts} and {self.dof:,.0f})"


def correlation_of(covariance: np.ndarray) -> np.ndarray:
    """Correlations; an estimate without spread has none with the others. float64, shape (k, k).

    >>> correlation_of(np.array([[4.0, 1.0], [1.0, 1.0]])).tolist()
    [[1.0, 0.5], [0.5, 1.0]]
    """
    spread = np.sqrt(np.diag(covariance))
    unit = np.where(spread > 0, spread, 1.0)
    found = np.clip(covariance / np.outer(unit, unit), -1.0, 1.0)
    np.fill_diagonal(found, 1.0)
    return found


def simultaneous_level(correlation: np.ndarray, level: float = 0.95) -> float:
    """Level that each interval must have for all of them to hold together with probability `level`.

    The largest of correlated normal statistics in absolute value stays below the quantile that belongs to
    the answer (max-t). Independent ones have a formula; others are found by quasi-random points, always the
    same ones.

    Parameters
    ----------
    correlation : float64, shape (k, k)
    level : float, in (0, 1)

    References
    ----------
    Hothorn, Bretz, Westfall (2008), Biometrical Journal 50(3).

    Examples
    --------
    >>> round(simultaneous_level(np.eye(3)), 4), round(simultaneous_level(np.ones((3, 3))), 2)
    (0.983, 0.95)
    """
    from scipy.stats import norm
    from scipy.stats.qmc import Sobol

    refuse_level(level)
    k = len(correlation)
    if np.abs(correlation - np.eye(k)).max(initial=0.0) < INDEPENDENT:
        return float(level ** (1 / max(k, 1)))
    values, vectors = np.linalg.eigh(correlation)
    root = vectors * np.sqrt(np.maximum(values, 0.0))
    draws = norm.ppf(Sobol(k, seed=0).random_base2(LOG_DRAWS)) @ root.T
    return float(2 * norm.cdf(np.quantile(np.abs(draws).max(axis=1), level)) - 1)


def equality_test(value: np.ndarray, covariance: np.ndarray, dof: float) -> EqualityTest:
    """Wald's test that all of `value`, shape (k,), are equal, with the F distribution.

    Raises
    ------
    EstimationError : fewer than two values, or an error that fewer clusters made than there are contrasts.

    Examples
    --------
    >>> print(equality_test(np.array([1.0, 3.0]), np.eye(2), 30.0))
    p = 0.17 (F = 2.00 on 1 and 30)
    """
    from scipy.stats import f

    q = len(value) - 1
    if q < 1:
        raise EstimationError("Whether effects are equal can be asked of two groups or more.")
    contrasts = np.column_stack([-np.ones(q), np.eye(q)])
    gap, spread = contrasts @ value, contrasts @ covariance @ contrasts.T
    certain = not (np.diag(spread) > 0).all()
    if certain or np.linalg.matrix_rank(correlation_of(spread), hermitian=True, tol=1e-9) < q or dof < q:
        raise EstimationError(
            f"There are {q + 1} groups, and too few clusters for the joint error of {q} differences: compare fewer "
            f"groups, or cluster by something finer."
        )
    statistic = float(gap @ np.linalg.solve(spread, gap)) / q
    return EqualityTest(statistic, q, float(dof), float(f.sf(statistic, q, dof)))
