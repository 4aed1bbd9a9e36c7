"""One number, its error, and what stands behind it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from causalrec.estimation.uncertainty.confidence_levels import refuse_level
from causalrec.estimation.uncertainty.half_widths import half_width
from causalrec.estimation.written import Written, decimals, percent, row_remarks
from causalrec.identification import Estimand

if TYPE_CHECKING:
    import pandas as pd

    from causalrec.estimation.recipe import Recipe
    from causalrec.estimation.uncertainty.wild_bootstrap import WildTest

__all__ = ["EffectEstimate"]


@dataclass(frozen=True, slots=True, eq=False)
class EffectEstimate(Written):
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
    n_dropped : int
        Rows that were left out because a value was missing.
    dropped, filled : mapping of str to int
        Missing values by column: of the rows that were left out, and those that were filled in.
    notes : tuple of str
        What a reader must know before trusting the error, one sentence each: few clusters, a treatment that
        groups share.
    bootstrap : WildTest, optional
        The wild cluster bootstrap, where it gives the interval in place of the t distribution.
    recipe : Recipe, optional
        How it was estimated, for whoever estimates it again on other rows.
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
    n_dropped: int = 0
    dropped: Mapping[str, int] = field(default_factory=dict)
    filled: Mapping[str, int] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    bootstrap: WildTest | None = field(default=None, repr=False)
    recipe: Recipe | None = field(default=None, repr=False)

    def interval(self, level: float = 0.95) -> tuple[float, float]:
        """Confidence interval of the given level, in (0, 1).

        Of the t distribution, or, where clusters are few, the effects that the wild cluster bootstrap does not
        reject; that one need not be symmetric, and an end can be infinite.
        """
        refuse_level(level)
        if self.bootstrap is not None:
            return self.bootstrap.interval(float(level))
        half = half_width(level, self.dof) * self.stderr
        return self.value - half, self.value + half

    def to_dict(self, level: float = 0.95) -> dict[str, Any]:
        """Plain numbers and text."""
        lower, upper = self.interval(level)
        return {
            "value": self.value, "stderr": self.stderr, "lower": lower, "upper": upper, "level": level,
            "n": self.n, "effective_n": None if np.isnan(self.effective_n) else self.effective_n, "unit": self.unit,
            "target": self.target, "method": self.method, "reason": self.reason, "n_clusters": dict(self.n_clusters),
            "n_dropped": self.n_dropped, "dropped": dict(self.dropped), "filled": dict(self.filled),
            "notes": list(self.notes), "diagnostics": dict(self.diagnostics), "estimand": self.estimand.to_dict(),
        }  # fmt: skip

    def to_frame(self, level: float = 0.95) -> pd.DataFrame:
        """One row of a pandas table; names of several treatments or columns are joined by commas."""
        import pandas as pd

        values = self.to_dict(level)
        estimand = values.pop("estimand")
        named = {name: estimand[name] for name in ("treatment", "outcome", "adjustment")}
        plain = {name: value for name, value in values.items() if name != "diagnostics"}
        return pd.DataFrame([{name: _cell(value) for name, value in {**named, **plain}.items()}])

    def _rows(self, level: float) -> list[dict[str, str]]:
        digits = decimals(self.stderr)
        return [{
            "effect": self._subject, "estimate": f"{self.value:+.{digits}f}",
            "standard error": f"{self.stderr:.{digits}f}", f"{percent(level)} interval": self._ends(level),
            "unit": self.unit, "target": self.target, "units": f"{self.n:,}", "clusters": self._clusters or "none",
            "method": self.method,
        }]  # fmt: skip

    def _remarks(self) -> list[str]:
        selected = self.estimand.selected
        among = [f"among units selected by {', '.join(selected)} only"] if selected else []
        return [*among, *row_remarks(self.n_dropped, self.dropped, self.filled, self.notes)]

    def __str__(self) -> str:
        digits = decimals(self.stderr)
        clusters = f"; errors clustered by {self._clusters}" if self.n_clusters else ""
        chosen = f"; chosen because {self.reason}" if self.reason else ""
        lines = [
            f"Effect of {self._subject}: {self.value:+.{digits}f} ± {self.stderr:.{digits}f} "
            f"(95% {self._ends(0.95)}), {self.unit}",
            f"  adjusted for {', '.join(self.estimand.adjustment) or 'nothing'}",
            f"  {self.method}; {self.n:,} units{clusters}{chosen}",
            *([f"  target: {self.target}"] if self.target != "ATE" else []),
            *(f"  {remark}" for remark in self._remarks()),
        ]
        return "\n".join(lines)

    @property
    def _subject(self) -> str:
        return f"{' and '.join(self.estimand.treatment)} on {self.estimand.outcome}"

    def _ends(self, level: float) -> str:
        digits = decimals(self.stderr)
        lower, upper = self.interval(level)
        return f"{lower:+.{digits}f} to {upper:+.{digits}f}"


def _cell(value: Any) -> Any:
    if isinstance(value, Mapping):
        return ", ".join(f"{name} {count}" for name, count in value.items())
    return ", ".join(map(str, value)) if isinstance(value, list | tuple) else value
