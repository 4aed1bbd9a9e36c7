"""Effects that the graph says are none, tested together."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from causalrec.data.columns import Column
from causalrec.estimation import EffectEstimate
from causalrec.estimation.uncertainty.multiplicity import holm
from causalrec.graph import CausalGraph
from causalrec.refutation.asked import Asked
from causalrec.refutation.attacked import Attacked
from causalrec.refutation.p_of_nothing import p_of_nothing
from causalrec.refutation.refutation import Refutation

__all__ = ["Control", "measured", "tested_together", "unknown_nodes"]


@dataclass(frozen=True, slots=True)
class Control:
    """An effect that should be none, and what brings it to the unit of the effect that is attacked."""

    effect: EffectEstimate
    scale: float


def measured(attacked: Attacked, nodes: Sequence[str]) -> list[str]:
    """Nodes that one column of numbers in the interactions holds and that the estimand does not name."""
    import pyarrow.types as pt

    estimand, data = attacked.estimand, attacked.data
    named = {
        *estimand.treatment, estimand.outcome, *estimand.adjustment, *estimand.instruments, *estimand.mediators,
        *estimand.conditional, *estimand.selected,
    }  # fmt: skip
    kinds = {field.name: field.type for field in data.tables["interactions"].schema}

    def is_number(node: str) -> bool:
        column = data.column(node)
        kind = kinds.get(column.name) if isinstance(column, Column) else None
        return kind is not None and (pt.is_floating(kind) or pt.is_integer(kind) or pt.is_boolean(kind))

    return [node for node in nodes if node not in named and is_number(node)]


def unknown_nodes(graph: CausalGraph, nodes: Sequence[str]) -> str:
    """Which of the effect's nodes the graph does not have, in words; empty where it has them all."""
    strange = [node for node in nodes if node not in graph]
    return f"The graph has no {', '.join(map(repr, strange))}, so it says nothing of this effect." if strange else ""


def tested_together(
    attacked: Attacked, asked: Asked, nodes: Sequence[str], control: Callable[[Attacked, str], Control], words: str
) -> Refutation:
    """One verdict over all controls, by Holm's method; the numbers are those of the most telling one."""
    controls = {node: control(attacked, node) for node in nodes}
    together = dict(zip(controls, holm([p_of_nothing(one.effect) for one in controls.values()]), strict=True))
    worst = min(together, key=lambda node: together[node])
    effect, scale = controls[worst].effect, controls[worst].scale
    n = len(controls)
    others = f" It is the most telling of {n}, by Holm's method." if n > 1 else ""
    return asked.tested(
        attacked.effect, float(together[worst]), f"{words.format(node=repr(worst))}.{others}",
        refuted=effect.value * scale, stderr=effect.stderr * scale,
        details={f"p of {node}": float(p) for node, p in together.items()},
    )  # fmt: skip
