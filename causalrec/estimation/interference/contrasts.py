"""Direct, spill-over and total effects with their errors, and how they are written."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from causalrec.errors import EstimationError
from causalrec.estimation.uncertainty.confidence_levels import refuse_level
from causalrec.estimation.written import Written, aligned, decimals, percent

__all__ = ["Contrast", "SpilloverEffects", "contrast"]


@dataclass(frozen=True, slots=True)
class Contrast:
    """One effect and what it compares.

    Attributes
    ----------
    name : str
        "direct", "spill-over", "total" or "overall".
    compares : str
        The two conditions, in words.
    value, stderr : float
        In the outcome's unit.
    dof : float
        Degrees of freedom of the t distribution of `interval`; inf for the normal one.
    """

    name: str
    compares: str
    value: float
    stderr: float
    dof: float = float("inf")

    def interval(self, level: float = 0.95) -> tuple[float, float]:
        """Confidence interval of the given level, in (0, 1)."""
        from scipy.stats import t

        refuse_level(level)
        half = float(t.ppf(0.5 + level / 2, self.dof)) * self.stderr
        return self.value - half, self.value + half

    def to_dict(self, level: float = 0.95) -> dict[str, Any]:
        """Plain numbers and text."""
        lower, upper = self.interval(level)
        return {"effect": self.name, "compares": self.compares, "value": self.value, "stderr": self.stderr,
                "lower": lower, "upper": upper}  # fmt: skip


@dataclass(frozen=True, slots=True, eq=False)
class SpilloverEffects(Written):
    """What a treatment does to the treated, to the others, and to all.

    Attributes
    ----------
    direct : Contrast or None
        Own treatment, with what others have held fixed; None where the design does not tell.
    spillover : Contrast or None
        The treatment of others, with the own held fixed; None where the design does not tell.
    total : Contrast or None
        Both together.
    overall : Contrast or None
        One policy against another over all their units, treated or not; None but in two-stage designs.
    treatment, outcome : str
    method, errors : str
        How effects and their errors were estimated, in words.
    n : int
        Units that the effects are of.
    unit : str
        Unit of the outcome.
    diagnostics : mapping of str to float
    notes : tuple of str
        What a reader must know, one sentence each.
    """

    direct: Contrast | None
    spillover: Contrast | None
    total: Contrast | None
    treatment: str
    outcome: str
    method: str
    errors: str
    n: int
    overall: Contrast | None = None
    unit: str = "outcome"
    diagnostics: Mapping[str, float] = field(default_factory=dict)
    notes: tuple[str, ...] = ()

    @property
    def contrasts(self) -> tuple[Contrast, ...]:
        """Those that there are."""
        return tuple(one for one in (self.direct, self.spillover, self.total, self.overall) if one is not None)

    def to_dict(self, level: float = 0.95) -> dict[str, Any]:
        """Plain numbers and text."""
        return {
            "treatment": self.treatment, "outcome": self.outcome, "unit": self.unit, "n": self.n, "level": level,
            "method": self.method, "errors": self.errors, "effects": [one.to_dict(level) for one in self.contrasts],
            "diagnostics": dict(self.diagnostics), "notes": list(self.notes),
        }  # fmt: skip

    def _rows(self, level: float) -> list[dict[str, str]]:
        return [_row(one, level) for one in self.contrasts]

    def _remarks(self) -> list[str]:
        return [f"{self.method}; errors: {self.errors}; {self.n:,} units", *(f"note: {note}" for note in self.notes)]

    def __str__(self) -> str:
        lines = [*aligned(self._rows(0.95)), *self._remarks()]
        return "\n".join([
            f"Effects of {self.treatment} on {self.outcome} ({self.unit})",
            *(f"  {line}" for line in lines),
        ])  # fmt: skip


def contrast(name: str, compares: str, value: float, variance: float, dof: float = float("inf")) -> Contrast:
    """A contrast from its variance.

    Raises
    ------
    EstimationError : a value or a variance that is no finite number, or a negative variance.
    """
    if not (np.isfinite(value) and np.isfinite(variance) and variance >= 0):
        raise EstimationError(
            f"The {name} effect came out as {value:g} with a variance of {variance:g}: the data carry no information "
            f"on {compares}."
        )
    return Contrast(name, compares, float(value), float(variance) ** 0.5, float(dof))


def _row(one: Contrast, level: float) -> dict[str, str]:
    digits = decimals(one.stderr)
    lower, upper = one.interval(level)
    return {
        "effect": one.name, "estimate": f"{one.value:+.{digits}f}", "standard error": f"{one.stderr:.{digits}f}",
        f"{percent(level)} interval": f"{lower:+.{digits}f} to {upper:+.{digits}f}", "compares": one.compares,
    }  # fmt: skip
