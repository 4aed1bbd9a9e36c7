"""An effect learned with any models, under hidden confounders of any strength."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from causalrec.errors import DataError
from causalrec.estimation.bounds import Bounds
from causalrec.estimation.uncertainty.confidence_levels import refuse_level
from causalrec.estimation.written import decimals
from causalrec.refutation.sensitivity.benchmark import Benchmark, Contour, grid_of, marks_of, strength_sentence
from causalrec.refutation.sensitivity.linear_robustness import refuse_strength
from causalrec.refutation.sensitivity.plain_numbers import are_numbers
from causalrec.refutation.sensitivity.strength import value_of_f2

__all__ = ["OmittedVariableDML"]


@dataclass(frozen=True, slots=True, eq=False)
class OmittedVariableDML:
    """Bounds of an effect by what hidden confounders explain, with errors of the bounds.

    Attributes
    ----------
    treatment : str
    value : float
        Without a hidden confounder, in `unit`.
    scale : float
        Largest bias of a confounder whose strength is 1: root of residual variance times the representer's square.
    covariance : float64, shape (2, 2)
        Of `value` and `scale`.
    n : int
    unit : str
    target : str
    n_clusters : mapping of str to int
    benchmarks : tuple of Benchmark
    """

    treatment: str
    value: float
    scale: float
    covariance: np.ndarray
    n: int
    unit: str = "outcome"
    target: str = "ATE"
    n_clusters: Mapping[str, int] = field(default_factory=dict)
    benchmarks: tuple[Benchmark, ...] = ()

    @property
    def stderr(self) -> float:
        """Of `value`."""
        return float(np.sqrt(self.covariance[0, 0]))

    def bounds(self, r2_treatment: float, r2_outcome: float, *, adversity: float = 1.0) -> Bounds:
        """Where the effect lies if no hidden confounder is stronger.

        Parameters
        ----------
        r2_treatment : float, in [0, 1)
            Share by which the hidden confounder would cut the representer's square; in a partially linear model
            its partial R2 with the treatment.
        r2_outcome : float, in [0, 1]
            Share of the outcome's residual variance that it explains.
        adversity : float, in [0, 1]
            Correlation of its two errors; 1 is the worst.
        """
        refuse_strength(r2_treatment, r2_outcome)
        if not (are_numbers(adversity) and 0 <= adversity <= 1):
            raise DataError(f"adversity is {adversity!r}; it is a correlation between 0 and 1.")
        strength = _strength(r2_treatment, r2_outcome, adversity)
        low, high = (self._stderr(sign * strength) for sign in (-1, 1))
        return Bounds(
            self.value - strength * self.scale, self.value + strength * self.scale,
            strength_words(r2_treatment, r2_outcome), low, high, unit=self.unit, subject=self.treatment,
            method="omitted variable bounds of double machine learning", n=self.n, target=self.target,
            n_clusters=self.n_clusters,
        )  # fmt: skip

    def confidence_bounds(
        self, r2_treatment: float, r2_outcome: float, *, adversity: float = 1.0, level: float = 0.95
    ) -> tuple[float, float]:
        """One-sided limits: each holds its bound with probability `level`."""
        from scipy.stats import norm

        refuse_level(level)
        found, times = self.bounds(r2_treatment, r2_outcome, adversity=adversity), float(norm.ppf(level))
        return found.lower - times * found.stderr_lower, found.upper + times * found.stderr_upper

    def robustness_value(self, *, null: float = 0.0, adversity: float = 1.0) -> float:
        """Strength with both treatment and outcome at which a bound reaches `null`; in [0, 1)."""
        if not (are_numbers(null, adversity) and np.isfinite(null) and 0 < adversity <= 1):
            raise DataError(
                f"A robustness value needs a finite null and an adversity above 0, up to 1: at 0 no confounder moves "
                f"the effect. Got {null!r} and {adversity!r}."
            )
        return value_of_f2(((self.value - null) / (self.scale * adversity)) ** 2)

    def robustness_value_interval(self, *, null: float = 0.0, adversity: float = 1.0, level: float = 0.95) -> float:
        """Strength at which a one-sided limit of that level reaches `null`; 0 where it is there already."""
        from scipy.optimize import brentq

        most = self.robustness_value(null=null, adversity=adversity)
        side, sign = (0, 1.0) if self.value > null else (1, -1.0)

        def gap(strength: float) -> float:
            return sign * (self.confidence_bounds(strength, strength, adversity=adversity, level=level)[side] - null)

        if gap(0.0) <= 0:
            return 0.0
        # A limit of a level below one half lies inside its bound, so that it takes more than the robustness value.
        return float(brentq(gap, 0.0, most if gap(most) <= 0 else 1 - 1e-12, xtol=1e-14))

    def contour(
        self, n_points: int = 41, *, largest: float | None = None, adversity: float = 1.0, level: float = 0.95
    ) -> Contour:
        """The bound on the side of 0, and its one-sided limit, on a square of strengths."""
        grid = grid_of(self.benchmarks, self.robustness_value(adversity=adversity), n_points, largest)
        side = 0 if self.value > 0 else 1
        found = [[self.bounds(float(x), float(y), adversity=adversity) for x in grid] for y in grid]
        ends = [[self.confidence_bounds(float(x), float(y), adversity=adversity, level=level)[side] for x in grid]
                for y in grid]  # fmt: skip
        adjusted = [[(part.lower, part.upper)[side] for part in row] for row in found]
        marks = marks_of(self.benchmarks, float(grid[-1]))
        return Contour(grid, grid, np.array(adjusted), np.array(ends), marks)

    @property
    def sentence(self) -> str:
        """How strong a hidden confounder must be, beside what was measured."""
        return strength_sentence(self.benchmarks, self.robustness_value())

    def to_dict(self) -> dict[str, Any]:
        """Plain numbers and text."""
        return {
            "treatment": self.treatment, "value": self.value, "stderr": self.stderr, "scale": self.scale, "n": self.n,
            "unit": self.unit, "target": self.target, "n_clusters": dict(self.n_clusters),
            "robustness_value": self.robustness_value(),
            "robustness_value_interval": self.robustness_value_interval(),
            "benchmarks": [found.to_dict() for found in self.benchmarks], "sentence": self.sentence,
        }  # fmt: skip

    def __str__(self) -> str:
        digits = decimals(self.stderr)
        return "\n".join([
            f"Hidden confounding of {self.treatment}: {self.value:+.{digits}f} ± {self.stderr:.{digits}f}, {self.unit}",
            f"  robustness value {self.robustness_value():.4f}, of its 95% limit "
            f"{self.robustness_value_interval():.4f}",
            *(f"  {found}" for found in self.benchmarks),
            f"  {self.sentence}",
        ])  # fmt: skip

    def _stderr(self, strength: float) -> float:
        weights = np.array([1.0, strength])
        return float(np.sqrt(max(weights @ self.covariance @ weights, 0.0)))


def _strength(r2_treatment: float, r2_outcome: float, adversity: float) -> float:
    return float(adversity * np.sqrt(r2_outcome * r2_treatment / (1 - r2_treatment)))


def strength_words(r2_treatment: float, r2_outcome: float) -> str:
    """The assumption that bounds rest on."""
    return (
        f"hidden confounders explain at most {r2_treatment:.1%} of what is left of the treatment and "
        f"{r2_outcome:.1%} of what is left of the outcome"
    )
