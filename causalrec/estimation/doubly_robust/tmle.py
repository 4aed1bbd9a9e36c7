"""Targeted maximum likelihood, cross-fitted."""

from __future__ import annotations

from typing import Any

import numpy as np

from causalrec.errors import DataError, EstimationError
from causalrec.estimation.doubly_robust.aipw import AIPW
from causalrec.estimation.doubly_robust.arm_means import comparison_weights
from causalrec.estimation.doubly_robust.two_arms import TwoArms
from causalrec.estimation.nuisances.models import Nuisances

__all__ = ["TMLE"]

MARGIN = 1e-4  # of the outcome's range: a logit needs predictions inside it


class TMLE(AIPW):
    """Targeted maximum likelihood for a binary treatment, with cross-fitted nuisances.

    Outcome regressions are moved along a logistic curve until their mean residual, weighted by the inverse
    propensity, is 0. As doubly robust as `AIPW`, and the means of both arms never leave the range of the
    outcome: a probability stays within 0 and 1. Assumes that the covariates close every back door,
    that units of either arm have counterparts in the other, and that the outcome is bounded.

    Parameters
    ----------
    outcome_model, propensity_model, n_folds, clip, random_state, n_threads
        As `AIPW` has them.
    target : {"ATE", "ATT"}
    bounds : pair of float, optional
        Least and largest possible outcome; those that were seen, where it is left out.

    References
    ----------
    van der Laan, Rubin (2006), Int. J. Biostatistics 2(1). Zheng, van der Laan (2011), Targeted Learning,
    chapter 27. Gruber, van der Laan (2010), Int. J. Biostatistics 6(1), for outcomes that are scaled.

    Raises
    ------
    EstimationError : what `AIPW` refuses, a constant outcome, outcomes beyond `bounds` or at one end of them.

    Examples
    --------
    >>> from causalrec.data.design import Design
    >>> rng = np.random.default_rng(0)
    >>> x = rng.normal(size=400)
    >>> t = (rng.random(400) < 1 / (1 + np.exp(-x))).astype(float)
    >>> found = TMLE().fit(Design(x + 2 * t, t[:, None], x[:, None], (), {}))
    >>> found.value_.round(1)
    array([2.])
    """

    _targets = ("ATE", "ATT")

    def __init__(
        self, outcome_model: Any = None, propensity_model: Any = None, *, n_folds: int = 5, clip: float = 0.01,
        target: str = "ATE", bounds: tuple[float, float] | None = None, random_state: int = 0,
        n_threads: int | None = None,
    ):  # fmt: skip
        super().__init__(
            outcome_model, propensity_model, n_folds=n_folds, clip=clip, target=target, random_state=random_state,
            n_threads=n_threads,
        )  # fmt: skip
        self.bounds = bounds

    def _prepare(self, arms: TwoArms) -> None:
        _range(arms, self.bounds)

    def _regressions(
        self, arms: TwoArms, found: Nuisances, e: np.ndarray
    ) -> tuple[np.ndarray, np.ndarray, dict[str, float]]:
        mu0, mu1, shifts = _targeted(arms, found, e, self.target, *_range(arms, self.bounds))
        return mu0, mu1, {"fluctuation untreated": shifts[0], "fluctuation treated": shifts[1]}


def fluctuation(y: np.ndarray, offset: np.ndarray, weight: np.ndarray) -> float:
    """Shift c at which sum of weight * (y - expit(offset + c)) is 0; y in [0, 1], all arrays (n,).

    >>> round(fluctuation(np.array([0.0, 1.0, 1.0, 1.0]), np.zeros(4), np.ones(4)), 4)
    1.0986
    """
    from scipy.optimize import brentq
    from scipy.special import expit

    def score(shift: float) -> float:
        return float(weight @ (y - expit(offset + shift)))

    reach = 40.0
    if not score(-reach) > 0 > score(reach):
        raise EstimationError(
            "All outcomes of an arm lie at one end of their range, so nothing can be targeted: take AIPW."
        )
    return float(brentq(score, -reach, reach, xtol=1e-13, rtol=1e-13))


def _targeted(
    arms: TwoArms, found: Nuisances, e: np.ndarray, target: str, low: float, high: float
) -> tuple[np.ndarray, np.ndarray, tuple[float, float]]:
    """Outcome regressions in the outcome's unit after their fluctuation, which all folds share."""
    from scipy.special import expit, logit

    scaled = (arms.y - low) / (high - low)
    weight = comparison_weights(arms.t, e, target) * arms.weight
    moved, shifts = [], []
    for arm, predicted in enumerate((found.mu0, found.mu1)):
        offset = logit(np.clip((predicted - low) / (high - low), MARGIN, 1 - MARGIN))
        own = arms.t == arm
        shifts.append(fluctuation(scaled[own], offset[own], weight[own]))
        moved.append(low + (high - low) * expit(offset + shifts[-1]))
    return moved[0], moved[1], (shifts[0], shifts[1])


def _range(arms: TwoArms, bounds: tuple[float, float] | None) -> tuple[float, float]:
    low, high = (float(arms.y.min()), float(arms.y.max())) if bounds is None else map(float, bounds)
    if bounds is not None and not low < high:
        raise DataError(f"bounds is {bounds}; it is the least and the largest possible outcome.")
    if not low < high:
        raise EstimationError(f"The outcome is {low:g} in all {arms.n:,} rows: there is nothing to explain.")
    if arms.y.min() < low or arms.y.max() > high:
        raise EstimationError(f"Outcomes of {arms.y.min():g} to {arms.y.max():g} are beyond {low:g} to {high:g}.")
    return low, high
