"""Effects by event time, cohort or period, as one table."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from causalrec.errors import EstimationError
from causalrec.estimation.uncertainty.half_widths import half_width
from causalrec.estimation.uncertainty.simultaneous import (
    EqualityTest,
    correlation_of,
    equality_test,
    simultaneous_level,
)

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["EffectsBy"]


@dataclass(frozen=True, slots=True, eq=False)
class EffectsBy:
    """Average effects on the treated, one for each event time, cohort or period.

    Attributes
    ----------
    by : str
        "event time", "cohort" or "period".
    at : tuple, length k
        Event times in periods since treatment started, or names of periods.
    value, stderr : float64, shape (k,)
        In the outcome's unit.
    covariance : float64, shape (k, k)
    n_treated : int64, shape (k,)
        Treated units behind each.
    dof : float
        Degrees of freedom of the t distribution of the intervals.
    """

    by: str
    at: tuple
    value: np.ndarray
    stderr: np.ndarray
    covariance: np.ndarray
    n_treated: np.ndarray
    dof: float

    def interval(self, level: float = 0.95) -> tuple[np.ndarray, np.ndarray]:
        """Lower and upper ends, each (k,); each interval holds its own truth with probability `level`."""
        half = half_width(level, self.dof) * self.stderr
        return self.value - half, self.value + half

    def band(self, level: float = 0.95) -> tuple[np.ndarray, np.ndarray]:
        """Lower and upper ends, each (k,), that hold all the truths together with probability `level`."""
        return self.interval(simultaneous_level(correlation_of(self.covariance), level))

    def zero_test(self) -> EqualityTest:
        """Wald's test that all of them are 0.

        Raises
        ------
        EstimationError : too few clusters for the joint error.
        """
        k = len(self.value)
        padded = np.zeros((k + 1, k + 1))
        padded[1:, 1:] = self.covariance
        try:
            return equality_test(np.append(0.0, self.value), padded, self.dof)
        except EstimationError:
            raise EstimationError(
                f"There are {k} effects by {self.by} and {self.dof + 1:,.0f} units or clusters, too few for their "
                f"joint error. Look at their intervals, or take fewer periods."
            ) from None

    def where(self, chosen: np.ndarray) -> EffectsBy:
        """Some of them; `chosen` is a bool mask, shape (k,)."""
        at = tuple(name for name, keep in zip(self.at, chosen, strict=True) if keep)
        square = self.covariance[np.ix_(chosen, chosen)]
        return EffectsBy(self.by, at, self.value[chosen], self.stderr[chosen], square, self.n_treated[chosen], self.dof)

    def to_frame(self, level: float = 0.95) -> pd.DataFrame:
        """One row each: value, error, interval, simultaneous band, treated units."""
        import pandas as pd

        return pd.DataFrame({self.by: self.at, **self._columns(level)})

    def _columns(self, level: float) -> dict[str, Any]:
        (lower, upper), (low, high) = self.interval(level), self.band(level)
        return {
            "value": self.value, "stderr": self.stderr, "lower": lower, "upper": upper, "band_lower": low,
            "band_upper": high, "n_treated": self.n_treated,
        }  # fmt: skip

    def __str__(self) -> str:
        (lower, upper), (low, high) = self.interval(), self.band()
        rows = zip(self.at, self.value, self.stderr, lower, upper, low, high, self.n_treated, strict=True)
        wide = max(len(self.by), *(len(str(name)) for name in self.at))
        head = f"{self.by:>{wide}}    effect    stderr     95% interval          95% band, all      treated"
        lines = [
            f"{name!s:>{wide}}  {value:>8.4g}  {error:>8.3g}  {a:>9.4g} to {b:<9.4g} {c:>9.4g} to {d:<9.4g} {n:>8,}"
            for name, value, error, a, b, c, d, n in rows
        ]
        return "\n".join([head, *lines])
