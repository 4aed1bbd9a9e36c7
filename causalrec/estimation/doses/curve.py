"""Mean outcomes at several doses, with intervals at each and for all of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from causalrec.estimation.uncertainty.confidence_levels import refuse_level
from causalrec.estimation.uncertainty.simultaneous import correlation_of, simultaneous_level
from causalrec.estimation.written import Written, percent, row_remarks
from causalrec.identification import Estimand

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure

__all__ = ["DoseCurve"]


@dataclass(frozen=True, slots=True, eq=False)
class DoseCurve(Written):
    """Dose-response curve at several doses.

    What the intervals cover is the curve as the kernel smooths it, over `bandwidth` to both sides of a dose.

    Attributes
    ----------
    doses : float64, shape (k,)
        In ascending order.
    value : float64, shape (k,)
        Mean outcome had everybody had the dose, in `unit`.
    covariance : float64, shape (k, k)
        Joint covariance of `value`.
    local_n : float64, shape (k,)
        Effective number of units around each dose.
    reference : float
        Dose that differences are to, one of `doses`.
    bandwidth : float
        In the unit of the dose.
    n : int
    dof : float
        Degrees of freedom of the t distribution of intervals.
    method : str
    estimand : Estimand
    unit : str
        Unit of the outcome.
    n_clusters : mapping of str to int
    diagnostics : mapping of str to float
    reason : str
    notes : tuple of str
        What a reader must know before trusting the error, one sentence each.
    n_dropped : int
        Rows that were left out because a value was missing.
    dropped, filled : mapping of str to int
        Missing values by column: of the rows that were left out, and those that were filled in.
    """

    doses: np.ndarray
    value: np.ndarray
    covariance: np.ndarray
    local_n: np.ndarray
    reference: float
    bandwidth: float
    n: int
    dof: float
    method: str
    estimand: Estimand
    unit: str = "outcome"
    n_clusters: Mapping[str, int] = field(default_factory=dict)
    diagnostics: Mapping[str, float] = field(default_factory=dict)
    reason: str = ""
    notes: tuple[str, ...] = ()
    n_dropped: int = 0
    dropped: Mapping[str, int] = field(default_factory=dict)
    filled: Mapping[str, int] = field(default_factory=dict)

    @property
    def stderr(self) -> np.ndarray:
        """Standard error of `value`; float64, shape (k,)."""
        return np.sqrt(np.diag(self.covariance))

    @property
    def difference(self) -> np.ndarray:
        """Value less that at the reference, 0 there; float64, shape (k,)."""
        return self._contrasts() @ self.value

    @property
    def difference_covariance(self) -> np.ndarray:
        """Joint covariance of `difference`; float64, shape (k, k)."""
        return self._contrasts() @ self.covariance @ self._contrasts().T

    @property
    def difference_stderr(self) -> np.ndarray:
        """Standard error of `difference`; float64, shape (k,)."""
        return np.sqrt(np.maximum(np.diag(self.difference_covariance), 0.0))

    def intervals(self, level: float = 0.95, *, simultaneous: bool = False) -> np.ndarray:
        """Interval of the mean outcome at each dose; float64, shape (k, 2).

        Each holds with probability `level` by itself or, where `simultaneous`, all of them together do.
        """
        return self._bands(self.value, self.covariance, level, simultaneous)

    def difference_intervals(self, level: float = 0.95, *, simultaneous: bool = False) -> np.ndarray:
        """The same of the differences to the reference dose."""
        return self._bands(self.difference, self.difference_covariance, level, simultaneous)

    def to_frame(self, level: float = 0.95) -> pd.DataFrame:
        """One row a dose: mean outcome and difference to the reference, each with both intervals."""
        import pandas as pd

        columns = {"dose": self.doses, "value": self.value, "stderr": self.stderr, "local_n": self.local_n}
        own, joint = self.intervals(level), self.intervals(level, simultaneous=True)
        columns |= {"lower": own[:, 0], "upper": own[:, 1], "joint_lower": joint[:, 0], "joint_upper": joint[:, 1]}
        own = self.difference_intervals(level)
        joint = self.difference_intervals(level, simultaneous=True)
        columns |= {"difference": self.difference, "difference_stderr": self.difference_stderr}
        columns |= {"difference_lower": own[:, 0], "difference_upper": own[:, 1]}
        return pd.DataFrame(
            columns | {"difference_joint_lower": joint[:, 0], "difference_joint_upper": joint[:, 1]}
        )  # fmt: skip

    def to_dict(self, level: float = 0.95) -> dict[str, Any]:
        """Plain numbers and text."""
        return {
            "doses": self.to_frame(level).to_dict(orient="records"), "covariance": self.covariance.tolist(),
            "reference": self.reference, "bandwidth": self.bandwidth, "n": self.n, "unit": self.unit,
            "method": self.method, "reason": self.reason, "n_clusters": dict(self.n_clusters),
            "notes": list(self.notes), "n_dropped": self.n_dropped,
            "dropped": dict(self.dropped), "filled": dict(self.filled),
            "diagnostics": dict(self.diagnostics), "estimand": self.estimand.to_dict(),
        }  # fmt: skip

    def draw(self, *, title: str = "") -> Figure:
        """The curve with its intervals and the band in which all of it lies, as a matplotlib figure."""
        from causalrec.charts.dose import dose_chart

        own, joint = self.intervals(), self.intervals(simultaneous=True)
        return dose_chart(
            self.doses, self.value, own[:, 0], own[:, 1], joint[:, 0], joint[:, 1],
            dose_name=" and ".join(self.estimand.treatment), unit=f"{self.estimand.outcome} ({self.unit})", title=title,
        )  # fmt: skip

    def _rows(self, level: float) -> list[dict[str, str]]:
        own, joint = self.intervals(level), self.difference_intervals(level, simultaneous=True)
        dose, less = " and ".join(self.estimand.treatment), f"less that at {self.reference:.4g}"
        return [
            {
                dose: f"{self.doses[k]:.4g}", "mean": f"{self.value[k]:.4f}",
                "standard error": f"{self.stderr[k]:.4f}",
                f"{percent(level)} interval": f"{own[k, 0]:.4f} to {own[k, 1]:.4f}", less: f"{self.difference[k]:+.4f}",
                f"{percent(level)} for all": f"{joint[k, 0]:+.4f} to {joint[k, 1]:+.4f}",
            }
            for k in range(len(self.doses))
        ]  # fmt: skip

    def __str__(self) -> str:
        treatment = " and ".join(self.estimand.treatment)
        width = max(len(treatment), 8)
        lines = [
            f"Mean {self.estimand.outcome} by dose of {treatment}, {self.unit}",
            f"  {treatment:>{width}}  {'mean':>18}  {'95%':^20}  {f'less that at {self.reference:.4g}':>18}  "
            f"{'all of them, 95%':^20}",
        ]
        joint = self.difference_intervals(simultaneous=True)
        rows = zip(self.doses, self.value, self.stderr, self.intervals(), strict=True)
        for at, (dose, value, stderr, (low, high)) in enumerate(rows):
            gap, error = self.difference[at], self.difference_stderr[at]
            wide = f"{joint[at, 0]:+.4f} to {joint[at, 1]:+.4f}" if dose != self.reference else "reference"
            more = f"{gap:>+8.4f} ± {error:.4f}" if dose != self.reference else ""
            lines.append(
                f"  {dose:>{width}.4g}  {value:>8.4f} ± {stderr:.4f}  {f'{low:.4f} to {high:.4f}':^20}  {more:>18}  "
                f"{wide:^20}".rstrip()
            )
        return "\n".join([*lines, *(f"  {remark}" for remark in self._remarks())])

    def _remarks(self) -> list[str]:
        why = f"; chosen because {self.reason}" if self.reason else ""
        clusters = f"; errors clustered by {self._clusters}" if self.n_clusters else ""
        return [
            f"adjusted for {', '.join(self.estimand.adjustment) or 'nothing'}",
            f"{self.method}; {self.n:,} units{clusters}{why}",
            f"intervals are of the curve smoothed over {self.bandwidth:.3g} to both sides of a dose",
            *row_remarks(self.n_dropped, self.dropped, self.filled, self.notes),
        ]

    def _contrasts(self) -> np.ndarray:
        found = np.eye(len(self.doses))
        found[:, self.doses == self.reference] -= 1.0
        return found

    def _bands(self, value: np.ndarray, covariance: np.ndarray, level: float, simultaneous: bool) -> np.ndarray:
        from scipy.stats import t

        refuse_level(level)
        spread = np.sqrt(np.maximum(np.diag(covariance), 0.0))
        if simultaneous:
            seen = spread > 0
            level = simultaneous_level(correlation_of(covariance[np.ix_(seen, seen)]), level)
        half = float(t.ppf(0.5 + level / 2, self.dof)) * spread
        return np.column_stack([value - half, value + half])
