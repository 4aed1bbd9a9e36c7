"""Logistic regression with a ridge penalty, by Newton's method."""

from __future__ import annotations

import numpy as np

from causalrec.errors import EstimationError

__all__ = ["logistic", "sigmoid"]

MAX_STEPS = 100
TOLERANCE = 1e-16  # of what a step gains, relative to the log likelihood; coefficients have its square root
SEPARATED = 30  # log odds that no overlap has


def logistic(X: np.ndarray, y: np.ndarray, l2: float, weight: np.ndarray | None = None) -> np.ndarray:
    """Coefficients that maximise the log likelihood less l2 / 2 times their squares; the first is free.

    The same as scikit-learn's `LogisticRegression(C=1 / l2)`. Steps are halved where they do not improve.

    Parameters
    ----------
    X : float64, shape (n, 1 + p)
        The first column is 1.
    y : float64, shape (n,)
        0 or 1.
    l2 : float
        0 or more.
    weight : float64, shape (n,), optional

    Raises
    ------
    EstimationError : no convergence, as where the covariates tell the classes apart and nothing is penalised.
    """
    beta, penalty = np.zeros(X.shape[1]), np.full(X.shape[1], float(l2))
    penalty[0] = 0.0
    w = np.ones(len(y)) if weight is None else weight
    score = objective(X, y, w, penalty, beta)
    for _ in range(MAX_STEPS):
        p = sigmoid(X @ beta)
        slope = X.T @ (w * (y - p)) - penalty * beta
        curve = X.T @ (X * (w * p * (1 - p))[:, None]) + np.diag(penalty)
        step = np.linalg.lstsq(curve, slope, rcond=1e-12)[0]
        beta, score, moved = _improved(X, y, w, penalty, beta, step, score)
        if not l2 and np.abs(X @ beta).max() > SEPARATED:
            break
        if not moved or slope @ step <= TOLERANCE * (1 + np.abs(score)):
            return beta
    raise EstimationError(
        "The covariates tell the two classes of a logistic regression apart, or nearly so, and it did not converge: "
        "there is no overlap. Give it a larger l2, or adjust for less."
    )


def _improved(X, y, w, penalty, beta, step, score) -> tuple[np.ndarray, float, bool]:
    for _ in range(40):
        tried = objective(X, y, w, penalty, beta + step)
        if tried >= score - 1e-14 * abs(score):  # equal but for rounding
            return beta + step, tried, True
        step = step / 2
    return beta, score, False


def objective(X: np.ndarray, y: np.ndarray, w: np.ndarray, penalty: np.ndarray, beta: np.ndarray) -> float:
    """Penalised log likelihood."""
    z = X @ beta
    return float(w @ (y * z - np.logaddexp(0.0, z)) - penalty @ beta**2 / 2)


def sigmoid(z: np.ndarray) -> np.ndarray:
    """1 / (1 + exp(-z)), without overflow.

    >>> sigmoid(np.array([-1000.0, 0.0, 1000.0])).tolist()
    [0.0, 0.5, 1.0]
    """
    half = np.exp(-np.abs(z))
    return np.where(z >= 0, 1 / (1 + half), half / (1 + half))
