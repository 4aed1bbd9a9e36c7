"""`InfluenceWeights`: how much each behaviour moves an outcome, and by which ways."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from causalrec.errors import UnknownNodeError
from causalrec.estimation.written import Written, aligned, percent
from causalrec.structural.influence.decomposition import PathDecomposition

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure

__all__ = ["InfluenceWeights"]


@dataclass(frozen=True, slots=True, eq=False)
class InfluenceWeights(Written):
    """Effects of the causes of an outcome on one scale.

    Attributes
    ----------
    outcome : str
    effects : tuple of PathDecomposition
        The largest standardised effect first. The parts of each are the direct effect and the ways that begin with
        each of its own effects.
    left_out : mapping of str to str
        Causes of the outcome that no weight was given -> why.
    """

    outcome: str
    effects: tuple[PathDecomposition, ...]
    left_out: Mapping[str, str] = field(default_factory=dict)

    def __getitem__(self, treatment: str) -> PathDecomposition:
        for effect in self.effects:
            if effect.treatment == treatment:
                return effect
        raise UnknownNodeError([str(treatment)], [effect.treatment for effect in self.effects])

    def to_dict(self, level: float = 0.95) -> dict[str, Any]:
        """Plain numbers and text."""
        return {
            "outcome": self.outcome, "effects": [effect.to_dict(level) for effect in self.effects],
            "left_out": dict(self.left_out),
        }  # fmt: skip

    def to_frame(self, level: float = 0.95) -> pd.DataFrame:
        """A pandas table, one row a behaviour and part."""
        import pandas as pd

        return pd.DataFrame([
            {"behaviour": effect.treatment, "start": effect.start, "to": effect.to, "part": name, **size.to_dict(level)}
            for effect in self.effects for name, size in effect.sizes.items()
        ])  # fmt: skip

    def draw(self, *, title: str = "") -> Figure:
        """The standardised effects as bars, with their direct and indirect parts, as a matplotlib figure."""
        from causalrec.charts.influence import influence_chart

        weights = [effect.standardized for effect in self.effects]
        ends = [weight.interval() for weight in weights]
        return influence_chart(
            [effect.treatment for effect in self.effects], [weight.value for weight in weights],
            [low for low, _ in ends], [high for _, high in ends],
            [effect.parts["direct"].value * effect.scale for effect in self.effects],
            unit=f"standard deviations of {self.outcome}, for one of the behaviour", title=title,
        )  # fmt: skip

    def _rows(self, level: float) -> list[dict[str, str]]:
        return [
            {
                "behaviour": effect.treatment, "from, to": f"{effect.start}, {effect.to}",
                "weight": effect.standardized.written(level), f"effect ({percent(level)} interval)":
                effect.total.written(level), "direct": effect.parts["direct"].written(level),
                "through others": effect.remainder.written(level),
            }
            for effect in self.effects
        ]  # fmt: skip

    def _remarks(self) -> list[str]:
        first = self.effects[0]
        clusters = f"; resampled by {first._clusters}" if first.n_clusters else ""
        methods = " and ".join(dict.fromkeys(effect.method for effect in self.effects))
        ways = [line for effect in self.effects if (line := _ways(effect))]
        notes = [f"note: {note}" for effect in self.effects for note in effect.notes]
        out = [f"no weight: {node}, {reason}" for node, reason in self.left_out.items()]
        return [*ways, f"{methods}; {first.n:,} rows, {first.n_refits} refits{clusters}", *notes, *out]

    def __str__(self) -> str:
        head = f"Influence on {self.outcome}: weight in its standard deviations, for one of the behaviour"
        return "\n".join([head, *(f"  {line}" for line in (*aligned(self._rows(0.95)), *self._remarks()))])


def _ways(effect: PathDecomposition) -> str:
    """The parts of an indirect effect in one line; empty where there is none."""
    told = {name: size for name, size in effect.parts.items() if name != "direct"}
    if not effect.is_additive:
        told["by interaction"] = effect.interaction
    return f"{effect.treatment}: " + ", ".join(f"{name} {size}" for name, size in told.items()) if told else ""
