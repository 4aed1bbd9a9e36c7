"""Effect of one node on another, by the tables of a network."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from causalrec.estimation.written import Written, decimals, percent
from causalrec.structural.bayesian_network.distribution import STATED, conditions, quantiles
from causalrec.structural.bayesian_network.structure import Level

__all__ = ["NetworkEffect"]


@dataclass(frozen=True, slots=True, eq=False)
class NetworkEffect(Written):
    """E[outcome | do(treatment = to)] - E[outcome | do(treatment = from)].

    Attributes
    ----------
    value : float
        In the outcome's unit.
    stderr : float or None
        Standard deviation over the posterior of the tables; None where these were stated by hand.
    treatment, outcome : str
    levels : (level, level)
        Treatment from which and to which.
    means : (float, float)
        Mean outcome under either; each has its error in `means_stderr`.
    means_stderr : (float, float) or None
    n : float
        Units that the tables were learned from; 0 where they were stated.
    evidence : mapping of str to level
        Units among which it was asked for.
    draws : float64, shape (n_draws,), or None
        The effect under each draw of the tables.
    """

    value: float
    stderr: float | None
    treatment: str
    outcome: str
    levels: tuple[Level, Level]
    means: tuple[float, float]
    means_stderr: tuple[float, float] | None
    n: float
    evidence: Mapping[str, Level] = field(default_factory=dict)
    draws: np.ndarray | None = field(default=None, repr=False)

    def interval(self, level: float = 0.95) -> tuple[float, float]:
        """Credible interval by quantiles of the draws."""
        lower, upper = quantiles(self.draws, level)
        return float(lower), float(upper)

    def to_dict(self, level: float = 0.95) -> dict[str, Any]:
        """Plain numbers and text."""
        ends = (None, None) if self.draws is None else self.interval(level)
        return {
            "value": self.value, "stderr": self.stderr, "lower": ends[0], "upper": ends[1], "level": level,
            "treatment": self.treatment, "outcome": self.outcome, "levels": list(self.levels),
            "means": list(self.means), "means_stderr": None if self.means_stderr is None else list(self.means_stderr),
            "n": self.n, "evidence": dict(self.evidence),
        }  # fmt: skip

    def _rows(self, level: float) -> list[dict[str, str]]:
        digits = decimals(self.stderr or 0.0)
        row = {"effect": self._subject, "estimate": f"{self.value:+.{digits}f}"}
        if self.stderr is not None:
            row |= {"standard error": f"{self.stderr:.{digits}f}", f"{percent(level)} interval": self._ends(level)}
        return [{**row, "units": f"{self.n:,.0f}"}]

    def _remarks(self) -> list[str]:
        return [STATED] if self.draws is None else []

    def __str__(self) -> str:
        digits = decimals(self.stderr or 0.0)
        error = "" if self.stderr is None else f" ± {self.stderr:.{digits}f} (95% {self._ends(0.95)})"
        units = (
            f"  tables learned from {self.n:,.0f} units; the graph is taken as true" if self.draws is not None else ""
        )
        lines = [f"Effect of {self._subject}: {self.value:+.{digits}f}{error}", units]
        return "\n".join([*filter(None, lines), *(f"  {remark}" for remark in self._remarks())])

    @property
    def _subject(self) -> str:
        low, high = self.levels
        return f"{self.treatment} from {low} to {high} on {self.outcome}{conditions((), self.evidence, {})}"

    def _ends(self, level: float) -> str:
        digits = decimals(self.stderr or 0.0)
        lower, upper = self.interval(level)
        return f"{lower:+.{digits}f} to {upper:+.{digits}f}"
