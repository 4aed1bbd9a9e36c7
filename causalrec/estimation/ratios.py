"""Risk and odds ratios of a binary outcome, from the means under both arms."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from causalrec.errors import EstimationError
from causalrec.estimation.arm_means import ArmEstimator
from causalrec.estimation.clusters import influence_covariance

__all__ = ["RatioEstimate", "odds_ratio", "risk_ratio"]


@dataclass(frozen=True, slots=True, eq=False)
class RatioEstimate:
    """A ratio between the risks had everybody, and had nobody, of the target been treated.

    It is marginal: over the covariates of the target, not within them.

    Attributes
    ----------
    kind : {"risk ratio", "odds ratio"}
    value : float
        1 says no effect.
    log_stderr : float
        Standard error of the logarithm of `value` (delta method).
    risks : pair of float
        Probability of the outcome untreated and treated, in (0, 1).
    n : int
    dof : float
    target, method : str
    n_clusters : mapping of str to int
    """

    kind: str
    value: float
    log_stderr: float
    risks: tuple[float, float]
    n: int
    dof: float
    target: str
    method: str
    n_clusters: dict[str, int] = field(default_factory=dict)

    @property
    def stderr(self) -> float:
        """Standard error of `value`; intervals come from the logarithm's."""
        return self.value * self.log_stderr

    def interval(self, level: float = 0.95) -> tuple[float, float]:
        """Confidence interval of the given level, in (0, 1); symmetric on the logarithm."""
        from scipy.stats import t

        half = float(t.ppf(0.5 + level / 2, self.dof)) * self.log_stderr
        return self.value * float(np.exp(-half)), self.value * float(np.exp(half))

    def to_dict(self) -> dict[str, object]:
        """Plain numbers and text, for JSON."""
        lower, upper = self.interval()
        return {
            "kind": self.kind, "value": self.value, "stderr": self.stderr, "log_stderr": self.log_stderr,
            "lower": lower, "upper": upper, "level": 0.95, "risks": list(self.risks), "n": self.n,
            "target": self.target, "method": self.method, "n_clusters": dict(self.n_clusters),
        }  # fmt: skip

    def __str__(self) -> str:
        lower, upper = self.interval()
        clusters = " and ".join(f"{count:,} {kind}" for kind, count in self.n_clusters.items())
        return (
            f"{self.kind[0].upper()}{self.kind[1:]} {self.value:.4f} (95% {lower:.4f} to {upper:.4f}; {self.target}, "
            f"marginal)\n  risk {self.risks[0]:.4f} untreated, {self.risks[1]:.4f} treated\n  {self.method}; "
            f"{self.n:,} units" + (f"; errors clustered by {clusters}" if clusters else "")
        )


def risk_ratio(estimator: ArmEstimator) -> RatioEstimate:
    """Risk treated over risk untreated, from a fitted estimator of a binary treatment.

    Raises
    ------
    NotFittedError : `fit` was not called.
    EstimationError : a risk that is not within 0 and 1.

    Examples
    --------
    >>> from causalrec.data.design import Design
    >>> from causalrec.estimation.weighting import IPW
    >>> t = np.tile([0.0, 0.0, 1.0, 1.0], 50)
    >>> y = np.concatenate([np.tile([0.0, 1.0, 0.0, 1.0], 25), np.tile([0.0, 0.0, 1.0, 1.0], 25)])
    >>> round(risk_ratio(IPW().fit(Design(y, t[:, None], np.empty((200, 0)), (), {}))).value, 3)
    3.0
    """
    return _ratio(estimator, "risk ratio", lambda risk: risk, lambda risk: 1 / risk)


def odds_ratio(estimator: ArmEstimator) -> RatioEstimate:
    """Odds treated over odds untreated, from a fitted estimator of a binary treatment.

    Odds ratios do not collapse: this marginal one is closer to 1 than one within covariates.

    Raises
    ------
    NotFittedError : `fit` was not called.
    EstimationError : a risk that is not within 0 and 1.
    """
    return _ratio(estimator, "odds ratio", lambda risk: risk / (1 - risk), lambda risk: 1 / (risk * (1 - risk)))


def _ratio(estimator: ArmEstimator, kind: str, of, slope) -> RatioEstimate:
    """`of` a risk, and the slope of its logarithm."""
    estimator._require_fitted()
    if not hasattr(estimator, "arm_means_"):
        raise EstimationError(f"{type(estimator).__name__} has no mean for each arm: take AIPW, TMLE or weighting.")
    off, on = (float(mean) for mean in estimator.arm_means_)
    if not (0 < off < 1 and 0 < on < 1):
        raise EstimationError(
            f"A {kind} needs risks within 0 and 1, and these are {off:.4g} untreated and {on:.4g} treated: is the "
            f"outcome 0 or 1? TMLE keeps risks in their range."
        )
    covariance, dof = influence_covariance(estimator.arm_influence_, estimator.clusters_, estimator.n_parameters_)
    slopes = np.array([-slope(off), slope(on)])
    return RatioEstimate(
        kind=kind, value=of(on) / of(off), log_stderr=float(np.sqrt(slopes @ covariance @ slopes)), risks=(off, on),
        n=estimator.n_, dof=dof, target=estimator.target_, method=estimator.method_,
        n_clusters=dict(estimator.n_clusters_),
    )  # fmt: skip
