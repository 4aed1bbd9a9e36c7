"""What setting one node does to the mean of another: the computation behind `StructuralModel.effect`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from causalrec.structural.abduction import reached
from causalrec.structural.actions import one_value
from causalrec.structural.equations import Equations
from causalrec.structural.interventional import InterventionalEffect
from causalrec.structural.outcome_means import constant, mean_change, simulation

if TYPE_CHECKING:
    from causalrec.structural.questions import Questions

__all__ = ["between", "outside_shares", "setting_effect"]


def setting_effect(
    model: Questions, treatment: str, outcome: str, start: Any, to: Any, n_samples: int
) -> InterventionalEffect:
    """Difference of the means, and its spread over the refits."""
    levels = [one_value(model.nodes_[treatment], value) for value in (start, to)]
    value, *refits = [
        mean_change(one, model.nodes_, treatment, levels, outcome, n_samples, simulation(model.random_state, number))
        for number, one in enumerate((model.equations_, *model.refits_))
    ]
    told = between(model.equations_, treatment, outcome)
    return InterventionalEffect(
        treatment, outcome, start, to, value, float(np.std(refits, ddof=1)), model.n_, len(refits), n_samples,
        model.n_clusters_, outside_shares(model, treatment, levels, told, n_samples),
        {node: model.equations_.mechanisms[node].name for node in told},
    )  # fmt: skip


def between(equations: Equations, treatment: str, outcome: str) -> tuple[str, ...]:
    """Nodes on the ways from treatment to outcome, the outcome included; empty where there is no way."""
    above = equations.above(outcome).parents
    changed = reached(equations.parents, {treatment: np.empty(0)})
    return tuple(node for node in changed if node != treatment and node in above)


def outside_shares(
    model: Questions, treatment: str, levels, nodes: tuple[str, ...], n_samples: int
) -> dict[str, float]:
    """Share of simulated units, under either setting, that each mechanism answers by extrapolation."""
    equations = model.equations_
    noise = equations.prior(n_samples, simulation(model.random_state, 0))
    shares = dict.fromkeys((node for node in nodes if node in model.supports_), 0.0)
    for level in levels:
        found = equations.evaluate(noise, do={treatment: constant(level, n_samples)})
        for node in shares:
            outside = model.supports_[node].outside(equations.inputs(node, found, n_samples))
            shares[node] = max(shares[node], float(outside.mean()))
    return shares
