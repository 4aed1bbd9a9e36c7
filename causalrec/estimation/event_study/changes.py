"""The doubly robust difference of two changes, with the influence of each unit."""

from __future__ import annotations

import numpy as np

from causalrec.errors import EstimationError
from causalrec.estimation.nuisances.logistic import logistic, sigmoid

__all__ = ["difference_of_changes"]

SURE = 0.999  # chance of treatment from which an untreated unit stands for a thousand
NULL = 1e-10  # of the largest eigenvalue


def difference_of_changes(
    change: np.ndarray, treated: np.ndarray, X: np.ndarray, weight: np.ndarray
) -> tuple[float, np.ndarray]:
    """Change of the treated less that of comparable others.

    The others' changes are predicted by a linear regression and weighted by odds of treatment, logistic; the
    estimate is right if either model is. Without covariates it is the difference of two means.

    Parameters
    ----------
    change : float64, shape (n,)
        Outcome in the period less that in the base period.
    treated : bool, shape (n,)
    X : float64, shape (n, 1 + p)
        The first column is 1.
    weight : float64, shape (n,)
        Above 0.

    Returns
    -------
    value : float
    influence : float64, shape (n,)
        Sums to 0; the value is about the truth plus the sum of a sample's.

    Raises
    ------
    EstimationError : the covariates tell the treated and the others apart.

    References
    ----------
    Sant'Anna, Zhao (2020), Journal of Econometrics 219(1).

    Examples
    --------
    >>> value, influence = difference_of_changes(
    ...     np.array([3.0, 5.0, 1.0, 2.0]), np.array([True, True, False, False]), np.ones((4, 1)), np.ones(4)
    ... )
    >>> value, influence.tolist()
    (2.5, [-0.5, 0.5, 0.25, -0.25])
    """
    d, w = treated.astype(float), weight / weight.sum()
    p = _propensity(X, d, w)
    to, co = w * d, w * (1 - d) * p / (1 - p)
    beta, fit_information = _least_squares(X, change, w * (1 - d))
    left = change - X @ beta
    eta_to, eta_co = to @ left / to.sum(), co @ left / co.sum()
    of_fit = (w * (1 - d) * left)[:, None] * X @ fit_information
    of_odds = (w * (d - p))[:, None] * X @ _inverse(X.T @ (X * (w * p * (1 - p))[:, None]))
    on_treated = (to * (left - eta_to) - of_fit @ (to @ X)) / to.sum()
    on_others = (co * (left - eta_co) + of_odds @ ((co * (left - eta_co)) @ X) - of_fit @ (co @ X)) / co.sum()
    return float(eta_to - eta_co), on_treated - on_others


def _propensity(X: np.ndarray, d: np.ndarray, w: np.ndarray) -> np.ndarray:
    if X.shape[1] == 1:
        return np.full(len(d), w @ d)
    try:
        p = sigmoid(X @ logistic(X, d, 0.0, w * len(w)))
    except EstimationError:
        raise EstimationError("the covariates tell them apart, so there is no overlap.") from None
    if n_sure := int(((p > SURE) & (d == 0)).sum()):
        raise EstimationError(f"{n_sure:,} of the others have a chance of treatment above {SURE}, which is no overlap.")
    return p


def _least_squares(X: np.ndarray, y: np.ndarray, w: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    inverse = _inverse(X.T @ (X * w[:, None]))
    return inverse @ (X.T @ (w * y)), inverse


def _inverse(gram: np.ndarray) -> np.ndarray:
    return np.linalg.pinv(gram, rcond=NULL, hermitian=True)
