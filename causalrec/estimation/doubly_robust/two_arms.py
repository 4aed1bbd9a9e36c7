"""Two arms of a binary treatment, checked before anything is computed."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from causalrec.data.design import Design
from causalrec.errors import EstimationError
from causalrec.estimation.row_order import row_order
from causalrec.estimation.unit_weights import unit_weights

__all__ = ["TwoArms", "arms_of", "refuse_infinite", "refuse_shape", "two_arms"]

N_LEVELS_LISTED = 5


@dataclass(frozen=True, slots=True, eq=False)
class TwoArms:
    """What weighting, matching and doubly robust estimators see of a design.

    Attributes
    ----------
    X : float64, shape (n, p)
        Covariates, blocks expanded.
    t : float64, shape (n,)
        1 in the treated arm, 0 in the other.
    y : float64, shape (n,)
        Outcome, in its own unit.
    weight : float64, shape (n,)
        How much each unit counts; their mean is 1.
    order : int64, shape (n,)
        Positions in an order that follows what the rows hold, so that learners see the same rows in the same
        order however the table was sorted.
    names : tuple of str, length p
    treatment : str
    binary : bool
        Whether the outcome is 0 or 1.
    """

    X: np.ndarray
    t: np.ndarray
    y: np.ndarray
    weight: np.ndarray
    order: np.ndarray
    names: tuple[str, ...]
    treatment: str
    binary: bool

    @property
    def n(self) -> int:
        """Number of units."""
        return len(self.y)

    @property
    def n_arms(self) -> tuple[int, int]:
        """Units in the untreated and in the treated arm, those of weight 0 left out."""
        counts = self.weight > 0
        return int((counts & (self.t == 0)).sum()), int((counts & (self.t == 1)).sum())


def two_arms(design: Design, method: str) -> TwoArms:
    """The arms of a design with one treatment of values 0 and 1.

    Parameters
    ----------
    design : Design
    method : str
        Who asks, for messages.

    Raises
    ------
    EstimationError : several treatments, a treatment that is not 0 or 1 or does not vary, values that are
        not finite, weights below 0, groups to hold fixed, or a design that is streamed.

    Examples
    --------
    >>> design = Design(np.array([1.0, 2.0]), np.array([[0.0], [1.0]]), np.zeros((2, 1)), (), {})
    >>> two_arms(design, "AIPW").n_arms
    (1, 1)
    """
    arms = arms_of(design, method)
    _refuse_levels(arms.t[arms.weight > 0], arms.treatment, method)
    return arms


def arms_of(design: Design, method: str) -> TwoArms:
    """The same whatever the values of the treatment, for methods that look at them themselves."""
    refuse_shape(design, method)
    name = design.treatment_names[0]
    t = np.asarray(design.treatments[:, 0], dtype=float)
    X, y = np.asarray(design.matrix(), dtype=float), np.asarray(design.outcome, dtype=float)
    weight = unit_weights(design)
    refuse_infinite(design, X, t, y)
    order = row_order(design)
    binary = bool(np.isin(y, (0.0, 1.0)).all())
    return TwoArms(X, t, y, weight, order, tuple(design.matrix_names), name, binary)


def refuse_shape(design: Design, method: str) -> None:
    """Refuse a stream, an empty table, groups to hold fixed and several treatments."""
    if getattr(design, "streamed", False):
        raise EstimationError(f"{method} needs all rows in memory, and this design is streamed: take OLS or a sample.")
    if not design.n:
        raise EstimationError(f"The table has no rows, so {method} has nothing to compare.")
    if design.absorbed:
        raise EstimationError(f"{method} cannot hold {len(design.absorbed)} kinds of groups: bind each to a column.")
    if design.treatments.shape[1] != 1:
        raise EstimationError(
            f"{method} takes one treatment, and this design has {', '.join(design.treatment_names) or 'none'}: "
            f"ask for one of them with the others in the adjustment set."
        )


def refuse_infinite(design: Design, X: np.ndarray, t: np.ndarray, y: np.ndarray) -> None:
    """Refuse values that are missing or infinite, with a count by column."""
    columns = {"the outcome": y, design.treatment_names[0]: t}
    columns |= dict(zip(design.matrix_names, X.T, strict=True))
    bad = {name: int((~np.isfinite(column)).sum()) for name, column in columns.items()}
    bad = {name: count for name, count in bad.items() if count}
    if bad:
        listed = ", ".join(f"{name} {count:,}" for name, count in list(bad.items())[:N_LEVELS_LISTED])
        raise EstimationError(
            f"Values that are missing or infinite, of {design.n:,} rows: {listed}. Drop or fill them."
        )


def _refuse_levels(t: np.ndarray, name: str, method: str) -> None:
    levels, counts = np.unique(t, return_counts=True)
    if len(levels) < 2:
        raise EstimationError(f"{name!r} is {levels[0]:g} in all {len(t):,} rows: there is nobody to compare with.")
    if not np.isin(levels, (0.0, 1.0)).all():
        shown = ", ".join(
            f"{level:g} ({count:,})" for level, count in list(zip(levels, counts, strict=True))[:N_LEVELS_LISTED]
        )
        more = ", ..." if len(levels) > N_LEVELS_LISTED else ""
        raise EstimationError(
            f"{method} compares two arms, and {name!r} has the values {shown}{more}: code it as 0 and 1, or take "
            f"LevelAIPW for a few levels, OLS or DML for amounts."
        )
