"""What given units would have been: the computation behind `StructuralModel.counterfactual`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from causalrec.errors import DataError
from causalrec.structural.abduction import counterfactual_draws, outside_support, reached
from causalrec.structural.actions import Do, actions, worded
from causalrec.structural.counterfactual import Counterfactual
from causalrec.structural.equations import Actions, Equations
from causalrec.structural.mechanisms.neural import SMOOTHED, Neural
from causalrec.structural.nodes import Values
from causalrec.structural.refusals import refuse_unknown
from causalrec.structural.resampling import sorted_rows
from causalrec.structural.summary import joined, summary

if TYPE_CHECKING:
    from causalrec.structural.questions import Questions

__all__ = ["unit_counterfactuals"]

UNITS_AT_ONCE = 20_000


def unit_counterfactuals(
    model: Questions, values: Values, do: Do, outcome: str | None, n_draws: int, level: float
) -> Counterfactual:
    """Abduction, action and prediction, some units at a time."""
    n = len(next(iter(values.values())))
    given = actions(do, model.nodes_, n)
    shown = _shown(model, given, outcome)
    told = _leading_to(model.equations_, given, outcome)
    order, parts, outside = sorted_rows(values), [], {node: np.zeros(n, dtype=bool) for node in told}
    rng = np.random.default_rng(model.random_state)
    for first in range(0, n, UNITS_AT_ONCE):
        rows = order[first : first + UNITS_AT_ONCE]
        part, beyond = _some(model, _taken(values, rows), _taken(given, rows), shown, n_draws, level, rng)
        parts.append(part)
        for node in outside:
            outside[node][rows] = beyond.get(node, False)
    exact = _is_exact(model, given)
    return Counterfactual(
        worded(do), joined(parts, order, level), n, level, _n_draws(model, exact, n_draws)[1], exact,
        np.any([np.zeros(n, dtype=bool), *outside.values()], axis=0),
        {node: int(units.sum()) for node, units in outside.items()}, _notes(model, exact, given),
    )  # fmt: skip


def _some(
    model: Questions, values: Values, do: Actions, shown: tuple[str, ...], n_draws: int, level: float, rng
) -> tuple[dict[str, Any], dict[str, np.ndarray]]:
    """Summaries of the nodes that are shown; and node that the action reaches -> units that it extrapolates for."""
    n_points, n_spread = _n_draws(model, _is_exact(model, do), n_draws)
    points = list(counterfactual_draws((model.equations_,), values, do, n_points, rng))
    draws = list(counterfactual_draws(model.refits_, values, do, n_spread, rng)) if model.refits_ else points
    outside = outside_support(model.equations_, model.supports_, values, points, do)
    nothing = np.zeros(len(next(iter(values.values()))), dtype=bool)
    found = {
        node: summary(model.nodes_[node], values[node], points, draws, outside.get(node, nothing), level)
        for node in shown
    }
    return found, outside


def _leading_to(equations: Equations, do: Actions, outcome: str | None) -> tuple[str, ...]:
    """Nodes that the action reaches and through which it reaches the outcome, that included; all without outcome."""
    changed = _following(equations, do)
    if outcome is None:
        return tuple(changed)
    parents = {node: causes if callable(do.get(node, callable)) else () for node, causes in equations.parents.items()}
    above = Equations(parents, equations.mechanisms).above(outcome).parents
    return tuple(node for node in changed if node in above)


def _is_exact(model: Questions, do: Actions) -> bool:
    """Whether the noise of every node that follows from the action is known."""
    return all(model.equations_.mechanisms[node].is_exact for node in _following(model.equations_, do))


def _following(equations: Equations, do: Actions) -> list[str]:
    """Nodes that the action reaches and does not set to values."""
    return [node for node in reached(equations.parents, do) if callable(do.get(node, callable))]


def _n_draws(model: Questions, exact: bool, n_draws: int) -> tuple[int, int]:
    """Draws behind the value, and behind the interval; one where the noise is known and nothing was refitted."""
    return (1 if exact else n_draws), (len(model.refits_) if exact and model.refits_ else 1 if exact else n_draws)


def _shown(model: Questions, do: Actions, outcome: str | None) -> tuple[str, ...]:
    if outcome is None:
        return tuple(node for node in _following(model.equations_, do) if model.nodes_[node].kind != "block")
    refuse_unknown(model, outcome)
    if model.nodes_[outcome].kind == "block":
        raise DataError(f"{outcome!r} is a block of {model.nodes_[outcome].n_columns} columns; ask for one column.")
    if outcome not in reached(model.equations_.parents, do):
        raise DataError(f"{outcome!r} is no effect of {', '.join(map(repr, do))} in this graph: it stays as it is.")
    return (outcome,)


def _notes(model: Questions, exact: bool, do: Actions) -> tuple[str, ...]:
    said = [] if model.refits_ else ["the interval takes the fitted mechanisms as true: there were no refits"]
    if any(isinstance(model.equations_.mechanisms[node], Neural) for node in _following(model.equations_, do)):
        said.append(SMOOTHED)
    if not exact:
        couplings = {
            node: "monotone" if len(model.nodes_[node].levels) <= 2 else getattr(mechanism, "coupling", "")
            for node, mechanism in model.equations_.mechanisms.items()
            if node in reached(model.equations_.parents, do) and not mechanism.is_exact and node not in do
        }
        listed = ", ".join(f"{node} {coupling}" for node, coupling in couplings.items())
        said += [f"noise of categories by convention, no data can tell: {listed}"] if listed else []
    return tuple(said)


def _taken(arrays: Mapping[str, Any], rows: np.ndarray) -> dict[str, Any]:
    return {name: array if callable(array) else array[rows] for name, array in arrays.items()}
