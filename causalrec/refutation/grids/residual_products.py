"""Products of a grid's columns that absorbed effects leave, none of whose residuals is written down."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from causalrec.estimation.grids.sparse_cells import ResidualSquares, SparseCells

__all__ = ["ResidualProducts", "own_products"]


def own_products(weight: np.ndarray, columns: Sequence[np.ndarray]) -> np.ndarray:
    """Weighted sums of the products of columns, before anything is absorbed; float64, shape (k, k).

    Parameters
    ----------
    weight : float64, shape (n_contexts,)
    columns : sequence of float64 arrays, each (n_contexts, n_items)
    """
    return _symmetric(len(columns), lambda i, j: np.einsum("i,ij,ij->", weight, columns[i], columns[j]))


class ResidualProducts(ResidualSquares):
    """Weighted sums of products that one set of absorbed effects leaves of sparse columns.

    Examples
    --------
    >>> from causalrec.estimation.grids.absorption import Absorbed, residuals
    >>> first, second = np.array([[0.0, 1, 0], [1, 1, 0], [0, 0, 1]]), np.array([[1.0, 0, 0], [0, 1, 0], [0, 1, 1]])
    >>> weight, absorbed = np.array([1.0, 2.0, 1.0]), Absorbed(by_item=(np.array([0, 0, 1]),))
    >>> left = [residuals(cells, weight, absorbed) for cells in (first, second)]
    >>> cells = [SparseCells.of(column) for column in (first, second)]
    >>> found = ResidualProducts(weight, absorbed, 3).gram(cells, own_products(weight, (first, second)))
    >>> np.allclose(found, own_products(weight, left))
    True
    """

    def gram(self, columns: Sequence[SparseCells], own: np.ndarray) -> np.ndarray:
        """What is left of `own`, the products of the same columns before; float64, shape (k, k)."""
        means = np.column_stack([self.of_means @ self._mean(cells) for cells in columns])
        found = own - self.n_items * means.T @ self.inverse_of_means @ means
        moments = [self._moment(cells) for cells in columns]
        if self.absorbed.by_item:
            solved = [self.inverse_by_item @ moment for moment in moments]
            return found - _symmetric(len(columns), lambda i, j: np.einsum("gj,gj->", moments[i], solved[j]))
        if self.absorbed.item_block is not None:
            block = np.column_stack(moments)
            return found - block.T @ self.inverse_block @ block
        return found

    def _mean(self, cells: SparseCells) -> np.ndarray:
        return np.bincount(cells.context, cells.value, minlength=cells.n_contexts) / self.n_items

    def _moment(self, cells: SparseCells) -> np.ndarray:
        """Sums by absorbed effect of what deviates from the contexts' means."""
        weighted = self.weight[cells.context] * cells.value
        if self.absorbed.by_item:
            return self._sums_by_item(cells, weighted) - (self.by_item @ self._mean(cells))[:, None]
        moment = np.bincount(cells.item, weighted, minlength=self.n_items)
        return moment if self.absorbed.item_block is None else moment @ self.block


def _symmetric(size: int, product: Callable[[int, int], float]) -> np.ndarray:
    found = np.empty((size, size))
    for i in range(size):
        for j in range(i, size):
            found[i, j] = found[j, i] = product(i, j)
    return found
