"""A column of a grid that is 0 in most cells, and what absorbed effects leave of its square."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from causalrec.estimation.grids.absorption import Absorbed, group_weights

__all__ = ["ResidualSquares", "SparseCells"]


@dataclass(frozen=True, slots=True, eq=False)
class SparseCells:
    """The cells of a grid that are not 0.

    Attributes
    ----------
    context, item : int64, shape (n_cells,)
    value : float64, shape (n_cells,)
    n_contexts, n_items : int
    """

    context: np.ndarray
    item: np.ndarray
    value: np.ndarray
    n_contexts: int
    n_items: int

    @classmethod
    def of(cls, cells: np.ndarray) -> SparseCells:
        """From a column, shape (n_contexts, n_items)."""
        context, item = np.nonzero(cells)
        return cls(context, item, cells[context, item], *cells.shape)

    def moved(self, permutation: np.ndarray) -> SparseCells:
        """Each context i gets the cells of context `permutation[i]`."""
        place = np.empty(self.n_contexts, dtype=np.int64)
        place[permutation] = np.arange(self.n_contexts)
        return replace(self, context=place[self.context])

    def product(self, column: np.ndarray) -> float:
        """Sum of the products with another column, shape (n_contexts, n_items)."""
        return float(self.value @ column.ravel().take(self.context * self.n_items + self.item))


class ResidualSquares:
    """Weighted sums of squares that absorbed effects leave, for many sparse columns in turn.

    The residual is never written down: its square is the column's own less that of its projection, which
    follows from sums by group.

    Parameters
    ----------
    weight : float64, shape (n_contexts,)
    absorbed : Absorbed
    n_items : int

    Examples
    --------
    >>> from causalrec.estimation.grids.absorption import residuals
    >>> cells, weight = np.array([[0.0, 1, 0], [1, 1, 0], [0, 0, 1]]), np.array([1.0, 2.0, 1.0])
    >>> absorbed = Absorbed(by_item=(np.array([0, 0, 1]),))
    >>> left = residuals(cells, weight, absorbed)
    >>> squares = ResidualSquares(weight, absorbed, 3).of(SparseCells.of(cells))
    >>> round(squares, 9) == round(float((weight @ left**2).sum()), 9)
    True
    """

    def __init__(self, weight: np.ndarray, absorbed: Absorbed, n_items: int):
        self.weight, self.absorbed, self.n_items = weight, absorbed, n_items
        groups = absorbed.by_item + (absorbed.common or (np.zeros(len(weight), dtype=np.int64),))
        self.of_means, self.inverse_of_means = group_weights(weight, groups)
        if absorbed.by_item:
            self.by_item, self.inverse_by_item = group_weights(weight, absorbed.by_item)
        elif absorbed.item_block is not None:
            self.block = absorbed.item_block - absorbed.item_block.mean(axis=0)
            gram = weight.sum() * self.block.T @ self.block
            self.inverse_block = np.linalg.pinv(gram, rcond=1e-10, hermitian=True)

    def of(self, cells: SparseCells) -> float:
        """Sum of squares of what is left of one column."""
        sums = np.bincount(cells.context, cells.value, minlength=cells.n_contexts)
        mean = sums / self.n_items
        own = float(self.weight[cells.context] @ cells.value**2) - self.n_items * float(self.weight @ mean**2)
        means = self.of_means @ mean
        left = float(self.weight @ mean**2) - float(means @ self.inverse_of_means @ means)
        return own - self._projected(cells, mean) + self.n_items * left

    def _projected(self, cells: SparseCells, mean: np.ndarray) -> float:
        """Square of the projection of what deviates from the contexts' means."""
        weighted = self.weight[cells.context] * cells.value
        if self.absorbed.by_item:
            sums = self._sums_by_item(cells, weighted) - (self.by_item @ mean)[:, None]
            return float(np.einsum("gj,gj->", sums, self.inverse_by_item @ sums))
        if self.absorbed.item_block is not None:
            moment = np.bincount(cells.item, weighted, minlength=self.n_items) @ self.block
            return float(moment @ self.inverse_block @ moment)
        return 0.0

    def _sums_by_item(self, cells: SparseCells, weighted: np.ndarray) -> np.ndarray:
        parts = []
        for codes in self.absorbed.by_item:
            n_groups = int(codes.max()) + 1
            place = codes[cells.context] * self.n_items + cells.item
            parts.append(np.bincount(place, weighted, minlength=n_groups * self.n_items).reshape(n_groups, -1))
        return np.vstack(parts)
