"""Residuals of a complete grid after effects of its contexts, crossed with items or common to them.

Every item is offered in every visit, so the weight of a cell (context, item) depends on the context
alone. The space of the absorbed effects is then R^items (x) A + 1 (x) B, with A spanned by the groups
that have an effect for each item and B by the common ones. Split R^items into the constant and its
complement: the projection is P_A on what deviates from the items' mean and P_{A+B} on that mean. One
small system of the groups' size solves it exactly for all items at once: no iteration, no tolerance.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from causalrec.estimation.moments.moments import block_moments

__all__ = ["Absorbed", "group_weights", "residuals"]

BATCH = 64  # contexts in one batch of moments, items in one batch of projections


@dataclass(frozen=True, slots=True, eq=False)
class Absorbed:
    """Effects to hold fixed on a grid.

    Attributes
    ----------
    by_item : tuple of int64 arrays, each (n_contexts,)
        Groups of contexts with an effect of their own for every item.
    common : tuple of int64 arrays, each (n_contexts,)
        Groups of contexts with one effect for all items. The grand mean is always absorbed.
    item_block : float64, shape (n_items, n_columns), or None
        Covariates of the items, kept once per item; of no use where every item has its effect.
    """

    by_item: tuple[np.ndarray, ...] = ()
    common: tuple[np.ndarray, ...] = ()
    item_block: np.ndarray | None = None

    @property
    def n_common(self) -> int:
        """Lost degrees of freedom: effects that are not nested in items, the constant among them."""
        groups = sum(int(codes.max()) + 1 for codes in self.common) - max(0, len(self.common) - 1)
        block = 0 if self.item_block is None or self.by_item else self.item_block.shape[1]
        return max(1, groups) + block

    def of_items(self, part: slice) -> Absorbed:
        """The same effects on the grid of some of the items."""
        return replace(self, item_block=None if self.item_block is None else self.item_block[part])

    def n_by_item(self) -> int:
        """Number of effects of each item."""
        return sum(int(codes.max()) + 1 for codes in self.by_item) - max(0, len(self.by_item) - 1)


def residuals(cells: np.ndarray, weight: np.ndarray, absorbed: Absorbed) -> np.ndarray:
    """What the absorbed effects leave of a column.

    Parameters
    ----------
    cells : float64, shape (n_contexts, n_items)
    weight : float64, shape (n_contexts,)
        Visits of each context.
    absorbed : Absorbed

    Returns
    -------
    float64, shape (n_contexts, n_items)
        Orthogonal, in the visits' weight, to every absorbed effect.

    Examples
    --------
    >>> cells = np.array([[0., 1.], [0., 1.]])
    >>> left = residuals(cells, np.ones(2), Absorbed(by_item=(np.zeros(2, dtype=int),)))
    >>> np.allclose(left, 0)
    True
    """
    mean = cells.mean(axis=1, keepdims=True)
    groups = absorbed.by_item + (absorbed.common or (np.zeros(len(weight), dtype=np.int64),))
    left = cells - mean
    if absorbed.by_item:
        project = _projection(weight, absorbed.by_item)
        for at in range(0, cells.shape[1], BATCH):  # some items at once: what is taken off is never written down whole
            left[:, at : at + BATCH] -= project(left[:, at : at + BATCH])
    elif absorbed.item_block is not None:
        left -= _project_block(left, weight, absorbed.item_block)
    left += mean - _projection(weight, groups)(mean)
    return left


def group_weights(weight: np.ndarray, groups: tuple[np.ndarray, ...]) -> tuple[Any, np.ndarray]:
    """What sums a column over groups with weights, and the pseudo-inverse of the groups' moments.

    Returns
    -------
    sparse float64 of shape (n_groups, n_contexts), float64 of shape (n_groups, n_groups)
    """
    dummies = _dummies(groups)
    weighted = dummies.T.multiply(weight).tocsr()
    # Two sets of dummies share the constant: the minimum-norm solution handles the lost rank.
    return weighted, np.linalg.pinv((weighted @ dummies).toarray(), hermitian=True)


def _projection(weight: np.ndarray, groups: tuple[np.ndarray, ...]) -> Callable[[np.ndarray], np.ndarray]:
    """Weighted least squares on the groups' dummies, each column of some cells for itself."""
    dummies, (weighted, inverse) = _dummies(groups), group_weights(weight, groups)
    return lambda cells: dummies @ (inverse @ (weighted @ cells))


def _project_block(cells: np.ndarray, weight: np.ndarray, block: np.ndarray) -> np.ndarray:
    """Least squares on the items' covariates, from factorised moments; one row for all contexts."""
    centred = block - block.mean(axis=0)
    n_contexts, n_items = cells.shape
    item = np.tile(np.arange(n_items), BATCH)
    batches = (
        (cells[at : at + BATCH].reshape(-1, 1), item[: n_items * len(part)], np.repeat(part, n_items))
        for at in range(0, n_contexts, BATCH)
        if len(part := weight[at : at + BATCH])
    )
    gram = block_moments(batches, centred).gram
    effects = np.linalg.pinv(gram[1:, 1:], rcond=1e-10, hermitian=True) @ gram[1:, 0]
    return (centred @ effects)[None, :]


def _dummies(groups: tuple[np.ndarray, ...]):
    import scipy.sparse as sp

    n = len(groups[0])
    return sp.hstack(
        [sp.csr_array((np.ones(n), (np.arange(n), codes)), shape=(n, int(codes.max()) + 1)) for codes in groups]
    ).tocsr()
