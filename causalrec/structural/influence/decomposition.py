"""`PathDecomposition`: what an effect is made of."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from causalrec.estimation.written import Written, aligned, percent
from causalrec.structural.influence.size import Size

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["PathDecomposition"]


@dataclass(frozen=True, slots=True, eq=False)
class PathDecomposition(Written):
    """An effect, and its parts along ways that have no first step in common.

    A part is the change of the outcome's mean when the treatment acts anew on that way alone, and as before on all
    others: a path-specific effect. The total is the sum of the parts and of the interaction.

    Attributes
    ----------
    treatment, outcome : str
    start, to : value of the treatment
    total : Size
        In the outcome's unit, as are all but `standardized`.
    parts : mapping of str to Size
    interaction : Size
        Total less the sum of the parts: what the ways do together alone. 0 where the mechanisms are additive.
    remainder : Size
        Total less the first part; where that is the direct effect, the total indirect effect.
    standardized : Size
        Total in standard deviations of the outcome, for one of the treatment (of `to` against `start` where the
        treatment is text).
    scale : float
        What makes a size in the outcome's unit a standardised one.
    method : str
    n, n_refits : int
    n_clusters : mapping of str to int
    notes : tuple of str
    """

    treatment: str
    outcome: str
    start: Any
    to: Any
    total: Size
    parts: Mapping[str, Size]
    interaction: Size
    remainder: Size
    standardized: Size
    scale: float
    method: str
    n: int
    n_refits: int
    n_clusters: Mapping[str, int] = field(default_factory=dict)
    notes: tuple[str, ...] = ()

    @property
    def is_additive(self) -> bool:
        """Whether the parts sum to the total."""
        return self.interaction.value == self.interaction.stderr == 0

    @property
    def sizes(self) -> dict[str, Size]:
        """Everything by its name, total first."""
        first = next(iter(self.parts), "")
        joint = {} if self.is_additive else {"interaction": self.interaction, f"all but {first}": self.remainder}
        return {"total": self.total, **self.parts, **joint, "standardized total": self.standardized}

    def to_dict(self, level: float = 0.95) -> dict[str, Any]:
        """Plain numbers and text."""
        return {
            "treatment": self.treatment, "outcome": self.outcome, "start": self.start, "to": self.to, "level": level,
            "total": self.total.to_dict(level),
            "parts": {name: part.to_dict(level) for name, part in self.parts.items()},
            "interaction": self.interaction.to_dict(level), "remainder": self.remainder.to_dict(level),
            "standardized": self.standardized.to_dict(level), "scale": self.scale, "method": self.method, "n": self.n,
            "n_refits": self.n_refits, "n_clusters": dict(self.n_clusters), "notes": list(self.notes),
        }  # fmt: skip

    def to_frame(self, level: float = 0.95) -> pd.DataFrame:
        """A pandas table, one row a size."""
        import pandas as pd

        return pd.DataFrame([{"part": name, **size.to_dict(level)} for name, size in self.sizes.items()])

    def _rows(self, level: float) -> list[dict[str, str]]:
        return [
            {"part": name, f"size ({percent(level)} interval)": size.written(level)}
            for name, size in self.sizes.items()
        ]  # fmt: skip

    def _remarks(self) -> list[str]:
        clusters = f"; resampled by {self._clusters}" if self.n_clusters else ""
        rows = f"{self.method}; {self.n:,} rows, {self.n_refits} refits{clusters}"
        return [rows, *(f"note: {note}" for note in self.notes)]

    def __str__(self) -> str:
        head = f"Effect of {self.treatment} from {self.start} to {self.to} on {self.outcome}"
        return "\n".join([head, *(f"  {line}" for line in (*aligned(self._rows(0.95)), *self._remarks()))])
