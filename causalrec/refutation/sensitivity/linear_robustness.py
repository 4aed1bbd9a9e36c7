"""A least squares estimate under hidden confounders of any strength."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from causalrec.errors import DataError, EstimationError
from causalrec.estimation.uncertainty.confidence_levels import refuse_level
from causalrec.estimation.written import decimals
from causalrec.refutation.sensitivity.benchmark import Benchmark, Contour, grid_of, marks_of, strength_sentence
from causalrec.refutation.sensitivity.plain_numbers import are_numbers
from causalrec.refutation.sensitivity.strength import bias, confounder_strength, value_of_f2

__all__ = ["Adjusted", "OmittedVariable", "refuse_strength"]


@dataclass(frozen=True, slots=True)
class Adjusted:
    """What least squares would have given, had a confounder of stated strength been measured.

    Attributes
    ----------
    value, stderr : float
        In the outcome's unit.
    dof : float
    r2_treatment, r2_outcome : float
    """

    value: float
    stderr: float
    dof: float
    r2_treatment: float
    r2_outcome: float

    @property
    def t(self) -> float:
        """Value by standard error."""
        return self.value / self.stderr if self.stderr > 0 else float(np.copysign(np.inf, self.value))

    def interval(self, level: float = 0.95) -> tuple[float, float]:
        """Of the t distribution."""
        from scipy.stats import t

        refuse_level(level)
        half = float(t.ppf(0.5 + level / 2, self.dof)) * self.stderr
        return self.value - half, self.value + half


@dataclass(frozen=True, slots=True)
class OmittedVariable:
    """How strong a hidden confounder must be to change a least squares estimate.

    Assumes that the regression is linear with one variance for all units; the confounder, if it were measured,
    would be one more column of it, or several, for which the figures are conservative. Strengths are those in these
    rows; errors of bounds by strengths in the population are `OmittedVariableDML`'s.

    Attributes
    ----------
    treatment : str
    value, stderr : float
        Of the treatment's coefficient; the error is the classical one.
    dof : float
    n : int
    unit : str
    benchmarks : tuple of Benchmark
    """

    treatment: str
    value: float
    stderr: float
    dof: float
    n: int = 0
    unit: str = "outcome"
    benchmarks: tuple[Benchmark, ...] = ()

    def __post_init__(self) -> None:
        if not (self.stderr > 0 and np.isfinite(self.value) and self.dof > 1):
            raise EstimationError(
                f"A robustness value needs a standard error above 0 and more than one degree of freedom, and "
                f"{self.treatment!r} has {self.value:g} ± {self.stderr:g} with {self.dof:g}."
            )

    @property
    def partial_r2(self) -> float:
        """Share of what the covariates leave of the outcome that the treatment explains, in [0, 1).

        A confounder that explained all the rest of the outcome would have to explain as much of the treatment to
        remove the effect.
        """
        return self.value**2 / (self.value**2 + self._scale**2)

    def robustness_value(self, share: float = 1.0, alpha: float | None = None) -> float:
        """Partial R2 with both treatment and outcome that takes `share` of the estimate away.

        With `alpha` the one at which the interval of level 1 - alpha reaches what is then left.
        """
        _refuse_negative("share", share)
        f = share * abs(self.value) / self._scale
        if alpha is None:
            return value_of_f2(f**2)
        from scipy.stats import t

        refuse_level(alpha)
        critical = float(t.ppf(1 - alpha / 2, self.dof - 1)) / np.sqrt(self.dof - 1)
        if f <= critical:
            return 0.0
        if f > 1 / critical:  # the confounder that explains most of the outcome is not the worst one then
            return float((f**2 - critical**2) / (1 + f**2))
        return value_of_f2((f - critical) ** 2)

    def adjusted(self, r2_treatment: float, r2_outcome: float, *, grow: bool = False) -> Adjusted:
        """Estimate and error once a confounder of this strength is adjusted for.

        Parameters
        ----------
        r2_treatment : float, in [0, 1)
        r2_outcome : float, in [0, 1]
        grow : bool
            Whether the confounder hides a part of the effect instead of making it up.
        """
        refuse_strength(r2_treatment, r2_outcome)
        bent = bias(r2_treatment, r2_outcome, self._scale**2, 1.0)
        sign = np.copysign(1.0, self.value) * (1 if grow else -1)
        stderr = self.stderr * np.sqrt((1 - r2_outcome) / (1 - r2_treatment) * self.dof / (self.dof - 1))
        return Adjusted(float(self.value + sign * bent), float(stderr), self.dof - 1, r2_treatment, r2_outcome)

    def extreme(self, r2_outcome: float = 1.0, share: float = 1.0) -> float:
        """Share of the treatment that a confounder must explain, if it explains so much of the outcome."""
        refuse_strength(0.0, r2_outcome)
        _refuse_negative("share", share)
        f2 = (share * self.value / self._scale) ** 2
        return float(f2 / (f2 + r2_outcome))

    def benchmark(self, name: str, times: float = 1.0, times_outcome: float | None = None) -> Adjusted:
        """What a confounder `times` as strong as a measured group would leave.

        Raises
        ------
        DataError : an unknown group, or a multiple below 0 or above what any confounder can be.
        """
        found = next((b for b in self.benchmarks if b.name == name), None)
        if found is None:
            raise DataError(
                f"There is no benchmark {name!r}: take one of {', '.join(b.name for b in self.benchmarks)}."
            )
        _refuse_negative("times", times)
        if times_outcome is not None:
            _refuse_negative("times_outcome", times_outcome)
        strength = confounder_strength(times, found.own_treatment, found.own_outcome, times_outcome)
        if not np.isfinite(strength).all():
            raise DataError(f"No confounder can be {times:g} times as strong as {name}.")
        return self.adjusted(*strength)

    def contour(self, n_points: int = 41, *, largest: float | None = None, alpha: float = 0.05) -> Contour:
        """What would be left of the estimate and its interval, on a square of strengths."""
        refuse_level(alpha)
        grid = grid_of(self.benchmarks, self.robustness_value(), n_points, largest)
        found = [[self.adjusted(float(x), float(y)) for x in grid] for y in grid]
        end = 0 if self.value > 0 else 1
        return Contour(
            grid, grid, np.array([[part.value for part in row] for row in found]),
            np.array([[part.interval(1 - alpha)[end] for part in row] for row in found]),
            marks_of(self.benchmarks, float(grid[-1])),
        )  # fmt: skip

    @property
    def sentence(self) -> str:
        """How strong a hidden confounder must be, beside what was measured."""
        return strength_sentence(self.benchmarks, self.robustness_value())

    def to_dict(self) -> dict[str, Any]:
        """Plain numbers and text."""
        return {
            "treatment": self.treatment, "value": self.value, "stderr": self.stderr, "dof": self.dof, "n": self.n,
            "unit": self.unit, "partial_r2": self.partial_r2, "robustness_value": self.robustness_value(),
            "robustness_value_interval": self.robustness_value(alpha=0.05),
            "benchmarks": [found.to_dict() for found in self.benchmarks], "sentence": self.sentence,
        }  # fmt: skip

    def __str__(self) -> str:
        digits = decimals(self.stderr)
        return "\n".join([
            f"Hidden confounding of {self.treatment}: {self.value:+.{digits}f} ± {self.stderr:.{digits}f}, {self.unit}",
            f"  robustness value {self.robustness_value():.4f}, of its 95% interval "
            f"{self.robustness_value(alpha=0.05):.4f}",
            f"  a confounder that explains all that is left of the outcome need explain {self.partial_r2:.4f} of the "
            f"treatment",
            *(f"  {found}" for found in self.benchmarks),
            f"  {self.sentence}",
        ])  # fmt: skip

    @property
    def _scale(self) -> float:
        return float(self.stderr * np.sqrt(self.dof))


def refuse_strength(r2_treatment: float, r2_outcome: float) -> None:
    """Refuse what is no share of variance."""
    if not (are_numbers(r2_treatment, r2_outcome) and 0 <= r2_treatment < 1 and 0 <= r2_outcome <= 1):
        raise DataError(
            f"A confounder explains between 0 and 1 of the treatment (1 left out) and of the outcome, not "
            f"{r2_treatment!r} and {r2_outcome!r}."
        )


def _refuse_negative(name: str, given: float) -> None:
    if not (are_numbers(given) and 0 <= given < np.inf):
        raise DataError(f"{name} is {given!r}; it is a finite number, 0 or more.")
