"""Tables from counts, with missing values summed over."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from causalrec.errors import EstimationError
from causalrec.structural.bayesian_network.counts import Counts

__all__ = ["Fit", "maximised"]


@dataclass(frozen=True, slots=True, eq=False)
class Fit:
    """What expectation maximisation found.

    Attributes
    ----------
    tables : list of float64
        Tables at the maximum.
    objective : tuple of float
        Log likelihood of what was observed plus `sum(prior * log(table))`, at the start of each step.
    """

    tables: list[np.ndarray]
    objective: tuple[float, ...]


def maximised(counts: Counts, prior: Sequence[np.ndarray], max_iter: int, tol: float) -> Fit:
    """Tables that are the most probable given the pseudo-counts; the objective never decreases.

    Without missing values one step is exact. With them the sum over their values is, and the limit is a
    stationary point, found when no probability moves by more than `tol`.

    Raises
    ------
    EstimationError : no limit after `max_iter` steps.

    References
    ----------
    Dempster, Laird, Rubin (1977), J. R. Stat. Soc. B 39(1), 1-38; Lauritzen (1995), Comput. Stat. Data Anal. 19(2).
    """
    tables = normalised(counts.cells, prior)
    if not counts.gaps:
        return Fit(tables, (objective_of(counts.cells, tables, prior),))
    history: list[float] = []
    for _ in range(max_iter):
        cells, fixed = expected(counts, tables)
        history.append(fixed + objective_of(counts.cells, tables, prior))
        updated = normalised(cells, prior)
        moved = max(float(np.abs(new - old).max()) for new, old in zip(updated, tables, strict=True))
        tables = updated
        if moved <= tol:
            return Fit(tables, tuple(history))
    raise EstimationError(
        f"The tables still moved by {moved:.1e} after {max_iter:,} steps over the missing values. Raise `max_iter` or "
        f"`tol`, or a `prior` that holds what the rows cannot tell."
    )


def expected(counts: Counts, tables: Sequence[np.ndarray]) -> tuple[list[np.ndarray], float]:
    """Expected units in each cell, and the log likelihood of the rows with missing values."""
    cells, total = [units.copy() for units in counts.cells], 0.0
    for gap in counts.gaps:
        joint = gap.joint(tables)
        chance = joint.sum(axis=tuple(range(1, joint.ndim)), keepdims=True)
        weights = gap.weights.reshape(chance.shape)
        total += float((weights * np.log(chance)).sum())
        gap.add(joint * (weights / chance), cells)
    return cells, total


def normalised(cells: Sequence[np.ndarray], prior: Sequence[np.ndarray]) -> list[np.ndarray]:
    """Posterior means of the rows of each table."""
    sums = [units + pseudo for units, pseudo in zip(cells, prior, strict=True)]
    return [table / table.sum(axis=-1, keepdims=True) for table in sums]


def objective_of(cells, tables, prior) -> float:
    """Log likelihood of the complete families, and of the pseudo-counts."""
    each = zip(cells, tables, prior, strict=True)
    return sum(float(((units + pseudo) * np.log(table)).sum()) for units, table, pseudo in each)
