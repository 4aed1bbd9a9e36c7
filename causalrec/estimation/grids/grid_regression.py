"""Linear regression on a complete grid of visits times items, from its margins and sparse cells.

The outcome is whether the visit bought the item, so a unit's row is (context, item) and its user
enters through the clusters alone. Memory follows contexts times items, never visits times items.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from causalrec.data import Grid
from causalrec.errors import EstimationError
from causalrec.estimation.grids.absorption import Absorbed, residuals
from causalrec.estimation.uncertainty.clusters import small_sample, two_way_meat

__all__ = ["GridMoments", "GridResiduals", "Regression", "grid_regression", "grid_residuals"]

NO_VARIATION = 1e-9  # share of a regressor's variance below which it is rounding error


@dataclass(frozen=True, slots=True, eq=False)
class GridMoments:
    """Second moments of what the absorbed effects leave, and the point that they give.

    Attributes
    ----------
    names : tuple of str
    coef : float64, shape (p,)
        In the outcome's unit.
    gram : float64, shape (p, p)
        Moments of the regressors' residuals.
    residual_ss, outcome_ss : float
        Sums of squares of the outcome's residuals, after and before the regressors.
    variation : float64, shape (p,)
        Share of each regressor's variance that the absorbed effects and the other regressors leave.
    """

    names: tuple[str, ...]
    coef: np.ndarray
    gram: np.ndarray
    residual_ss: float
    outcome_ss: float
    variation: np.ndarray

    def partial_r2(self, name: str) -> float:
        """Share of the outcome's remaining variance that one regressor explains."""
        at = self.names.index(name)
        explained = self.coef[at] ** 2 / np.linalg.inv(self.gram)[at, at]
        return float(explained / (explained + self.residual_ss))


@dataclass(frozen=True, slots=True, eq=False)
class Regression(GridMoments):
    """Coefficients with their clustered covariance.

    Attributes
    ----------
    cov : float64, shape (p, p)
        Covariance, clustered by user and by item cluster.
    effective_items : float64, shape (p,)
        Number of equally informative items that would say as much: the squared sum of the items'
        moments over the sum of their squares.
    n : int
        Units.
    dof : float
        Smaller number of clusters, less one.
    n_clusters : dict of str to int
    """

    cov: np.ndarray
    effective_items: np.ndarray
    n: int
    dof: float
    n_clusters: dict[str, int]

    @property
    def stderr(self) -> np.ndarray:
        """Standard errors, shape (p,)."""
        return np.sqrt(np.diag(self.cov))


@dataclass(frozen=True, slots=True, eq=False)
class GridResiduals:
    """What the absorbed effects leave of every column, and the point that follows.

    Attributes
    ----------
    moments : GridMoments
    regressors : list of float64 arrays, each (n_contexts, n_items)
    share : float64, shape (n_contexts, n_items)
        Share of a context's visits that bought the item.
    outcome : float64, shape (n_contexts, n_items)
        What is left of it.
    """

    moments: GridMoments
    regressors: list[np.ndarray]
    share: np.ndarray
    outcome: np.ndarray


def grid_regression(
    units: Grid, treatments: Sequence[str], absorbed: Absorbed, *, item_clusters: np.ndarray | None = None,
    columns: dict[str, np.ndarray] | None = None,
) -> Regression:  # fmt: skip
    """Regress the purchase on the treatments, with absorbed effects.

    Parameters
    ----------
    units : Grid
    treatments : sequence of str
        Regressors: columns of the treatments or of the items' weeks.
    absorbed : Absorbed
    item_clusters : int64, shape (n_items,), optional
        Cluster of each item, such as its category; default: each item is one.
    columns : mapping of str to float64 array (n_contexts, n_items), optional
        Further regressors by name, for those that no table holds.

    Raises
    ------
    EstimationError : a treatment that the absorbed effects and the other treatments leave no variation.
    """
    solved = grid_residuals(units, treatments, absorbed, columns=columns)
    found, left, share, outcome = solved.moments, solved.regressors, solved.share, solved.outcome
    for value, column in zip(found.coef, left, strict=True):
        outcome -= value * column
    fitted = np.subtract(share, outcome, out=share)
    del outcome, share, solved
    pairs = pair_scores(units, left, fitted, item_clusters)
    inverse, weight = np.linalg.inv(found.gram), units.visits()
    by_item = np.array([np.einsum("i,ij,ij->j", weight, column, column) for column in left])
    factor = small_sample(units.n_units, len(left) + absorbed.n_common, min(pairs.shape[:2]))
    return Regression(
        names=found.names, coef=found.coef, gram=found.gram, residual_ss=found.residual_ss,
        outcome_ss=found.outcome_ss, variation=found.variation,
        cov=factor * inverse @ two_way_meat(pairs) @ inverse, effective_items=effective_number(by_item),
        n=units.n_units, dof=min(pairs.shape[:2]) - 1, n_clusters={"users": pairs.shape[0], "items": pairs.shape[1]},
    )  # fmt: skip


