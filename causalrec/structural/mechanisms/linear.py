"""A linear function of the parents, and normal noise."""

from __future__ import annotations

from typing import ClassVar, Self

import numpy as np

from causalrec.errors import EstimationError
from causalrec.structural.mechanisms.additive import Additive
from causalrec.structural.mechanisms.coding import Coding
from causalrec.structural.mechanisms.mechanism import State

__all__ = ["LinearGaussian"]


class LinearGaussian(Additive):
    """Least squares on the parents, categories as indicators; noise normal with one variance.

    Attributes
    ----------
    coef_ : float64, shape (1 + n_columns,)
        Intercept first.
    deviation_ : float
        Standard deviation of the noise.

    Examples
    --------
    >>> coding = Coding("sales", 0, ("price",), (0,), (False,))
    >>> rows = np.array([[0.0], [1.0], [2.0], [3.0]])
    >>> LinearGaussian().fit(rows, np.array([1.0, 3.0, 5.0, 7.0]), coding).coef_.round(6)
    array([1., 2.])
    """

    name: ClassVar[str] = "linear Gaussian"

    def fit(self, parents: np.ndarray, values: np.ndarray, coding: Coding) -> Self:
        """Least squares; columns are centred and scaled first, so that units do not decide what is collinear."""
        if values.ndim != 1 or coding.n_levels:
            raise EstimationError("least squares needs a node that is one column of amounts")
        columns = coding.columns(parents)
        n, p = columns.shape
        if n <= p + 1:
            raise EstimationError(f"least squares of {p + 1} coefficients needs more rows than that; there are {n}")
        centre, scale = columns.mean(axis=0), columns.std(axis=0)
        scale = np.where(scale > 0, scale, 1.0)
        slopes, _, rank, _ = np.linalg.lstsq((columns - centre) / scale, values - values.mean(), rcond=1e-10)
        if rank < p:
            raise EstimationError(
                f"the columns of {coding.names} have rank {rank} of {p}: one is constant, or follows from others"
            )
        slopes = slopes / scale
        self.coding_ = coding
        self.coef_ = np.concatenate([[values.mean() - centre @ slopes], slopes])
        residuals = values - self.expectation(parents)
        self.deviation_ = float(np.sqrt(residuals @ residuals / (n - p - 1)))
        return self

    def expectation(self, parents: np.ndarray) -> np.ndarray:
        """Linear predictor; float64, shape (n,)."""
        return self.coef_[0] + self.coding_.columns(parents) @ self.coef_[1:]

    def prior(self, n: int, rng: np.random.Generator) -> np.ndarray:
        """Normal noise."""
        return rng.normal(0.0, self.deviation_, n)

    def state(self) -> State:
        """Coefficients and the deviation."""
        return State({"deviation": self.deviation_}, {"coef": self.coef_})

    def restore(self, state: State, coding: Coding) -> Self:
        """The mechanism as it was."""
        self.coding_, self.coef_, self.deviation_ = coding, state.arrays["coef"], state.facts["deviation"]
        return self
