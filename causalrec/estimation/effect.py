"""One number, its error, and what stands behind it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from causalrec.identification import Estimand

__all__ = ["EffectEstimate"]


@dataclass(frozen=True, slots=True, eq=False)
class EffectEstimate:
    """Estimate of one effect.

    Attributes
    ----------
    value, stderr : float
        In `unit`; a value never stands without its standard error.
    n : int
        Number of units.
    dof : float
        Degrees of freedom of the t distribution of `interval`; inf for the normal one.
    method : str
        How it was estimated, in words.
    estimand : Estimand
        What was estimated.
    unit : str
        Unit of the outcome.
    n_clusters : mapping of str to int
        Clusters that the error allows for, by kind.
    diagnostics : mapping of str to float
        Further numbers, such as the share of the treatment's variance that is left to learn from.
    target : str
        Whose effect: "ATE" of all, "ATT" of the treated, "ATO" where both treatments are likely, or what an
        instrument gives.
    reason : str
        Why this estimator was taken, where nobody chose it.
    effective_n : float
        Units that would give the same precision with equal weights; NaN where weights play no part.
    influence : float64, shape (n,), optional
        Influence of each unit on `value`, which is about their mean plus the truth; None where it was not
        kept.
    coarse : bool
        Whether coarse groups were held fixed, the fine ones leaving the treatment nothing to vary by.
    """

    value: float
    stderr: float
    n: int
    dof: float
    method: str
    estimand: Estimand
    unit: str = "outcome"
    n_clusters: Mapping[str, int] = field(default_factory=dict)
    diagnostics: Mapping[str, float] = field(default_factory=dict)
    coarse: bool = False
    target: str = "ATE"
    reason: str = ""
    effective_n: float = float("nan")
    influence: np.ndarray | None = field(default=None, repr=False)

    def interval(self, level: float = 0.95) -> tuple[float, float]:
        """Confidence interval of the given level, in (0, 1)."""
        from scipy.stats import t

        half = float(t.ppf(0.5 + level / 2, self.dof)) * self.stderr
        return self.value - half, self.value + half

    def to_dict(self) -> dict[str, object]:
        """Plain numbers and text, for JSON."""
        lower, upper = self.interval()
        return {
            "value": self.value, "stderr": self.stderr, "lower": lower, "upper": upper, "level": 0.95,
            "n": self.n, "effective_n": None if np.isnan(self.effective_n) else self.effective_n, "unit": self.unit,
            "target": self.target, "method": self.method, "reason": self.reason, "n_clusters": dict(self.n_clusters),
            "diagnostics": dict(self.diagnostics), "estimand": self.estimand.to_dict(),
        }  # fmt: skip

    def __str__(self) -> str:
        lower, upper = self.interval()
        clusters = " and ".join(f"{count:,} {kind}" for kind, count in self.n_clusters.items())
        lines = [
            f"Effect of {' and '.join(self.estimand.treatment)} on {self.estimand.outcome}: "
            f"{self.value:+.4f} ± {self.stderr:.4f} (95% {lower:+.4f} to {upper:+.4f}), {self.unit}",
            f"  adjusted for {', '.join(self.estimand.adjustment) or 'nothing'}",
            f"  {self.method}; {self.n:,} units" + (f"; errors clustered by {clusters}" if clusters else ""),
        ]
        if self.reason:
            lines[-1] += f"; chosen because {self.reason}"
        if self.target != "ATE":
            lines.append(f"  target: {self.target}")
        if self.estimand.selected:
            lines.append(f"  among units selected by {', '.join(self.estimand.selected)} only")
        return "\n".join(lines)
