"""Augmented inverse propensity weighting, cross-fitted."""

from __future__ import annotations

from typing import Any, Self

import numpy as np

from causalrec.data.design import Design
from causalrec.errors import DataError
from causalrec.estimation.doubly_robust.arm_means import (
    TARGETS,
    ArmEstimator,
    arm_means,
    comparison_weights,
    refuse_target,
)
from causalrec.estimation.doubly_robust.overlap import refuse_no_overlap
from causalrec.estimation.doubly_robust.two_arms import TwoArms, two_arms
from causalrec.estimation.nuisances.models import Nuisances, nuisances
from causalrec.threads import limit_threads

__all__ = ["AIPW", "dr_scores"]


class AIPW(ArmEstimator):
    """Doubly robust effect of a binary treatment, with cross-fitted nuisances.

    Assumes that the covariates close every back door, and that units of either arm have counterparts in the
    other. Right where the outcome regressions or the propensity are (for the ATO: where the propensity
    is); its error is right where both are learned well enough.

    Parameters
    ----------
    outcome_model : scikit-learn regressor, or classifier for an outcome of 0 and 1; optional
        Fitted in each arm by itself. Several in a list are stacked: the convex combination that predicts
        best out of fold. Left out: ridge or logistic regression, and from 10,000 rows a stack of these, splines
        and gradient boosting, whose weights are in `diagnostics_`.
    propensity_model : scikit-learn classifier, or a list of them; optional
    n_folds : int
        2 or more.
    clip : float, in [0, 0.5)
        Propensities are held within [clip, 1 - clip] for the ATE, below 1 - clip for the ATT, and left alone
        for the ATO. `diagnostics_` has the share that was moved.
    target : {"ATE", "ATT", "ATO"}
        Effect on all units, on the treated, or on those who could be in either arm: weights e(1 - e).
    random_state : int
    n_threads : int, optional

    References
    ----------
    Robins, Rotnitzky, Zhao (1994), JASA 89(427). Chernozhukov et al. (2018), Econometrics Journal 21(1).

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> x = rng.normal(size=400)
    >>> t = (rng.random(400) < 1 / (1 + np.exp(-x))).astype(float)
    >>> found = AIPW().fit(Design(x + 2 * t, t[:, None], x[:, None], (), {}))
    >>> found.value_.round(2)
    array([2.])
    """

    _targets: tuple[str, ...] = TARGETS

    def __init__(
        self, outcome_model: Any = None, propensity_model: Any = None, *, n_folds: int = 5, clip: float = 0.01,
        target: str = "ATE", random_state: int = 0, n_threads: int | None = None,
    ):  # fmt: skip
        self.outcome_model = outcome_model
        self.propensity_model = propensity_model
        self.n_folds = n_folds
        self.clip = clip
        self.target = target
        self.random_state = random_state
        self.n_threads = n_threads

    def fit(self, design: Design) -> Self:
        """Estimate from a design in memory.

        Raises
        ------
        EstimationError : one arm, no overlap, one class in a fold, or values that are not finite.
        """
        refuse_target(self.target, self._targets)
        refuse_clip(self.clip)
        method = type(self).__name__
        arms = two_arms(design, method)
        self._prepare(arms)
        fold = design.folds(self.n_folds, self.random_state)
        with limit_threads(self.n_threads):
            found = nuisances(arms, fold, self.outcome_model, self.propensity_model)
        refuse_no_overlap(arms, found.e, self.clip, self.target)
        e, moved = found.clipped(*clip_bounds(self.clip, self.target))
        mu0, mu1, more = self._regressions(arms, found, e)
        scores, share = dr_scores(arms.y, arms.t, mu0, mu1, e, self.target)
        means, influence = arm_means(scores, share, arms.weight)
        return self._keep_arms(
            design, arms, means, influence, weights=comparison_weights(arms.t, e, self.target), n_parameters=2,
            method="; ".join(filter(None, (f"{method}, {self.n_folds} folds", found.reason))), target=self.target,
            diagnostics={
                "propensities clipped": moved, "smallest propensity": float(found.e.min()),
                "largest propensity": float(found.e.max()), **more, **found.shares(),
            },
        )  # fmt: skip

    def _prepare(self, arms: TwoArms) -> None:
        """What is refused before anything is learned."""

    def _regressions(
        self, arms: TwoArms, found: Nuisances, e: np.ndarray
    ) -> tuple[np.ndarray, np.ndarray, dict[str, float]]:
        """mu0 and mu1 that the scores take, and numbers for the diagnostics."""
        return found.mu0, found.mu1, {}


def dr_scores(
    y: np.ndarray, t: np.ndarray, mu0: np.ndarray, mu1: np.ndarray, e: np.ndarray, target: str
) -> tuple[np.ndarray, np.ndarray]:
    """Efficient scores of the means under both arms, and the share of each unit in the target.

    The ATO's are those of weights e(1 - e) that are estimated themselves (Crump, Hotz, Imbens, Mitnik
    2006, NBER t0330): their difference is the residual on residual regression of a partially linear model.

    Returns
    -------
    scores : float64, shape (n, 2)
    share : float64, shape (n,)
    """
    if target == "ATT":
        return np.column_stack([t * mu0 + (1 - t) * e / (1 - e) * (y - mu0), t * y]), t
    if target == "ATO":
        share = (t - e) ** 2
        return np.column_stack([share * mu0 + e * (1 - t) * (y - mu0), share * mu1 + (1 - e) * t * (y - mu1)]), share
    return np.column_stack([mu0 + (1 - t) / (1 - e) * (y - mu0), mu1 + t / e * (y - mu1)]), np.ones_like(y)


def refuse_clip(clip: float) -> None:
    """Refuse a bound on propensities that is none."""
    if not 0 <= clip < 0.5:
        raise DataError(f"clip is {clip!r}; it is a probability of 0 or more and below 0.5.")


def clip_bounds(clip: float, target: str) -> tuple[float, float]:
    """Bounds of the propensity that a target's weights need."""
    return {"ATE": (clip, 1 - clip), "ATT": (0.0, 1 - clip), "ATO": (0.0, 1.0)}[target]
