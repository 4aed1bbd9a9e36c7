"""A ratio of risks or of odds, and what stands behind it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from causalrec.estimation.uncertainty.confidence_levels import refuse_level
from causalrec.estimation.written import Written, percent, row_remarks
from causalrec.identification import Estimand

__all__ = ["RatioEstimate"]


@dataclass(frozen=True, slots=True, eq=False)
class RatioEstimate(Written):
    """A ratio between the risks had everybody, and had nobody, of the target been treated.

    It is marginal: over the covariates of the target, not within them. A risk ratio within covariates that
    is the same for all is the marginal one too; an odds ratio within covariates, which a logistic regression
    gives, is further from 1 than the marginal one even without confounding.

    Attributes
    ----------
    kind : {"risk ratio", "odds ratio"}
    value : float
        Above 0; 1 says no effect.
    log_stderr : float
        Standard error of the logarithm of `value` (delta method).
    risks : pair of float
        Probability of the outcome untreated and treated, in (0, 1).
    n : int
        Number of units.
    dof : float
        Degrees of freedom of the t distribution of `interval`.
    target : str
        Whose risks: "ATE" of all, "ATT" of the treated, "ATO" where both treatments are likely.
    method : str
    n_clusters : mapping of str to int
    estimand : Estimand, optional
        What was estimated; None for a ratio taken from a fitted estimator, which knows no graph.
    reason : str
        Why this estimator was taken, where nobody chose it.
    diagnostics : mapping of str to float
    notes : tuple of str
        What a reader must know before trusting the error, one sentence each.
    n_dropped : int
        Rows that were left out because a value was missing.
    dropped, filled : mapping of str to int
        Missing values by column: of the rows that were left out, and those that were filled in.
    """

    kind: str
    value: float
    log_stderr: float
    risks: tuple[float, float]
    n: int
    dof: float
    target: str
    method: str
    n_clusters: Mapping[str, int] = field(default_factory=dict)
    estimand: Estimand | None = None
    reason: str = ""
    diagnostics: Mapping[str, float] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    n_dropped: int = 0
    dropped: Mapping[str, int] = field(default_factory=dict)
    filled: Mapping[str, int] = field(default_factory=dict)

    @property
    def stderr(self) -> float:
        """Standard error of `value`; intervals come from the logarithm's."""
        return self.value * self.log_stderr

    def interval(self, level: float = 0.95) -> tuple[float, float]:
        """Confidence interval of the given level, in (0, 1); symmetric on the logarithm, so within 0 and inf."""
        from scipy.stats import t

        refuse_level(level)
        half = float(t.ppf(0.5 + level / 2, self.dof)) * self.log_stderr
        return self.value * float(np.exp(-half)), self.value * float(np.exp(half))

    def to_dict(self, level: float = 0.95) -> dict[str, Any]:
        """Plain numbers and text, for JSON."""
        lower, upper = self.interval(level)
        return {
            "kind": self.kind, "value": self.value, "stderr": self.stderr, "log_stderr": self.log_stderr,
            "lower": lower, "upper": upper, "level": level, "risks": list(self.risks), "n": self.n,
            "target": self.target, "method": self.method, "reason": self.reason,
            "n_clusters": dict(self.n_clusters), "diagnostics": dict(self.diagnostics),
            "notes": list(self.notes), "n_dropped": self.n_dropped,
            "dropped": dict(self.dropped), "filled": dict(self.filled),
            "estimand": None if self.estimand is None else self.estimand.to_dict(),
        }  # fmt: skip

    def _rows(self, level: float) -> list[dict[str, str]]:
        lower, upper = self.interval(level)
        return [{
            "effect": self._subject or "treated on untreated", "scale": self.kind, "estimate": f"{self.value:.4f}",
            f"{percent(level)} interval": f"{lower:.4f} to {upper:.4f}", "risk untreated": f"{self.risks[0]:.4f}",
            "risk treated": f"{self.risks[1]:.4f}", "target": self.target, "units": f"{self.n:,}",
            "clusters": self._clusters or "none", "method": self.method,
        }]  # fmt: skip

    def _remarks(self) -> list[str]:
        selected = self.estimand.selected if self.estimand else ()
        among = [f"among units selected by {', '.join(selected)} only"] if selected else []
        return [*among, *row_remarks(self.n_dropped, self.dropped, self.filled, self.notes)]

    def __str__(self) -> str:
        lower, upper = self.interval()
        name = f"{self.kind[0].upper()}{self.kind[1:]}"
        adjusted = f"  adjusted for {', '.join(self.estimand.adjustment) or 'nothing'}" if self.estimand else ""
        clusters = f"; errors clustered by {self._clusters}" if self.n_clusters else ""
        chosen = f"; chosen because {self.reason}" if self.reason else ""
        lines = [
            f"{name}{f' of {self._subject}:' if self._subject else ''} {self.value:.4f} "
            f"(95% {lower:.4f} to {upper:.4f}; {self.target}, marginal)",
            f"  risk {self.risks[0]:.4f} untreated, {self.risks[1]:.4f} treated",
            *([adjusted] if adjusted else []),
            f"  {self.method}; {self.n:,} units{clusters}{chosen}",
            *(f"  {remark}" for remark in self._remarks()),
        ]
        return "\n".join(lines)

    @property
    def _subject(self) -> str:
        return f"{' and '.join(self.estimand.treatment)} on {self.estimand.outcome}" if self.estimand else ""
