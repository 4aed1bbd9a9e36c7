"""Whether an effect is larger where more of the outcome is unexplained: the mark of a confounder shown in part."""

from __future__ import annotations

import numpy as np

from causalrec.data.design import Design
from causalrec.estimation.uncertainty.clusters import influence_covariance

__all__ = ["uneven_effect"]

FURTHEST = 3.0  # standard deviations beyond which a predicted variance is cut
ROUNDING = 1e-9  # share of a variance by which its prediction differs through rounding alone


def uneven_effect(left: np.ndarray, noise: np.ndarray, weight: np.ndarray, design: Design) -> float:
    """Statistic z of how the effect grows with the outcome's noise; 0 where the noise is the same everywhere.

    Parameters
    ----------
    left : float64, shape (n, 2)
        What covariates leave of treatment and outcome.
    noise : float64, shape (n,)
        Variance of the outcome's residual, predicted for each row from other folds.
    weight : float64, shape (n,)
    design : Design
        Its clusters.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> hidden, wide = rng.normal(size=2000), rng.random(2000) < 0.5  # hidden at half of the rows
    >>> t = hidden * wide + rng.normal(size=2000)
    >>> left = np.column_stack([t, t + hidden * wide + rng.normal(size=2000)])
    >>> rows = Design(left[:, 1], left[:, :1], np.empty((2000, 0)), (), {})
    >>> uneven_effect(left, 1.0 + wide, np.ones(2000), rows) > 5
    True
    """
    t, y = left.T
    centre = np.average(noise, weights=weight)
    spread = float(np.sqrt(np.average((noise - centre) ** 2, weights=weight)))
    if not spread > ROUNDING * abs(centre):
        return 0.0
    columns = np.column_stack([t, t * np.clip((noise - centre) / spread, -FURTHEST, FURTHEST)])
    weighted = columns * weight[:, None]
    inverse = np.linalg.inv(columns.T @ weighted)
    coef = inverse @ (weighted.T @ y)
    influence = (weighted @ inverse[:, 1:]) * (y - columns @ coef)[:, None] * design.n
    covariance, _ = influence_covariance(influence, design.clusters, 2)
    return float(coef[1] / np.sqrt(covariance[0, 0]))
