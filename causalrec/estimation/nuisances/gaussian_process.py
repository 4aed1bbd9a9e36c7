"""Gaussian process regression with kernels that suit an outcome, for few rows."""

from __future__ import annotations

import warnings
from typing import Any, Self

import numpy as np
from sklearn.base import BaseEstimator, RegressorMixin

__all__ = ["GaussianProcess"]


class GaussianProcess(RegressorMixin, BaseEstimator):
    """A linear and a smooth part with noise, their sizes found by marginal likelihood.

    Covariates and outcome are standardised first. Costs grow with the third power of the rows.

    Parameters
    ----------
    n_tuned : int
        At most so many rows, drawn by lot, say how large the parts are; all rows are then fitted.
    n_steps : int
        At most so many steps towards the largest likelihood.
    random_state : int

    Attributes
    ----------
    process_ : GaussianProcessRegressor

    References
    ----------
    Rasmussen, Williams (2006), Gaussian Processes for Machine Learning, MIT Press, chapters 2 and 5.

    Examples
    --------
    >>> x = np.linspace(0, 3, 30)[:, None]
    >>> found = GaussianProcess().fit(x, np.sin(x[:, 0])).predict(np.array([[1.5]]))
    >>> found.round(1).tolist()
    [1.0]
    """

    def __init__(self, n_tuned: int = 300, n_steps: int = 50, random_state: int = 0):
        self.n_tuned = n_tuned
        self.n_steps = n_steps
        self.random_state = random_state

    def fit(self, X: Any, y: Any) -> Self:
        """Learn from X (n, p) and y (n,)."""
        from sklearn.exceptions import ConvergenceWarning
        from sklearn.gaussian_process import GaussianProcessRegressor
        from sklearn.gaussian_process.kernels import RBF, ConstantKernel, DotProduct, WhiteKernel
        from sklearn.utils.validation import validate_data

        X, y = validate_data(self, X, y, dtype=np.float64, y_numeric=True, ensure_min_samples=2)
        self.centre_, self.scale_ = X.mean(axis=0), _scale(X)
        self.level_, self.unit_ = float(y.mean()), float(_scale(y))
        smooth = ConstantKernel(1.0, (1e-3, 1e3)) * RBF(3.0, (0.3, 100.0))
        linear = ConstantKernel(1.0, (1e-4, 1e2)) * DotProduct(1.0, (1e-2, 1e2))
        kernel = smooth + linear + WhiteKernel(0.5, (1e-3, 10.0))
        Z, z = self._standardised(X), (y - self.level_) / self.unit_
        drawn = np.sort(np.random.default_rng(self.random_state).permutation(len(z))[: self.n_tuned])
        with warnings.catch_warnings():  # a part that the data do not need lies at its bound, which is an answer
            warnings.simplefilter("ignore", ConvergenceWarning)
            tuned = GaussianProcessRegressor(kernel, optimizer=self._largest).fit(Z[drawn], z[drawn])
        self.process_ = GaussianProcessRegressor(tuned.kernel_, optimizer=None).fit(Z, z)
        return self

    def predict(self, X: Any) -> np.ndarray:
        """Predicted mean, float64, shape (n,)."""
        from sklearn.utils.validation import check_is_fitted, validate_data

        check_is_fitted(self)
        X = validate_data(self, X, dtype=np.float64, reset=False)
        return self.level_ + self.unit_ * self.process_.predict(self._standardised(X))

    def _largest(self, loss: Any, first: np.ndarray, bounds: np.ndarray) -> tuple[np.ndarray, float]:
        from scipy.optimize import minimize

        found = minimize(loss, first, method="L-BFGS-B", jac=True, bounds=bounds, options={"maxiter": self.n_steps})
        return found.x, found.fun

    def _standardised(self, X: np.ndarray) -> np.ndarray:
        return (X - self.centre_) / self.scale_


def _scale(values: np.ndarray) -> Any:
    """Standard deviation, 1 where nothing varies."""
    found = values.std(axis=0)
    return np.where(found > 1e-12 * np.abs(values).max(axis=0, initial=0), found, 1.0)
