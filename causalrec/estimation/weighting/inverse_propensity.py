"""Inverse propensity weighting, with an error that knows that propensities were estimated."""

from __future__ import annotations

from typing import Self

import numpy as np

from causalrec.data.design import Design
from causalrec.errors import DataError, EstimationError
from causalrec.estimation.doubly_robust.arm_means import ArmEstimator, arm_means, comparison_weights, refuse_target
from causalrec.estimation.doubly_robust.overlap import refuse_no_overlap
from causalrec.estimation.doubly_robust.two_arms import TwoArms, two_arms
from causalrec.estimation.weighting.propensity import Propensity, logistic_propensity
from causalrec.estimation.weighting.trimming import optimal_trimming, some_arms

__all__ = ["CBPS", "IPW"]

KINDS = ("hajek", "stabilised")


class IPW(ArmEstimator):
    """Inverse propensity weighting with a logistic propensity.

    Means of each arm are weighted and divided by the sum of the weights (Hajek). Assumes that the
    covariates close every back door and that the propensity is logistic in them. Errors allow for the
    estimated propensity (a sandwich of both equations), which most often makes them smaller.

    Parameters
    ----------
    kind : {"hajek", "stabilised"}
        Stabilised weights are multiplied by the share of the unit's arm. As sums of weights are divided
        out, the estimate is the same; `weights_` differ.
    trim : float in (0, 0.5), or "optimal", optional
        Units with a propensity outside [trim, 1 - trim] are left out, and the effect is that on the others
        (Crump, Hotz, Imbens, Mitnik 2009, Biometrika 96(1), whose rule "optimal" is). The propensity is
        fitted again among those who stay.
    target : {"ATE", "ATT", "ATO"}
        "ATO" are overlap weights (Li, Morgan, Zaslavsky 2018, JASA 113(521)).

    Attributes
    ----------
    weights_ : float64, shape (n,)
        0 for units that were trimmed.
    left_out_ : tuple of str
        Covariates that are constant or explained by others.

    References
    ----------
    Lunceford, Davidian (2004), Statistics in Medicine 23(19).

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> x = rng.normal(size=4000)
    >>> t = (rng.random(4000) < 1 / (1 + np.exp(-x))).astype(float)
    >>> IPW(target="ATO").fit(Design(x + 2 * t, t[:, None], x[:, None], (), {})).value_.round(2)
    array([2.])
    """

    def __init__(self, kind: str = "hajek", *, trim: float | str | None = None, target: str = "ATE"):
        self.kind = kind
        self.trim = trim
        self.target = target

    def fit(self, design: Design) -> Self:
        """Estimate from a design in memory.

        Raises
        ------
        EstimationError : one arm, arms that the covariates tell apart, no overlap, nobody left after trimming,
            or values that are not finite.
        """
        refuse_target(self.target)
        if self.kind not in KINDS:
            raise DataError(f"kind is {self.kind!r}; it is one of {', '.join(KINDS)}.")
        arms = two_arms(design, type(self).__name__)
        kept, where = self._kept(arms)
        used = some_arms(arms, kept)
        found = logistic_propensity(used, self._rule())
        if self.target == "ATE":
            refuse_no_overlap(used, found.e)
        means, influence = weighted_means(used, found, self.target)
        weights, spread = np.zeros(arms.n), np.zeros((arms.n, 2))
        weights[kept] = comparison_weights(used.t, found.e, self.target) * self._scale(used)
        spread[kept] = influence * arms.n / used.n
        self.left_out_ = found.left_out
        return self._keep_arms(
            design, arms, means, spread, weights=weights, n_parameters=1 + found.X.shape[1], target=self.target + where,
            method=self._words(), diagnostics={
                "units trimmed": float(1 - kept.mean()), "smallest propensity": float(found.e.min()),
                "largest propensity": float(found.e.max()),
            },
        )  # fmt: skip

    def _rule(self) -> str:
        return "likelihood"

    def _words(self) -> str:
        names = {"ATO": "overlap weights", "ATT": "odds of the propensity as weights"}
        return names.get(self.target, f"inverse propensity weights ({self.kind})") + ", logistic propensity"

    def _scale(self, arms: TwoArms) -> np.ndarray | float:
        if self.kind == "hajek":
            return 1.0
        share = float(arms.weight @ arms.t / arms.weight.sum())
        return np.where(arms.t == 1, share, 1 - share)

    def _kept(self, arms: TwoArms) -> tuple[np.ndarray, str]:
        """Units that stay, and words for whom the effect then is."""
        if self.trim is None:
            return np.ones(arms.n, dtype=bool), ""
        if self.trim != "optimal" and not (isinstance(self.trim, float) and 0 < self.trim < 0.5):
            raise DataError(f"trim is {self.trim!r}; it is a probability above 0 and below 0.5, or 'optimal'.")
        e = logistic_propensity(arms, self._rule()).e
        cut = optimal_trimming(e, arms.weight) if self.trim == "optimal" else float(self.trim)
        kept = (e >= cut) & (e <= 1 - cut)
        if len(np.unique(arms.t[kept & (arms.weight > 0)])) < 2:
            raise EstimationError(f"No two units of different arms have a propensity of {cut:.3g} to {1 - cut:.3g}.")
        return kept, f" where the propensity is {cut:.3g} to {1 - cut:.3g}"


class CBPS(IPW):
    """Covariate balancing propensity score, just identified.

    The logistic propensity is the one whose inverse weights make the means of the covariates equal in both
    arms, exactly. For the ATT that is entropy balancing: see `EntropyBalancing`.

    Parameters
    ----------
    trim : float in (0, 0.5), or "optimal", optional
        As `IPW` has it.

    References
    ----------
    Imai, Ratkovic (2014), JRSSB 76(1).
    """

    def __init__(self, *, trim: float | str | None = None):
        self.trim = trim

    kind = "hajek"
    target = "ATE"

    def _rule(self) -> str:
        return "balance"

    def _words(self) -> str:
        return "inverse propensity weights, covariate balancing propensity"


def weighted_means(arms: TwoArms, found: Propensity, target: str) -> tuple[np.ndarray, np.ndarray]:
    """Weighted mean of each arm, and influence of each unit on them through outcome and propensity.

    Returns
    -------
    means : float64, shape (2,)
    influence : float64, shape (n, 2)
    """
    weights = comparison_weights(arms.t, found.e, target)
    slopes = weight_slopes(arms.t, found.e, target)
    means, influence = np.empty(2), np.empty((arms.n, 2))
    for arm in (0, 1):
        own = weights * (arms.t == arm)
        mean, direct = arm_means((own * arms.y)[:, None], own, arms.weight)
        share = arms.weight * slopes * (arms.t == arm) * (arms.y - mean)
        through = found.X.T @ share / float(arms.weight @ own)
        means[arm], influence[:, arm] = mean[0], direct[:, 0] + found.influence @ through
    return means, influence


def weight_slopes(t: np.ndarray, e: np.ndarray, target: str) -> np.ndarray:
    """Derivative of `comparison_weights` by the logit of the propensity; all arrays (n,)."""
    if target == "ATT":
        return np.where(t == 1, 0.0, e / (1 - e))
    if target == "ATO":
        return np.where(t == 1, -1.0, 1.0) * e * (1 - e)
    return np.where(t == 1, -(1 - e) / e, e / (1 - e))
