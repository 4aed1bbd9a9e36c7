"""Means under regimes, and their differences."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from causalrec.errors import DataError
from causalrec.estimation.effect import EffectEstimate
from causalrec.estimation.longitudinal.sequential_design import plan_estimand
from causalrec.estimation.uncertainty.half_widths import half_width
from causalrec.estimation.written import Written, decimals, percent
from causalrec.identification import SequentialPlan

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["RegimeEffects"]


@dataclass(frozen=True, slots=True, eq=False)
class RegimeEffects(Written):
    """Mean outcome of all units if treatments were set by each regime.

    Attributes
    ----------
    plan : SequentialPlan
    regimes : tuple of str, length k
    value : float64, shape (k,)
        In the outcome's unit.
    covariance : float64, shape (k, k)
    dof : float
    n : int
    method, unit : str
    influence : float64, shape (n, k), or None
        None where the error is from a bootstrap.
    n_clusters : mapping of str to int
    diagnostics : mapping of str to float
    notes : tuple of str
    """

    plan: SequentialPlan
    regimes: tuple[str, ...]
    value: np.ndarray
    covariance: np.ndarray
    dof: float
    n: int
    method: str
    unit: str = "outcome"
    influence: np.ndarray | None = None
    n_clusters: Mapping[str, int] = field(default_factory=dict)
    diagnostics: Mapping[str, float] = field(default_factory=dict)
    notes: tuple[str, ...] = ()

    @property
    def stderr(self) -> np.ndarray:
        """Standard error of each mean, shape (k,)."""
        return np.sqrt(np.diag(self.covariance))

    def interval(self, level: float = 0.95) -> tuple[np.ndarray, np.ndarray]:
        """Lower and upper ends, each (k,)."""
        half = half_width(level, self.dof) * self.stderr
        return self.value - half, self.value + half

    def difference(self, first: str | None = None, second: str | None = None) -> EffectEstimate:
        """Mean under one regime less that under another; the first less the last where they are not named.

        Raises
        ------
        DataError : a regime that was not asked for.
        """
        pair = (self.regimes[0] if first is None else first, self.regimes[-1] if second is None else second)
        if unknown := [name for name in pair if name not in self.regimes]:
            raise DataError(f"There is no regime {unknown[0]!r}; there are {', '.join(map(repr, self.regimes))}.")
        contrast = np.zeros(len(self.regimes))
        for name, sign in zip(pair, (1.0, -1.0), strict=True):
            contrast[self.regimes.index(name)] += sign
        return EffectEstimate(
            float(contrast @ self.value), float(np.sqrt(max(0.0, contrast @ self.covariance @ contrast))), self.n,
            self.dof, self.method, plan_estimand(self.plan), self.unit, dict(self.n_clusters), dict(self.diagnostics),
            target=f"{pair[0]} against {pair[1]}", notes=self.notes,
            influence=None if self.influence is None else self.influence @ contrast,
        )  # fmt: skip

    def to_frame(self, level: float = 0.95) -> pd.DataFrame:
        """One row a regime."""
        import pandas as pd

        lower, upper = self.interval(level)
        columns = {"regime": self.regimes, "value": self.value, "stderr": self.stderr, "lower": lower, "upper": upper}
        return pd.DataFrame(columns)

    def to_dict(self, level: float = 0.95) -> dict[str, Any]:
        """Plain numbers and text."""
        lower, upper = self.interval(level)
        return {
            "treatment": list(self.plan.treatment), "outcome": list(self.plan.outcome),
            "adjustment": [list(names) for names in self.plan.adjustment], "regimes": list(self.regimes),
            "value": self.value.tolist(), "stderr": self.stderr.tolist(), "lower": lower.tolist(),
            "upper": upper.tolist(), "level": level, "n": self.n, "dof": self.dof, "method": self.method,
            "unit": self.unit, "n_clusters": dict(self.n_clusters), "diagnostics": dict(self.diagnostics),
            "notes": list(self.notes),
        }  # fmt: skip

    def _rows(self, level: float) -> list[dict[str, str]]:
        lower, upper = self.interval(level)
        digits = decimals(float(self.stderr.min()))
        return [
            {"regime": name, "mean": f"{value:.{digits}f}", "standard error": f"{error:.{digits}f}",
             f"{percent(level)} interval": f"{low:.{digits}f} to {high:.{digits}f}"}
            for name, value, error, low, high in zip(self.regimes, self.value, self.stderr, lower, upper, strict=True)
        ]  # fmt: skip

    def _remarks(self) -> list[str]:
        clusters = f"; errors clustered by {self._clusters}" if self.n_clusters else ""
        among = [f"among units selected by {', '.join(self.plan.selected)} only"] if self.plan.selected else []
        return [f"{self.method}; {self.n:,} units{clusters}", *among, *(f"note: {note}" for note in self.notes)]

    def __str__(self) -> str:
        rows, wide = self._rows(0.95), max(map(len, self.regimes))
        lines = [f"Mean of {self.plan.outcome[0]} if {', then '.join(self.plan.treatment)} were set, {self.unit}"]
        lines += ["  {:<{wide}}  {:>9} ± {:<7}  95% {}".format(*row.values(), wide=wide) for row in rows]
        contrast = self.difference()
        low, high = contrast.interval()
        digits = decimals(contrast.stderr)
        said = (
            f"{contrast.value:+.{digits}f} ± {contrast.stderr:.{digits}f} (95% {low:+.{digits}f} to {high:+.{digits}f})"
        )
        return "\n".join([*lines, f"  {contrast.target}: {said}", *(f"  {remark}" for remark in self._remarks())])
