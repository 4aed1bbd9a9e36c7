"""A curved function of the parents: boosted trees, and additive noise."""

from __future__ import annotations

from typing import ClassVar, Self

import numpy as np

from causalrec.errors import EstimationError, OutputError
from causalrec.structural.mechanisms.additive import Additive, kept_residuals
from causalrec.structural.mechanisms.coding import Coding
from causalrec.structural.mechanisms.mechanism import State
from causalrec.structural.refusals import refuse_count
from causalrec.threads import limit_threads

__all__ = ["Boosting"]

MIN_ROWS = 50
MANY_ROWS = 20_000  # fewer, and threads cost more than they gain


class Boosting(Additive):
    """Gradient boosting of small trees; the noise is drawn from residuals of held-out folds.

    Parameters
    ----------
    n_trees : int
    learning_rate : float
    max_leaf_nodes : int
    n_folds : int
        Folds that give the residuals: those of the rows that were fitted are too small.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> x = rng.uniform(-2, 2, (500, 1))
    >>> model = Boosting().fit(x, x[:, 0] ** 2 + rng.normal(size=500) / 10, Coding("y", 0, ("x",), (0,), (False,)))
    >>> bool(abs(model.expectation(np.array([[1.0]]))[0] - 1) < 0.1)
    True
    """

    name: ClassVar[str] = "boosting, additive noise"

    def __init__(self, *, n_trees: int = 100, learning_rate: float = 0.1, max_leaf_nodes: int = 8, n_folds: int = 2):
        self.n_trees = n_trees
        self.learning_rate = learning_rate
        self.max_leaf_nodes = max_leaf_nodes
        self.n_folds = n_folds

    def fit(self, parents: np.ndarray, values: np.ndarray, coding: Coding) -> Self:
        """Trees on all rows, and on all but each fold."""
        if values.ndim != 1 or coding.n_levels or not coding.parents:
            raise EstimationError("boosting needs parents and a node that is one column of amounts")
        refuse_count("n_trees", self.n_trees, 1)
        refuse_count("n_folds", self.n_folds, 2)
        if len(values) < MIN_ROWS:
            raise EstimationError(f"boosting needs {MIN_ROWS} rows or more; there are {len(values)}")
        from sklearn.model_selection import KFold

        columns, residuals, trees = coding.columns(parents), np.empty(len(values)), self._trees()
        with limit_threads(1 if len(values) < MANY_ROWS else None):
            for train, test in KFold(self.n_folds, shuffle=True, random_state=0).split(columns):
                trees.fit(columns[train], values[train])
                residuals[test] = values[test] - trees.predict(columns[test])
            self.trees_ = trees.fit(columns, values)
        self.coding_, self.residuals_ = coding, kept_residuals(residuals)
        return self

    def expectation(self, parents: np.ndarray) -> np.ndarray:
        """Mean given the parents; float64, shape (n,)."""
        return self.trees_.predict(self.coding_.columns(parents))

    def state(self) -> State:
        """Refused: scikit-learn writes trees by pickle alone."""
        raise OutputError("boosted trees have no format but pickle, which is not written here; fit them again instead")

    def restore(self, state: State, coding: Coding) -> Self:
        """Refused, as `state` is."""
        raise OutputError("boosted trees cannot be read back; fit them again instead")

    def _trees(self):
        from sklearn.ensemble import HistGradientBoostingRegressor

        return HistGradientBoostingRegressor(
            max_iter=self.n_trees, learning_rate=self.learning_rate, max_leaf_nodes=self.max_leaf_nodes,
            early_stopping=False, random_state=0,
        )  # fmt: skip
