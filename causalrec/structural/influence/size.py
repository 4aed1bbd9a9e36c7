"""`Size`: a number, and its spread over refits."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from causalrec.estimation.uncertainty.confidence_levels import refuse_level

__all__ = ["Size", "size_of"]


@dataclass(frozen=True, slots=True)
class Size:
    """An estimate and its bootstrap error.

    Attributes
    ----------
    value, stderr : float
        The error is 0 for what the graph alone says.
    n_refits : int

    Examples
    --------
    >>> print(Size(0.5, 0.1, 100))
    +0.50 (+0.30 to +0.70)
    """

    value: float
    stderr: float
    n_refits: int

    def interval(self, level: float = 0.95) -> tuple[float, float]:
        """Confidence interval of the t distribution with refits less one."""
        refuse_level(level)
        from scipy.stats import t

        half = float(t.ppf(0.5 + level / 2, self.n_refits - 1)) * self.stderr
        return self.value - half, self.value + half

    def to_dict(self, level: float = 0.95) -> dict[str, float]:
        """Plain numbers."""
        lower, upper = self.interval(level)
        return {"value": self.value, "stderr": self.stderr, "lower": lower, "upper": upper}

    def written(self, level: float = 0.95) -> str:
        """Value and interval, with two digits of the error."""
        if not self.stderr > 0:
            return "0" if self.value == 0 else f"{self.value:+.4g}"
        digits = min(15, max(0, 1 - math.floor(math.log10(self.stderr))))
        lower, upper = self.interval(level)
        return f"{self.value:+.{digits}f} ({lower:+.{digits}f} to {upper:+.{digits}f})"

    def __str__(self) -> str:
        return self.written()


def size_of(values: np.ndarray) -> Size:
    """The first value with the spread of the others, which refits gave; shape (1 + n_refits,)."""
    return Size(float(values[0]), float(np.std(values[1:], ddof=1)), len(values) - 1)
