"""Mechanisms of nodes without parents: the noise is the value."""

from __future__ import annotations

from typing import ClassVar, Self

import numpy as np

from causalrec.errors import EstimationError
from causalrec.structural.mechanisms.coding import Coding
from causalrec.structural.mechanisms.mechanism import Mechanism, State

__all__ = ["EmpiricalRoot", "GaussianRoot"]


class EmpiricalRoot(Mechanism):
    """A root whose values are drawn from those seen, rows of a block as a whole.

    Examples
    --------
    >>> root = EmpiricalRoot().fit(np.empty((3, 0)), np.array([1.0, 2.0, 5.0]), Coding("age"))
    >>> float(root.expectation(np.empty((1, 0)))[0].round(4))
    2.6667
    """

    name: ClassVar[str] = "empirical"
    is_exact: ClassVar[bool] = True

    def fit(self, parents: np.ndarray, values: np.ndarray, coding: Coding) -> Self:
        """Keep the values."""
        _refuse_parents(coding)
        self.coding_, self.values_ = coding, values
        return self

    def expectation(self, parents: np.ndarray) -> np.ndarray:
        """The mean, or of a category the shares, for each row."""
        levels = self.coding_.n_levels
        seen = np.eye(levels)[self.values_.astype(np.int64)] if levels else self.values_
        return np.repeat(seen.mean(axis=0)[None], len(parents), axis=0)

    def prior(self, n: int, rng: np.random.Generator) -> np.ndarray:
        """Values drawn with replacement."""
        return self.values_[rng.integers(0, len(self.values_), n)]

    def noise(self, parents: np.ndarray, values: np.ndarray, rng: np.random.Generator) -> np.ndarray:
        """The values themselves."""
        return values

    def value(self, parents: np.ndarray, noise: np.ndarray) -> np.ndarray:
        """The noise itself."""
        return noise

    def state(self) -> State:
        """All values."""
        return State(arrays={"values": self.values_})

    def restore(self, state: State, coding: Coding) -> Self:
        """The root as it was."""
        self.coding_, self.values_ = coding, state.arrays["values"]
        return self


class GaussianRoot(Mechanism):
    """A root with a normal distribution.

    Examples
    --------
    >>> GaussianRoot().fit(np.empty((3, 0)), np.array([1.0, 2.0, 6.0]), Coding("age")).mean_
    3.0
    """

    name: ClassVar[str] = "Gaussian"
    is_exact: ClassVar[bool] = True

    def fit(self, parents: np.ndarray, values: np.ndarray, coding: Coding) -> Self:
        """Mean and standard deviation."""
        _refuse_parents(coding)
        if values.ndim != 1 or coding.n_levels or len(values) < 2:
            raise EstimationError("a Gaussian root needs one column of amounts and two rows or more")
        self.coding_, self.mean_, self.deviation_ = coding, float(values.mean()), float(values.std(ddof=1))
        return self

    def expectation(self, parents: np.ndarray) -> np.ndarray:
        """The mean, for each row."""
        return np.full(len(parents), self.mean_)

    def prior(self, n: int, rng: np.random.Generator) -> np.ndarray:
        """Normal values."""
        return rng.normal(self.mean_, self.deviation_, n)

    def noise(self, parents: np.ndarray, values: np.ndarray, rng: np.random.Generator) -> np.ndarray:
        """The values themselves."""
        return values

    def value(self, parents: np.ndarray, noise: np.ndarray) -> np.ndarray:
        """The noise itself."""
        return noise

    def state(self) -> State:
        """Mean and deviation."""
        return State(facts={"mean": self.mean_, "deviation": self.deviation_})

    def restore(self, state: State, coding: Coding) -> Self:
        """The root as it was."""
        self.coding_, self.mean_, self.deviation_ = coding, state.facts["mean"], state.facts["deviation"]
        return self


def _refuse_parents(coding: Coding) -> None:
    if coding.parents:
        raise EstimationError("the mechanism of a root takes no parents, and would make nothing of them")
