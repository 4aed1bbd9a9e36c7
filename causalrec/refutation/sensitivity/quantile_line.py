"""Weighted quantile regression, solved as a linear programme."""

from __future__ import annotations

import numpy as np

from causalrec.errors import EstimationError

__all__ = ["check_loss", "quantile_line"]

N_SIMPLEX = 5_000  # rows from which on an interior point is found sooner than a corner


def quantile_line(X: np.ndarray, y: np.ndarray, weight: np.ndarray, tau: float) -> np.ndarray:
    """Coefficients with the least weighted check loss (Koenker, Bassett 1978, Econometrica 46(1)).

    Parameters
    ----------
    X : float64, shape (n, q)
        The constant is one of its columns.
    y, weight : float64, shape (n,)
        Weights 0 or more.
    tau : float
        In (0, 1).

    Returns
    -------
    float64, shape (q,)

    Examples
    --------
    >>> quantile_line(np.ones((5, 1)), np.array([1.0, 2.0, 3.0, 4.0, 9.0]), np.ones(5), 0.5).tolist()
    [3.0]
    """
    from scipy.optimize import linprog

    centre, size = float(np.average(y, weights=weight)), float(np.ptp(y)) or 1.0
    scaled, w = (y - centre) / size, weight / weight.mean()
    # The dual has a variable a row and few constraints: far smaller than the primal.
    bounds, method = np.column_stack([-(1 - tau) * w, tau * w]), "highs-ds" if len(y) < N_SIMPLEX else "highs-ipm"
    found = linprog(-scaled, A_eq=X.T, b_eq=np.zeros(X.shape[1]), bounds=bounds, method=method)
    if found.status != 0:
        raise EstimationError(
            f"A quantile regression on {len(y):,} rows and {X.shape[1]} columns failed: {found.message}"
        )
    on_constant = np.linalg.lstsq(X, np.ones(len(y)), rcond=None)[0]
    return np.asarray(-found.eqlin.marginals * size + centre * on_constant)


def check_loss(left: np.ndarray, tau: float) -> np.ndarray:
    """What is above times tau, what is below times 1 - tau; shape of `left`."""
    return np.where(left > 0, tau * left, (tau - 1) * left)
