"""The least strength of a hidden confounder, as a risk ratio, that could explain an effect away."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from causalrec.errors import DataError
from causalrec.refutation.sensitivity.plain_numbers import are_numbers

__all__ = ["EValue", "e_value_of_difference", "e_value_of_odds_ratio", "e_value_of_risk_ratio"]

PER_DEVIATION, HALF_WIDTH = 0.91, 1.78  # log risk ratio of one standard deviation, and of its 95% half width


@dataclass(frozen=True, slots=True)
class EValue:
    """How strongly a confounder must go with both treatment and outcome, as risk ratios, to explain an effect away.

    Attributes
    ----------
    ratio, lower, upper : float
        The effect as a risk ratio, and its interval; above 0.
    null : float
        Risk ratio that the effect is moved to; 1 is no effect.
    basis : str
        Where the risk ratio comes from, in words.
    """

    ratio: float
    lower: float
    upper: float
    null: float = 1.0
    basis: str = "risk ratio"

    def __post_init__(self) -> None:
        if not (0 < self.lower <= self.ratio <= self.upper < np.inf and 0 < self.null < np.inf):
            raise DataError(
                f"An E-value needs 0 < lower <= ratio <= upper and a null above 0, not {self.ratio!r} "
                f"({self.lower!r} to {self.upper!r}) and {self.null!r}."
            )

    @property
    def value(self) -> float:
        """E-value of the estimate, 1 or more."""
        return _e_value(self.ratio / self.null)

    @property
    def limit(self) -> float:
        """E-value of the interval's end next to the null; 1 where the interval holds the null."""
        if self.lower <= self.null <= self.upper:
            return 1.0
        return _e_value((self.lower if self.ratio > self.null else self.upper) / self.null)

    @property
    def sentence(self) -> str:
        """What the figures mean."""
        goal = "no effect" if self.null == 1 else f"a risk ratio of {self.null:g}"
        interval = (
            "the interval holds that already" if self.limit == 1 else f"{self.limit:.2f} would do for the interval"
        )
        return (
            f"A hidden confounder that makes both treatment and outcome {self.value:.2f} times as likely could turn "
            f"the effect into {goal}; a weaker one could not; {interval}."
        )

    def to_dict(self) -> dict[str, Any]:
        """Plain numbers and text."""
        return {
            "ratio": self.ratio, "lower": self.lower, "upper": self.upper, "null": self.null, "basis": self.basis,
            "e_value": self.value, "e_value_limit": self.limit, "sentence": self.sentence,
        }  # fmt: skip

    def __str__(self) -> str:
        return (
            f"E-value {self.value:.2f}, of the interval {self.limit:.2f}: {self.basis} {self.ratio:.3g} "
            f"({self.lower:.3g} to {self.upper:.3g})\n  {self.sentence}"
        )


def e_value_of_risk_ratio(ratio: float, lower: float, upper: float, *, null: float = 1.0) -> EValue:
    """Of a risk ratio and its interval, and of a rate ratio; below 1 it is turned around.

    References
    ----------
    VanderWeele, Ding (2017), Annals of Internal Medicine 167(4).

    Examples
    --------
    >>> found = e_value_of_risk_ratio(3.9, 1.8, 8.7)
    >>> round(found.value, 2), round(found.limit, 2)
    (7.26, 3.0)
    """
    _refuse_text(ratio, lower, upper, null)
    return EValue(float(ratio), float(lower), float(upper), float(null))


def e_value_of_odds_ratio(ratio: float, lower: float, upper: float, *, rare: bool = False, null: float = 1.0) -> EValue:
    """Of an odds ratio: itself where the outcome is rare (below 15%), else its square root as a risk ratio.

    References
    ----------
    VanderWeele, Ding (2017), Annals of Internal Medicine 167(4).
    """
    _refuse_text(ratio, lower, upper, null)
    power = 1.0 if rare else 0.5
    basis = "odds ratio of a rare outcome" if rare else "root of an odds ratio"
    if min(ratio, lower, upper, null) <= 0:
        raise DataError(f"An odds ratio is above 0, not {ratio!r} ({lower!r} to {upper!r}).")
    return EValue(ratio**power, lower**power, upper**power, null**power, basis)


def e_value_of_difference(value: float, stderr: float, deviation: float, *, null: float = 0.0) -> EValue:
    """Of a difference of means: exp(.91 times the standardised difference) as a risk ratio, an approximation.

    Parameters
    ----------
    value, stderr : float
        In the outcome's unit.
    deviation : float
        Standard deviation of the outcome, above 0.
    null : float
        Difference that the effect is moved to.

    References
    ----------
    VanderWeele, Ding (2017), Annals of Internal Medicine 167(4).

    Examples
    --------
    >>> round(e_value_of_difference(0.5, 0.25, 1.0).value, 2)
    2.53
    """
    _refuse_text(value, stderr, deviation, null)
    if not (deviation > 0 and stderr >= 0 and np.isfinite([value, stderr, deviation, null]).all()):
        raise DataError(f"A standardised difference needs a deviation above 0: {value!r} ± {stderr!r}, {deviation!r}.")
    at, half, zero = (
        PER_DEVIATION * value / deviation,
        HALF_WIDTH * stderr / deviation,
        PER_DEVIATION * null / deviation,
    )
    with np.errstate(over="ignore"):  # what is too large comes out infinite and is refused as that
        ratio, lower, upper, moved = (float(end) for end in np.exp([at, at - half, at + half, zero]))
    return EValue(ratio, lower, upper, moved, "exp of .91 standardised differences,")


def _refuse_text(*values: float) -> None:
    if not are_numbers(*values):
        raise DataError(f"An E-value is of numbers, not of {', '.join(map(repr, values))}.")


def _e_value(ratio: float) -> float:
    above = max(ratio, 1 / ratio)
    return float(above + np.sqrt(above * (above - 1)))
