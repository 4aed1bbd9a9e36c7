"""Weights of units, refused where they are none."""

from __future__ import annotations

import numpy as np

from causalrec.data.design import Design
from causalrec.errors import EstimationError

__all__ = ["unit_weights"]


def unit_weights(design: Design) -> np.ndarray:
    """How much each unit counts, of mean 1; ones where the design has no weights. float64, shape (n,).

    Raises
    ------
    EstimationError : weights below 0, that are not finite, or all 0.

    Examples
    --------
    >>> unit_weights(Design(np.zeros(2), np.zeros((2, 1)), np.zeros((2, 1)), (), {}, weight=np.array([1.0, 3.0])))
    array([0.5, 1.5])
    """
    if design.weight is None:
        return np.ones(design.n)
    weight = np.asarray(design.weight, dtype=float)
    if n_bad := int((~np.isfinite(weight) | (weight < 0)).sum()):
        raise EstimationError(
            f"{n_bad:,} of {design.n:,} weights are negative or not finite: give each row how often it counts, 0 or "
            f"more."
        )
    if not weight.sum() > 0:
        raise EstimationError(f"All {design.n:,} weights are 0: give each row how often it counts.")
    return weight / weight.mean()
