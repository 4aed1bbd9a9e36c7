"""Logistic regression for two categories, multinomial for more."""

from __future__ import annotations

from typing import ClassVar, Self

import numpy as np

from causalrec.errors import EstimationError
from causalrec.estimation.nuisances.logistic import logistic
from causalrec.structural.mechanisms.categorical import Categorical
from causalrec.structural.mechanisms.coding import Coding
from causalrec.structural.mechanisms.mechanism import State

__all__ = ["Logistic"]

WEAK = 1e-6  # ridge penalty a row on standardised columns of the multinomial: not seen in any digit printed
SEPARATED = 30.0  # log odds that no overlap has


class Logistic(Categorical):
    """Log odds of each category are linear in the parents.

    Parameters
    ----------
    coupling : {"gumbel", "ordered"}
        What a unit's noise is where there are more than two categories; it changes counterfactuals alone.

    Attributes
    ----------
    coef_ : float64, shape (n_levels, 1 + n_columns)
        Intercept first; those of the first category are 0.

    Examples
    --------
    >>> coding = Coding("clicked", 2, ("price",), (0,), (False,))
    >>> rows, clicked = np.array([[0.0], [0.0], [1.0], [1.0]]), np.array([0.0, 1.0, 0.0, 1.0])
    >>> Logistic().fit(rows, clicked, coding).expectation(rows[:1])
    array([[0.5, 0.5]])
    """

    name: ClassVar[str] = "logistic"

    def __init__(self, *, coupling: str = "gumbel"):
        self.coupling = coupling

    def fit(self, parents: np.ndarray, values: np.ndarray, coding: Coding) -> Self:
        """Maximum likelihood."""
        self._check()
        if coding.n_levels < 2 or len(np.unique(values)) < 2:
            raise EstimationError("a logistic mechanism needs a node with two categories or more, seen in these rows")
        columns = coding.columns(parents)
        centre, scale = columns.mean(axis=0), columns.std(axis=0)
        if not scale.all():
            raise EstimationError(f"a column of {coding.names} does not vary")
        rows = np.column_stack([np.ones(len(columns)), (columns - centre) / scale])
        coef = _two(rows, values) if coding.n_levels == 2 else _many(rows, values, coding.n_levels)
        if np.abs(rows @ (coef - coef.mean(axis=0)).T).max() > SEPARATED and coding.n_levels == 2:
            raise EstimationError(f"{coding.names} tell the categories apart, so that no finite coefficients fit")
        slopes = coef[:, 1:] / scale
        self.coding_ = coding
        self.coef_ = np.column_stack([coef[:, 0] - slopes @ centre, slopes])
        return self

    def expectation(self, parents: np.ndarray) -> np.ndarray:
        """Probability of each category; float64, shape (n, n_levels)."""
        odds = self.coef_[:, 0] + self.coding_.columns(parents) @ self.coef_[:, 1:].T
        odds = np.exp(odds - odds.max(axis=1, keepdims=True))
        return odds / odds.sum(axis=1, keepdims=True)

    def state(self) -> State:
        """Coefficients."""
        return State(arrays={"coef": self.coef_})

    def restore(self, state: State, coding: Coding) -> Self:
        """The mechanism as it was."""
        self.coding_, self.coef_ = coding, state.arrays["coef"]
        return self


def _two(rows: np.ndarray, values: np.ndarray) -> np.ndarray:
    coef = logistic(rows, values, 0.0)
    return np.stack([np.zeros_like(coef), coef])


def _many(rows: np.ndarray, values: np.ndarray, n_levels: int) -> np.ndarray:
    """Coefficients of all categories but the first seen; a category that is not seen gets a probability of about 0."""
    from sklearn.linear_model import LogisticRegression

    seen = np.unique(values).astype(int)
    coef = np.zeros((n_levels, rows.shape[1]))
    coef[:, 0] = -SEPARATED
    if len(seen) == 2:
        coef[seen] = _two(rows, (values == seen[1]).astype(float))
        return coef - coef[0] * (0 in seen)
    model = LogisticRegression(C=1 / (WEAK * len(rows)), max_iter=2_000, tol=1e-7).fit(rows[:, 1:], values)
    coef[seen] = np.column_stack([model.intercept_, model.coef_])
    return coef - coef[0] * (0 in seen)
