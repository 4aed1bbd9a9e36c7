"""Effects of earlier treatments on today's outcome, as one table."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from causalrec.errors import EstimationError
from causalrec.estimation.event_study.effects_by import EffectsBy
from causalrec.estimation.longitudinal.lag_sum import LagSum
from causalrec.estimation.uncertainty.half_widths import half_width
from causalrec.estimation.uncertainty.simultaneous import EqualityTest

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure

__all__ = ["LagEffects"]

NOT_ZERO = 0.01  # p value of the leads below which a note says so
CLEAR = 3.0  # standard errors of the first effect from which a share of it is worth a number


@dataclass(frozen=True, slots=True, eq=False)
class LagEffects:
    """Effect on today's outcome of one more unit of treatment some periods ago, all other periods as they were.

    Attributes
    ----------
    treatment, outcome, time : str
    lags : tuple of int, length k
        Periods ago, ascending; negative ones are leads, treatments still to come, whose effect should be 0.
    value : float64, shape (k,)
        In the outcome's unit.
    covariance : float64, shape (k, k)
    dof : float
        Degrees of freedom of the t distribution of the intervals.
    n : int
        Rows, or units of a grid, with all their leads and lags known.
    method, unit : str
    n_clusters : mapping of str to int
    notes : tuple of str
    """

    treatment: str
    outcome: str
    time: str
    lags: tuple[int, ...]
    value: np.ndarray
    covariance: np.ndarray
    dof: float
    n: int
    method: str
    unit: str = "outcome"
    n_clusters: Mapping[str, int] = field(default_factory=dict)
    notes: tuple[str, ...] = ()

    @property
    def stderr(self) -> np.ndarray:
        """Standard error of each, shape (k,)."""
        return np.sqrt(np.diag(self.covariance))

    @property
    def total(self) -> LagSum:
        """Sum over all lags: what one period of treatment does in all, or a lasting one a period."""
        weights = (np.array(self.lags) >= 0).astype(float)
        return self._sum(f"total over {int(weights.sum())} {self.time}s", weights)

    @property
    def leads_test(self) -> EqualityTest | None:
        """Joint test that the leads are 0; None without leads, or with more of them than clusters."""
        chosen = np.array(self.lags) < 0
        if not chosen.any():
            return None
        part = EffectsBy("lag", self.lags, self.value, self.stderr, self.covariance, np.zeros(len(chosen)), self.dof)
        try:
            return part.where(chosen).zero_test()
        except EstimationError:
            return None

    def lead_notes(self) -> tuple[str, ...]:
        """What leads that are not 0 say of the rest; empty where they are 0, as far as can be told."""
        tested = self.leads_test
        if tested is None or tested.p_value >= NOT_ZERO:
            return ()
        largest = max((value for value, lag in zip(self.value, self.lags, strict=True) if lag < 0), key=abs)
        return (
            f"the leads are not 0 ({tested}), the largest being {largest:.2g}: treatments begin early, or answer to "
            f"something that is not held fixed, and the other effects may be off by as much",
        )

    def interval(self, level: float = 0.95) -> tuple[np.ndarray, np.ndarray]:
        """Lower and upper ends, each (k,); each interval holds its own truth with probability `level`."""
        half = half_width(level, self.dof) * self.stderr
        return self.value - half, self.value + half

    def cumulative(self) -> LagEffects:
        """Sums of the effects of lags 0 to each lag, with their errors; without the leads."""
        chosen = np.array(self.lags) >= 0
        adds = np.tril(np.ones((int(chosen.sum()),) * 2))
        return replace(
            self, lags=tuple(lag for lag in self.lags if lag >= 0), value=adds @ self.value[chosen],
            covariance=adds @ self.covariance[np.ix_(chosen, chosen)] @ adds.T,
            method=f"sums to each lag, {self.method}",
        )  # fmt: skip

    def paid_back(self) -> LagSum:
        """Share of the first period's effect that later periods take back; below 0 where they add to it.

        Less the sum of the effects of lags 1, 2, ..., over the effect of lag 0, with the error of that ratio (delta
        method).

        Raises
        ------
        EstimationError : no lags beside 0, or a first effect that is not clearly other than 0.
        """
        first, later = self.lags.index(0), np.array(self.lags) > 0
        if not later.any():
            raise EstimationError("Nothing can be paid back: only lag 0 was asked for. Take n_lags of 1 or more.")
        start, error = float(self.value[first]), float(self.stderr[first])
        if abs(start) < CLEAR * error:
            raise EstimationError(
                f"The first effect, {start:.3g} ± {error:.2g}, is not clearly other than 0, so a share of it says "
                f"nothing. Look at `total`."
            )
        share = -float(self.value[later].sum()) / start
        slope = -later.astype(float) / start
        slope[first] = -share / start
        stderr = float(np.sqrt(slope @ self.covariance @ slope))
        return LagSum("paid back", share, stderr, self.dof, f"of the effect in the first {self.time}")

    def chart(self, *, title: str = "") -> Figure:
        """Effects by lag and their running sum."""
        from causalrec.charts.lag_effects import lag_chart

        sums = self.cumulative()
        return lag_chart(
            self.lags, self.value, *self.interval(), sums.value, *sums.interval(), time=self.time, unit=self.unit,
            title=title or f"What {self.treatment} does to {self.outcome}, by {self.time}s since",
        )  # fmt: skip

    def to_frame(self, level: float = 0.95) -> pd.DataFrame:
        """One row a lag: effect, error, interval, and the sum of the effects up to it."""
        import pandas as pd

        sums = self.cumulative()
        (lower, upper), n_leads = self.interval(level), len(self.lags) - len(sums.lags)
        padded = {"cumulative": sums.value, "cumulative_stderr": sums.stderr}
        return pd.DataFrame({
            "lag": self.lags, "value": self.value, "stderr": self.stderr, "lower": lower, "upper": upper,
            **{name: np.append(np.full(n_leads, np.nan), column) for name, column in padded.items()},
        })  # fmt: skip

    def to_dict(self, level: float = 0.95) -> dict[str, Any]:
        """Plain numbers and text."""
        lower, upper = self.interval(level)
        return {
            "treatment": self.treatment, "outcome": self.outcome, "time": self.time, "lags": list(self.lags),
            "value": self.value.tolist(), "stderr": self.stderr.tolist(), "lower": lower.tolist(),
            "upper": upper.tolist(), "level": level, "total": self.total.to_dict(level), "n": self.n, "dof": self.dof,
            "method": self.method, "unit": self.unit, "n_clusters": dict(self.n_clusters), "notes": list(self.notes),
        }  # fmt: skip

    def _sum(self, what: str, weights: np.ndarray) -> LagSum:
        variance = float(weights @ self.covariance @ weights)
        return LagSum(what, float(weights @ self.value), float(np.sqrt(variance)), self.dof, self.unit)

    def __str__(self) -> str:
        (lower, upper), sums = self.interval(), self.cumulative()
        running = dict(zip(sums.lags, zip(sums.value, sums.stderr, strict=True), strict=True))
        clusters = " and ".join(f"{count:,} {kind}" for kind, count in self.n_clusters.items())
        head = f"{self.time + 's ago':>10}    effect    stderr     95% interval           sum so far"
        lines = [f"Effect of {self.treatment} on {self.outcome}, {self.unit}", head]
        for lag, value, error, a, b in zip(self.lags, self.value, self.stderr, lower, upper, strict=True):
            added = f"{running[lag][0]:>9.4g} ± {running[lag][1]:.2g}" if lag in running else "     lead"
            lines.append(f"{lag:>10}  {value:>8.4g}  {error:>8.3g}  {a:>9.4g} to {b:<9.4g} {added}")
        lines.append(str(self.total))
        tested = self.leads_test
        lines += [f"all leads are 0: {tested}"] if tested else []
        lines.append(f"{self.method}; {self.n:,} units; errors clustered by {clusters or 'nothing'}")
        return "\n".join([*lines, *(f"note: {note}" for note in self.notes)])