def grid_residuals(
    units: Grid, treatments: Sequence[str], absorbed: Absorbed, *, columns: dict[str, np.ndarray] | None = None
) -> GridResiduals:
    """Residuals and moments alone, for what asks how strong a covariate is; see `grid_regression`."""
    weight, given = units.visits(), columns or {}
    left, before = [], np.empty(len(treatments))
    for at, name in enumerate(treatments):
        cells = given[name] if name in given else units.treatment(name)
        before[at] = variance(cells, weight)
        left.append(residuals(cells, weight, absorbed))
        del cells
    share = units.purchases()
    n_bought = share.sum()
    share /= weight[:, None]
    outcome = residuals(share, weight, absorbed)
    gram = np.array([[_product(weight, a, b) for b in left] for a in left])
    variation = left_over(gram, before)
    if (variation < NO_VARIATION).any():
        lost = [name for name, share in zip(treatments, variation, strict=True) if share < NO_VARIATION]
        raise EstimationError(
            f"{' and '.join(map(repr, lost))} does not vary once the absorbed effects and the other treatments are "
            f"held fixed, so the data say nothing on its effect. Absorb coarser groups."
        )
    moment = np.array([_product(weight, column, outcome) for column in left])
    coef = np.linalg.solve(gram, moment)
    # Within a cell the outcome is 0 or 1: its variance there is what the cells' means leave.
    outcome_ss = float(_product(weight, outcome, outcome) + n_bought - _product(weight, share, share))
    found = GridMoments(tuple(treatments), coef, gram, outcome_ss - float(coef @ moment), outcome_ss, variation)
    return GridResiduals(found, left, share, outcome)


def pair_scores(
    units: Grid, left: Sequence[np.ndarray], fitted: np.ndarray, item_clusters: np.ndarray | None
) -> np.ndarray:
    """Score of each (user, item cluster): regressors' residuals times the outcome's.

    What a user bought gives +x at its cells, and every visit gives -x times the fitted probability.

    Returns
    -------
    float64, shape (n_users with a visit, n_item_clusters, p)
    """
    import scipy.sparse as sp

    shape = (len(units.users), units.n_contexts)
    visits = sp.csr_array((np.ones(len(units.visit_user)), (units.visit_user, units.visit_context)), shape=shape)
    active = np.flatnonzero(np.bincount(units.visit_user, minlength=shape[0]))
    group = np.arange(units.n_items) if item_clusters is None else item_clusters
    to_cluster = sp.csr_array((np.ones(units.n_items), (np.arange(units.n_items), group)))
    scores = np.empty((len(active), to_cluster.shape[1], len(left)))
    cell = units.bought_user, units.bought_item
    for k, column in enumerate(left):
        gained = sp.csr_array((column[units.bought_context, units.bought_item], cell), shape=(shape[0], units.n_items))
        expected = visits[active] @ (column * fitted)
        pairs = gained[active].toarray() - expected
        scores[:, :, k] = pairs if item_clusters is None else (to_cluster.T @ pairs.T).T
    return scores


def effective_number(moments: np.ndarray) -> np.ndarray:
    """Squared sum over sum of squares, along the last axis."""
    return moments.sum(axis=-1) ** 2 / np.maximum((moments**2).sum(axis=-1), 1e-300)


def left_over(gram: np.ndarray, before: np.ndarray) -> np.ndarray:
    """Share of each regressor's variance that the absorbed effects and the other regressors leave."""
    left = np.empty(len(gram))
    for at in range(len(gram)):
        others = np.arange(len(gram)) != at
        explained = np.linalg.pinv(gram[np.ix_(others, others)], hermitian=True) @ gram[others, at]
        left[at] = gram[at, at] - gram[at, others] @ explained
    return np.where(before > 0, left / np.where(before > 0, before, 1.0), 0.0)


def variance(cells: np.ndarray, weight: np.ndarray) -> float:
    """Weighted sum of squares about the mean."""
    left = cells - (weight @ cells).sum() / (weight.sum() * cells.shape[1])
    return float(_product(weight, left, left))


def _product(weight: np.ndarray, a: np.ndarray, b: np.ndarray) -> float:
    """Weighted sum of the products of cells, none of which is written down."""
    return np.einsum("i,ij,ij->", weight, a, b)
