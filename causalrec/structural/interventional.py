"""`InterventionalEffect`: what setting one node does to the mean of another."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from causalrec.estimation.uncertainty.confidence_levels import refuse_level
from causalrec.estimation.written import Written, decimals, percent
from causalrec.structural.mechanisms.neural import SMOOTHED, Neural

__all__ = ["NOTED", "InterventionalEffect"]

NOTED = 0.1  # share outside of support that a reader is told of: fresh noise alone leaves the range now and then


@dataclass(frozen=True, slots=True, eq=False)
class InterventionalEffect(Written):
    """E[outcome | do(treatment = to)] - E[outcome | do(treatment = start)] of a structural model.

    Attributes
    ----------
    treatment, outcome : str
    start, to : value of the treatment
    value, stderr : float
        In the outcome's unit. The error is the spread over the model fitted again on resampled rows or clusters, and
        has the error of simulation in it.
    n, n_refits, n_samples : int
        Rows fitted, resamples, simulated units.
    n_clusters : mapping of str to int
    extrapolated : mapping of str to float
        Node -> share of the simulated units whose parents are outside of what its mechanism was fitted on.
    mechanisms : mapping of str to str
        Node between the two, or the outcome -> its mechanism.
    """

    treatment: str
    outcome: str
    start: Any
    to: Any
    value: float
    stderr: float
    n: int
    n_refits: int
    n_samples: int
    n_clusters: Mapping[str, int] = field(default_factory=dict)
    extrapolated: Mapping[str, float] = field(default_factory=dict)
    mechanisms: Mapping[str, str] = field(default_factory=dict)

    def interval(self, level: float = 0.95) -> tuple[float, float]:
        """Confidence interval of the given level, in (0, 1), of the t distribution with refits less one."""
        refuse_level(level)
        from scipy.stats import t

        half = float(t.ppf(0.5 + level / 2, self.n_refits - 1)) * self.stderr
        return self.value - half, self.value + half

    def to_dict(self, level: float = 0.95) -> dict[str, Any]:
        """Plain numbers and text."""
        lower, upper = self.interval(level)
        names = ("treatment", "outcome", "start", "to", "value", "stderr", "n", "n_refits", "n_samples")
        return {
            **{name: getattr(self, name) for name in names}, "lower": lower, "upper": upper, "level": level,
            "n_clusters": dict(self.n_clusters), "extrapolated": dict(self.extrapolated),
            "mechanisms": dict(self.mechanisms),
        }  # fmt: skip

    def _rows(self, level: float) -> list[dict[str, str]]:
        digits = decimals(self.stderr)
        return [{
            "effect": self._subject, "estimate": f"{self.value:+.{digits}f}",
            "standard error": f"{self.stderr:.{digits}f}", f"{percent(level)} interval": self._ends(level),
            "rows": f"{self.n:,}", "refits": f"{self.n_refits}",
        }]  # fmt: skip

    def _remarks(self) -> list[str]:
        if not self.mechanisms:
            return [f"0 by the graph: no directed path leads from {self.treatment} to {self.outcome}"]
        by = ", ".join(f"{node}: {name}" for node, name in self.mechanisms.items())
        outside = ", ".join(f"{node} {share:.1%}" for node, share in self.extrapolated.items() if share > NOTED)
        smoothed = [SMOOTHED] if Neural.name in self.mechanisms.values() else []
        beyond = [f"extrapolated: {outside} of the simulated units"] if outside else []
        return [f"mechanisms: {by}", *beyond, *smoothed]

    def __str__(self) -> str:
        digits = decimals(self.stderr)
        clusters = f"; resampled by {self._clusters}" if self.n_clusters else ""
        return "\n".join([
            f"Effect of {self._subject}: {self.value:+.{digits}f} ± {self.stderr:.{digits}f} (95% {self._ends(0.95)})",
            f"  structural model; {self.n:,} rows, {self.n_refits} refits, "
            f"{self.n_samples:,} simulated units{clusters}",
            *(f"  {remark}" for remark in self._remarks()),
        ])  # fmt: skip

    @property
    def _subject(self) -> str:
        return f"{self.treatment} from {self.start} to {self.to} on {self.outcome}"

    def _ends(self, level: float) -> str:
        lower, upper = self.interval(level)
        digits = decimals(self.stderr)
        return f"{lower:+.{digits}f} to {upper:+.{digits}f}"
