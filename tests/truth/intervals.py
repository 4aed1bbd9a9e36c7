"""An interval and the truth that it should hold."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from causalrec.identification import Estimand

__all__ = ["Interval", "of_effect"]


@dataclass(frozen=True, slots=True)
class Interval:
    """What one method says of one number.

    Attributes
    ----------
    value, stderr : float
        NaN where the method gives an interval alone.
    parts : tuple of (float, float)
        One interval; several, or infinite ones, where a test was inverted.
    """

    value: float
    stderr: float
    parts: tuple[tuple[float, float], ...]

    @property
    def width(self) -> float:
        """Length of all parts together; infinite where one is."""
        return float(sum(upper - lower for lower, upper in self.parts))

    def against(self, truth: float) -> dict[str, float | bool]:
        """As JSON can hold it."""
        held = any(lower <= truth <= upper for lower, upper in self.parts)
        return {"error": self.value - truth, "stderr": self.stderr, "held": held, "width": self.width}


def of_effect(fitted: Any, estimand: Estimand) -> Interval:
    """The 95% interval of a fitted estimator's effect."""
    effect = fitted.effect(estimand)
    return Interval(effect.value, effect.stderr, (effect.interval(),))


def normal(value: float, stderr: float) -> Interval:
    """The normal 95% interval."""
    half = 1.959963984540054 * stderr
    return Interval(value, stderr, ((value - half, value + half),))


def alone(lower: float, upper: float, value: float = np.nan) -> Interval:
    """An interval without a standard error."""
    return Interval(value, np.nan, ((lower, upper),))
