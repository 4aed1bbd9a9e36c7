"""Counterfactual values of units: abduction, action, prediction."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import numpy as np

from causalrec.structural.equations import Actions, Equations
from causalrec.structural.mechanisms.support import Support
from causalrec.structural.nodes import Values

__all__ = ["counterfactual_draws", "outside_support", "reached"]

N_LOOKED_AT = 20  # draws whose parents are held against what was fitted on


def reached(parents: Mapping[str, tuple[str, ...]], do: Actions) -> tuple[str, ...]:
    """Nodes that an action can change, causes first: those that are set and their descendants."""
    found: dict[str, None] = {}
    for node, causes in parents.items():
        if node in do or any(cause in found for cause in causes):
            found[node] = None
    return tuple(found)


def counterfactual_draws(
    models: Sequence[Equations], values: Values, do: Actions, n_draws: int, rng: np.random.Generator
) -> Iterator[Values]:
    """What the units would have been, one dictionary of node -> values a draw.

    Draw k takes the noise from what the units' values leave open under model k, and keeps it under the action.
    Nodes that the action does not reach keep their values.

    References
    ----------
    Pearl (2009), Causality, 2nd ed., section 7.1.
    """
    changed = reached(models[0].parents, do)
    known = {node: array for node, array in values.items() if node not in changed}
    set_to = {node for node, action in do.items() if not callable(action)}
    free = [node for node in changed if node not in set_to]
    for draw in range(n_draws):
        equations = models[draw % len(models)]
        yield equations.evaluate(equations.noise(values, rng, free), do=do, known=known)


def outside_support(
    equations: Equations, supports: Mapping[str, Support], factual: Values, draws: Sequence[Values], do: Actions
) -> dict[str, np.ndarray]:
    """Node that the action reaches -> units whose parents, as seen or as in half of some draws, it never met."""
    n = len(next(iter(factual.values())))
    found = {}
    for node in reached(equations.parents, do):
        if not equations.parents[node] or (node in do and not callable(do[node])):
            continue
        seen = supports[node].outside(equations.inputs(node, factual, n))
        would = np.mean(
            [supports[node].outside(equations.inputs(node, draw, n)) for draw in draws[:N_LOOKED_AT]], axis=0
        )
        found[node] = seen | (would >= 0.5)
    return found
