"""A number and its standard error, with what a reader wants to know of the two."""

from __future__ import annotations

from dataclasses import dataclass

from causalrec.estimation.uncertainty.confidence_levels import refuse_level

__all__ = ["Coefficient"]


@dataclass(frozen=True, slots=True)
class Coefficient:
    """An estimate whose distribution is about normal.

    Attributes
    ----------
    value, stderr : float
        The error is 0 for what is fixed.

    Examples
    --------
    >>> print(Coefficient(1.483, 0.399))
    +1.4830 ± 0.3990 (95% +0.7010 to +2.2650)
    """

    value: float
    stderr: float

    @property
    def z(self) -> float:
        """Estimate over its error; NaN for what is fixed."""
        return self.value / self.stderr if self.stderr > 0 else float("nan")

    @property
    def p_value(self) -> float:
        """Two-sided, of the value 0; NaN for what is fixed."""
        from scipy.stats import norm

        return float(2 * norm.sf(abs(self.z)))

    def interval(self, level: float = 0.95) -> tuple[float, float]:
        """Confidence interval of the normal distribution."""
        refuse_level(level)
        from scipy.stats import norm

        half = float(norm.ppf(0.5 + level / 2)) * self.stderr
        return self.value - half, self.value + half

    def to_dict(self, level: float = 0.95) -> dict[str, float]:
        """Plain numbers."""
        lower, upper = self.interval(level)
        return {
            "value": self.value, "stderr": self.stderr, "z": self.z, "p_value": self.p_value,
            "lower": lower, "upper": upper, "level": level,
        }  # fmt: skip

    def __str__(self) -> str:
        lower, upper = self.interval()
        return f"{self.value:+.4f} ± {self.stderr:.4f} (95% {lower:+.4f} to {upper:+.4f})"
