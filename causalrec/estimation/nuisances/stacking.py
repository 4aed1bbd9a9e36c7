"""Several learners in one: the convex combination that predicts best out of fold."""

from __future__ import annotations

import numpy as np

__all__ = ["convex_weights"]


def convex_weights(predictions: np.ndarray, y: np.ndarray, weight: np.ndarray | None = None) -> np.ndarray:
    """Weights of 0 or more, with sum 1, of the combination with the least squared error.

    With sum 1 the error is the combination of the columns' errors. Non-negative least squares of it,
    with one more row that asks for the sum, gives the weights up to their scale. Learned on out-of-fold
    predictions they cost one number a learner, and no second round of folds (Ahrens, Hansen,
    Schaffer, Wiemann 2025, J. Applied Econometrics, who call it short-stacking).

    Parameters
    ----------
    predictions : float64, shape (n, m)
        Out of fold, one column a learner.
    y : float64, shape (n,)
    weight : float64, shape (n,), optional

    Returns
    -------
    float64, shape (m,)

    Examples
    --------
    >>> y = np.array([0.0, 1.0, 2.0])
    >>> convex_weights(np.column_stack([y + 1, y - 1]), y).round(3).tolist()
    [0.5, 0.5]
    """
    from scipy.optimize import nnls

    root = np.ones(len(y)) if weight is None else np.sqrt(weight)
    error = (predictions - y[:, None]) * root[:, None]
    scale = float(np.sqrt((error**2).sum(axis=0)).min()) or 1.0
    moments = np.linalg.qr(error / scale, mode="r")  # as many rows as learners in place of n
    found = nnls(np.vstack([moments, np.ones(error.shape[1])]), np.append(np.zeros(len(moments)), 1.0))[0]
    return found / found.sum()
