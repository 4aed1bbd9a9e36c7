"""A table of probabilities, one row for each combination of discrete parents."""

from __future__ import annotations

from typing import ClassVar, Self

import numpy as np

from causalrec.errors import EstimationError
from causalrec.structural.mechanisms.categorical import Categorical
from causalrec.structural.mechanisms.coding import Coding
from causalrec.structural.mechanisms.mechanism import State

__all__ = ["MAX_CELLS", "ConditionalTable"]

MAX_CELLS = 1_000_000


class ConditionalTable(Categorical):
    """Shares of the categories within each combination of the parents, all of them discrete.

    Parameters
    ----------
    prior_rows : float
        Rows, distributed as the node is overall, that are added to each combination; 0 for plain shares. A
        combination that was never seen has the overall shares.
    coupling : {"gumbel", "ordered"}
        What a unit's noise is where there are more than two categories; it changes counterfactuals alone.

    Attributes
    ----------
    table_ : float64, shape (n_combinations, n_levels)

    Examples
    --------
    >>> coding = Coding("clicked", 2, ("shown",), (2,), (False,))
    >>> shown, clicked = np.array([[0.0], [0.0], [1.0], [1.0]]), np.array([0.0, 0.0, 0.0, 1.0])
    >>> ConditionalTable(prior_rows=0).fit(shown, clicked, coding).table_.tolist()
    [[1.0, 0.0], [0.5, 0.5]]
    """

    name: ClassVar[str] = "conditional table"

    def __init__(self, *, prior_rows: float = 1.0, coupling: str = "gumbel"):
        self.prior_rows = prior_rows
        self.coupling = coupling

    def fit(self, parents: np.ndarray, values: np.ndarray, coding: Coding) -> Self:
        """Count."""
        self._check()
        if not self.prior_rows >= 0:
            raise EstimationError(f"`prior_rows` is {self.prior_rows}; it is 0 or more")
        if not coding.n_levels or not all(coding.parent_levels):
            raise EstimationError("a conditional table needs discrete parents and a discrete node")
        n_cells = float(np.prod(coding.parent_levels, dtype=float)) * coding.n_levels
        if n_cells > MAX_CELLS:
            raise EstimationError(f"its table would have {n_cells:,.0f} cells; {MAX_CELLS:,} are the most")
        self.coding_ = coding
        places = self._places(parents) * coding.n_levels + values.astype(np.int64)
        counts = np.bincount(places, minlength=int(n_cells)).reshape(-1, coding.n_levels).astype(float)
        overall = counts.sum(axis=0) / counts.sum()
        rows = counts.sum(axis=1, keepdims=True)
        shares = (counts + self.prior_rows * overall) / np.maximum(rows + self.prior_rows, 1e-300)
        self.table_ = np.where(rows + self.prior_rows > 0, shares, overall)
        return self

    def expectation(self, parents: np.ndarray) -> np.ndarray:
        """Probability of each category; float64, shape (n, n_levels)."""
        return self.table_[self._places(parents)]

    def state(self) -> State:
        """The table."""
        return State(arrays={"table": self.table_})

    def restore(self, state: State, coding: Coding) -> Self:
        """The mechanism as it was."""
        self.coding_, self.table_ = coding, state.arrays["table"]
        return self

    def _places(self, parents: np.ndarray) -> np.ndarray:
        """Row of the table for each unit; int64, shape (n,)."""
        if not self.coding_.parent_levels:
            return np.zeros(len(parents), dtype=np.int64)
        return np.ravel_multi_index(tuple(parents.astype(np.int64).T), self.coding_.parent_levels)
