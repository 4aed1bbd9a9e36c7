"""Ridge regression of an effect on columns of items, from two sums an item."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

__all__ = ["PARTS", "best_penalty", "item_ridge", "learned_deviation"]

PENALTIES = tuple(np.logspace(-2, 3, 11))  # times the mean curvature
CONSTANT = 1e-12  # deviation from the mean, as a share of it, that is rounding error
PARTS = 2  # of each fold, between which the penalty is chosen


@dataclass(frozen=True, slots=True, eq=False)
class _Sums:
    """Normal equations before their penalty: mean and columns about their centre, shape (q + 1,) and (q + 1, q + 1)."""

    centre: np.ndarray
    gram: np.ndarray
    moment: np.ndarray

    def solved(self, penalty: float) -> np.ndarray:
        """Mean effect, which is not penalised, and coefficients; shape (q + 1,)."""
        q = len(self.gram) - 1
        gram = self.gram.copy()
        scale = np.trace(gram[1:, 1:]) / max(1, q) or 1.0
        gram[1:, 1:] += penalty * scale * np.eye(q)
        return np.linalg.solve(gram, self.moment)


def item_ridge(
    curvature: np.ndarray, moment: np.ndarray, block: np.ndarray, penalty: float
) -> tuple[np.ndarray, np.ndarray]:
    """Centre of the columns, and the mean effect with the coefficients of deviations from it.

    Parameters
    ----------
    curvature, moment : float64, shape (n_items,)
        Sums of squares of the treatment's residual, and of its product with the outcome's.
    block : float64, shape (n_items, q)
    penalty : float
        Times the mean of the gram matrix's diagonal.

    Returns
    -------
    centre : float64, shape (q,)
    coef : float64, shape (q + 1,)
    """
    sums = _sums(curvature, moment, block)
    return sums.centre, sums.solved(penalty)


def best_penalty(curvature: np.ndarray, moment: np.ndarray, block: np.ndarray, fold: np.ndarray) -> float:
    """Penalty with the smallest loss on items that it was not learned from."""
    losses = np.zeros(len(PENALTIES))
    for k in np.unique(fold):
        train = fold != k
        sums, held = _sums(curvature[train], moment[train], block[train]), block[~train]
        for at, penalty in enumerate(PENALTIES):
            coef = sums.solved(penalty)
            effect = coef[0] + (held - sums.centre) @ coef[1:]
            losses[at] += (curvature[~train] * effect**2 - 2 * moment[~train] * effect).sum()
    return PENALTIES[int(np.argmin(losses))]


def learned_deviation(
    curvature: np.ndarray, moment: np.ndarray, block: np.ndarray, train: np.ndarray, parts: np.ndarray
) -> tuple[np.ndarray, float]:
    """Deviation of every item's effect from the training items' mean, and the penalty that was chosen."""
    penalty = best_penalty(curvature[train], moment[train], block[train], parts[train])
    centre, coef = item_ridge(curvature[train], moment[train], block[train], penalty)
    return (block - centre) @ coef[1:], penalty


def _sums(curvature: np.ndarray, moment: np.ndarray, block: np.ndarray) -> _Sums:
    centre = np.average(block, axis=0, weights=curvature)
    deviation = block - centre
    deviation[:, np.abs(deviation).max(axis=0) <= CONSTANT * np.abs(centre)] = 0.0
    rows = np.column_stack([np.ones(len(block)), deviation])
    return _Sums(centre, (rows * curvature[:, None]).T @ rows, rows.T @ moment)
