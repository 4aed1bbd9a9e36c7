"""A number made of several lag effects."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from causalrec.estimation.uncertainty.half_widths import half_width

__all__ = ["LagSum"]


@dataclass(frozen=True, slots=True)
class LagSum:
    """A number made of several lag effects.

    Attributes
    ----------
    what : str
    value, stderr : float
    dof : float
    unit : str
    """

    what: str
    value: float
    stderr: float
    dof: float
    unit: str

    def interval(self, level: float = 0.95) -> tuple[float, float]:
        """Lower and upper end."""
        half = half_width(level, self.dof) * self.stderr
        return self.value - half, self.value + half

    def to_dict(self, level: float = 0.95) -> dict[str, Any]:
        """Plain numbers and text."""
        lower, upper = self.interval(level)
        return {"what": self.what, "value": self.value, "stderr": self.stderr, "lower": lower, "upper": upper,
                "level": level, "dof": self.dof, "unit": self.unit}  # fmt: skip

    def __str__(self) -> str:
        lower, upper = self.interval()
        return f"{self.what}: {self.value:+.4g} ± {self.stderr:.2g} (95% {lower:+.4g} to {upper:+.4g}), {self.unit}"
