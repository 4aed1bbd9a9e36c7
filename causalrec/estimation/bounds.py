"""An effect that is known to lie between two numbers, and no better."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from causalrec.data.design import Design
from causalrec.errors import EstimationError, ShapeError
from causalrec.estimation.uncertainty.clusters import influence_covariance
from causalrec.estimation.uncertainty.confidence_levels import refuse_level
from causalrec.estimation.written import Written, decimals, percent

__all__ = ["Bounds", "bounds_of_influence"]

ROUNDING = 1e-9  # share of an end by which ends of no width may be out of order
N_DRAWS_LEAST = 20  # draws below which a percentile of 95% is a guess


@dataclass(frozen=True, slots=True, eq=False)
class Bounds(Written):
    """Estimated ends of the range in which an effect lies under an assumption; there is no point in it.

    Attributes
    ----------
    lower, upper : float
        In `unit`, with lower at most upper; an end may be infinite.
    assumption : str
        What has to hold for the range to hold the effect, in words.
    stderr_lower, stderr_upper : float
        Standard error of each end, 0 or more.
    unit : str
        Unit of the outcome.
    subject : str
        What is bounded, such as "shown on clicked".
    method : str
    n : int
        Number of units.
    dof : float
        Degrees of freedom of the t distribution of the ends; inf for the normal one.
    target : str
        Whose effect: "ATE" or "ATT".
    n_clusters : mapping of str to int
        Clusters that the errors allow for, by kind.
    notes : tuple of str
    draws : float64, shape (n_draws, 2), optional
        Both ends in each bootstrap sample; `interval` is then of their percentiles.

    Raises
    ------
    EstimationError : ends that are not numbers or out of order.
    ShapeError : draws that are not two columns, or fewer than 20.

    Examples
    --------
    >>> found = Bounds(0.1, 0.3, "the outcome is 0 or 1", 0.02, 0.02)
    >>> [round(end, 3) for end in found.interval()], found.width.__round__(1)
    ([0.067, 0.333], 0.2)
    """

    lower: float
    upper: float
    assumption: str
    stderr_lower: float
    stderr_upper: float
    unit: str = "outcome"
    subject: str = ""
    method: str = ""
    n: int = 0
    dof: float = math.inf
    target: str = "ATE"
    n_clusters: Mapping[str, int] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    draws: np.ndarray | None = field(default=None, repr=False)

    def __post_init__(self) -> None:
        if 0 < self.lower - self.upper <= ROUNDING * max(abs(self.lower), abs(self.upper)):
            object.__setattr__(self, "upper", self.lower)
        if not self.lower <= self.upper:
            raise EstimationError(
                f"The lower bound is {self.lower:g} and the upper one {self.upper:g}: they are no range. The data "
                f"contradict the assumption that {self.assumption}."
            )
        if not (self.stderr_lower >= 0 and self.stderr_upper >= 0):
            raise EstimationError(f"Standard errors of bounds are {self.stderr_lower:g} and {self.stderr_upper:g}.")
        if self.draws is not None and (self.draws.shape[1:] != (2,) or len(self.draws) < N_DRAWS_LEAST):
            raise ShapeError(f"`draws` {self.draws.shape} must be ({N_DRAWS_LEAST} or more, 2).")

    @property
    def width(self) -> float:
        """Upper less lower bound."""
        return self.upper - self.lower

    def interval(self, level: float = 0.95) -> tuple[float, float]:
        """Interval that holds the effect, wherever it lies between the bounds, with probability `level` or more.

        Narrower than one that would hold the whole range: only one end can miss where the bounds lie apart. As
        the range shrinks to a point it becomes the usual interval. With `draws`, percentiles of either end at
        (1 - level) / 2 (Zhao, Small, Bhattacharya 2019, J. Royal Statistical Society B 81(4)), which is wider.

        References
        ----------
        Imbens, Manski (2004), Econometrica 72(6).
        """
        refuse_level(level)
        if self.draws is not None:
            tail = (1 - level) / 2
            return float(np.quantile(self.draws[:, 0], tail)), float(np.quantile(self.draws[:, 1], 1 - tail))
        times = critical_value(self.width, max(self.stderr_lower, self.stderr_upper), level, self.dof)
        return self.lower - times * self.stderr_lower, self.upper + times * self.stderr_upper

    def covers(self, value: float, level: float = 0.95) -> bool:
        """Whether the interval holds a value."""
        lower, upper = self.interval(level)
        return lower <= value <= upper

    def to_dict(self, level: float = 0.95) -> dict[str, Any]:
        """Plain numbers and text; `interval_lower` and `interval_upper` are the ends of `interval(level)`."""
        lower, upper = self.interval(level)
        return {
            "lower": self.lower, "upper": self.upper, "assumption": self.assumption, "stderr_lower": self.stderr_lower,
            "stderr_upper": self.stderr_upper, "interval_lower": lower, "interval_upper": upper, "level": level,
            "unit": self.unit, "subject": self.subject, "target": self.target, "method": self.method, "n": self.n,
            "n_clusters": dict(self.n_clusters), "notes": list(self.notes),
        }  # fmt: skip

    def _rows(self, level: float) -> list[dict[str, str]]:
        return [{
            "effect": self.subject or "effect", "bounds": self._between(self.lower, self.upper),
            f"{percent(level)} interval": self._between(*self.interval(level)), "unit": self.unit,
            "target": self.target, "units": f"{self.n:,}", "clusters": self._clusters or "none",
            "assumption": self.assumption, "method": self.method,
        }]  # fmt: skip

    def _remarks(self) -> list[str]:
        return [f"note: {note}" for note in self.notes]

    def __str__(self) -> str:
        clusters = f"; errors clustered by {self._clusters}" if self.n_clusters else ""
        how = f"  {self.method}; {self.n:,} units{clusters}"
        return "\n".join([
            f"Effect{f' of {self.subject}' if self.subject else ''}: between {self.lower:+.{self._digits}f} and "
            f"{self.upper:+.{self._digits}f} (95% {self._between(*self.interval())}), {self.unit}",
            f"  assuming that {self.assumption}",
            *([how] if self.method else []),
            *([f"  target: {self.target}"] if self.target != "ATE" else []),
            *(f"  {remark}" for remark in self._remarks()),
        ])  # fmt: skip

    @property
    def _digits(self) -> int:
        return decimals(min((error for error in (self.stderr_lower, self.stderr_upper) if error > 0), default=0.0))

    def _between(self, lower: float, upper: float) -> str:
        return f"{lower:+.{self._digits}f} to {upper:+.{self._digits}f}"


def bounds_of_influence(
    ends: tuple[float, float], influence: np.ndarray, design: Design, assumption: str, *, n_parameters: int = 1,
    unit: str = "outcome", method: str = "", target: str = "ATE", notes: tuple[str, ...] = (),
) -> Bounds:  # fmt: skip
    """Bounds whose errors follow from the influence of each unit on either end, clustered as the design says.

    Parameters
    ----------
    ends : (float, float)
    influence : float64, shape (n, 2)
        Lower end first; an estimated end less the true one is about the mean of its column.
    design : Design
    assumption : str
    n_parameters : int
        What the ends cost, for the small-sample factor.
    """
    covariance, dof = influence_covariance(influence, design.clusters, n_parameters)
    errors = np.sqrt(np.diag(covariance))
    return Bounds(
        lower=float(ends[0]), upper=float(ends[1]), assumption=assumption, stderr_lower=float(errors[0]),
        stderr_upper=float(errors[1]), unit=unit, subject=design.treatment_names[0], method=method,
        n=design.n, dof=float(dof), target=target, n_clusters=design.n_clusters, notes=notes,
    )  # fmt: skip


def critical_value(width: float, stderr: float, level: float, dof: float = math.inf) -> float:
    """Standard errors to add at either end: F(c + width / stderr) - F(-c) = level, of the t distribution F.

    >>> [round(critical_value(width, 1.0, 0.95), 3) for width in (0.0, 1.0, 100.0)]
    [1.96, 1.681, 1.645]
    """
    from scipy.optimize import brentq
    from scipy.stats import t

    if stderr == 0 or width == math.inf:
        return float(t.ppf(level, dof))
    most = float(t.ppf(0.5 + level / 2, dof))
    least = float(t.ppf(level, dof))

    def gap(times: float) -> float:
        return float(t.cdf(times + width / stderr, dof) - t.cdf(-times, dof)) - level

    return least if gap(least) >= 0 else most if gap(most) <= 0 else float(brentq(gap, least, most, xtol=1e-12))
