"""How strong what was measured is, and what an effect would be along a grid of strengths."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np

from causalrec.errors import DataError
from causalrec.refutation.sensitivity.plain_numbers import are_numbers
from causalrec.refutation.sensitivity.sentences import removal_sentence

__all__ = ["Benchmark", "Contour", "sentence_of"]


@dataclass(frozen=True, slots=True)
class Benchmark:
    """A covariate, or a group of them, as a yardstick for a hidden confounder.

    Attributes
    ----------
    name : str
    n_columns : int
        Columns that were left out together.
    r2_treatment, r2_outcome : float
        Strength of a hidden confounder that is once as strong: the share of the treatment's remaining variance
        that it explains (of the Riesz representer's, for an effect that differs between units), and of the
        outcome's, in [0, 1]; inf where no confounder can be that strong.
    moved : float
        Estimate without the group less the estimate with it.
    times : float
        Multiple of the group's strength at which a hidden confounder could remove the effect; inf where none.
    adversity : float
        Correlation of the group's errors in outcome and representer, in [-1, 1]: 1 or -1 is the worst, NaN where
        it was not asked for.
    own_treatment, own_outcome : float
        Partial R2 of the group itself with treatment and outcome, in a least squares regression; in [0, 1).
    """

    name: str
    n_columns: int
    r2_treatment: float
    r2_outcome: float
    moved: float
    times: float
    adversity: float = float("nan")
    own_treatment: float = float("nan")
    own_outcome: float = float("nan")

    def to_dict(self) -> dict[str, Any]:
        """Plain numbers and text; what is not finite becomes None."""
        values = {name: getattr(self, name) for name in self.__slots__}
        return {k: None if isinstance(v, float) and not np.isfinite(v) else v for k, v in values.items()}

    def __str__(self) -> str:
        if np.isinf(self.r2_treatment):
            return f"{self.name}: nothing hidden can be as strong; without it the estimate moves by {self.moved:+.4g}"
        return (
            f"{self.name}: {self.r2_treatment:.4f} of the treatment, {self.r2_outcome:.4f} of the outcome; without it "
            f"the estimate moves by {self.moved:+.4g}"
        )


@dataclass(frozen=True, slots=True, eq=False)
class Contour:
    """What would be left of an estimate, by what a hidden confounder explains.

    Attributes
    ----------
    treatment_r2 : float64, shape (n_columns,)
    outcome_r2 : float64, shape (n_rows,)
    adjusted : float64, shape (n_rows, n_columns)
        The estimate with the bias taken off towards 0 and past it.
    interval_end : float64, shape (n_rows, n_columns)
        End of the interval on the side of 0.
    marks : tuple of (name, treatment_r2, outcome_r2)
        Benchmarks that lie within the grid.
    """

    treatment_r2: np.ndarray
    outcome_r2: np.ndarray
    adjusted: np.ndarray
    interval_end: np.ndarray
    marks: tuple[tuple[str, float, float], ...]

    def to_dict(self) -> dict[str, Any]:
        """Plain lists."""
        arrays = {name: getattr(self, name).tolist() for name in self.__slots__[:4]}
        return arrays | {"marks": [list(mark) for mark in self.marks]}


def sentence_of(benchmarks: Iterable[Benchmark]) -> str:
    """The sentence that a reader repeats, from all benchmarks."""
    return removal_sentence({benchmark.name: benchmark.times for benchmark in benchmarks})


def strength_sentence(benchmarks: Iterable[Benchmark], value: float) -> str:
    """How strong a hidden confounder must be, beside what was measured, else by the robustness value."""
    if benchmarks:
        return sentence_of(benchmarks)
    return f"A hidden confounder that explains {value:.1%} of treatment and outcome would remove the effect."


def marks_of(benchmarks: Iterable[Benchmark], largest: float) -> tuple[tuple[str, float, float], ...]:
    """Benchmarks that lie in a square from 0 to `largest`."""
    return tuple(
        (found.name, found.r2_treatment, found.r2_outcome)
        for found in benchmarks
        if found.r2_treatment <= largest and found.r2_outcome <= largest
    )


def grid_of(benchmarks: Iterable[Benchmark], value: float, n_points: int, largest: float | None) -> np.ndarray:
    """Strengths from 0 to the largest, or to a little past the robustness value and the benchmarks of its size.

    Raises
    ------
    DataError : fewer than 2 points, or a largest that is no strength above 0.
    """
    if not isinstance(n_points, int | np.integer) or n_points < 2:
        raise DataError(f"n_points is {n_points!r}; it is a whole number, 2 or more.")
    if largest is not None:
        if not (are_numbers(largest) and 0 < largest < 1):
            raise DataError(f"largest is {largest!r}; it is a share of variance between 0 and 1, neither.")
        return np.linspace(0.0, largest, n_points)
    seen = [max(found.r2_treatment, found.r2_outcome) for found in benchmarks]
    most = 1.25 * max([0.02, value, *(strength for strength in seen if strength <= 3 * value)])
    return np.linspace(0.0, min(most, 0.95), n_points)
