"""Mean of an outcome under settings, by simulation of all noises but its own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from causalrec.structural.equations import Equations
from causalrec.structural.nodes import Node, Values

__all__ = ["constant", "mean_change", "outcome_mean", "simulation"]


def simulation(random_state: int, number: int) -> np.random.Generator:
    """Draws of their own for each refit: the spread of the refits then holds the error of simulation."""
    return np.random.default_rng([random_state, number])


def outcome_mean(
    equations: Equations, node: Node, values: Values, edges: Mapping[tuple[str, str], np.ndarray] | None = None
) -> np.ndarray:
    """Mean of a node given its parents, in the unit of its amounts; float64, shape (n,).

    Parameters
    ----------
    equations : Equations
    node : Node
        One with numbers.
    values : mapping of str to array
        Of its parents at least.
    edges : mapping of (str, str) to array, optional
        As in `Equations.evaluate`.
    """
    told = equations.told(node.name, values, edges or {})
    n = len(next(iter(values.values())))
    mean = equations.mechanisms[node.name].expectation(equations.inputs(node.name, told, n))
    return mean @ np.array(node.levels, dtype=float) if node.kind == "discrete" else mean


def mean_change(
    equations: Equations, nodes: Mapping[str, Node], treatment: str, levels: Sequence[float | np.ndarray], outcome: str,
    n_samples: int, rng: np.random.Generator,
) -> float:  # fmt: skip
    """Difference of the outcome's means under two settings, the same noise in both."""
    noise = equations.prior(n_samples, rng)
    first, second = (
        outcome_mean(equations, nodes[outcome], equations.evaluate(noise, do={treatment: constant(level, n_samples)}))
        for level in levels
    )
    return float((second - first).mean())


def constant(level: float | np.ndarray, n: int) -> np.ndarray:
    """One value, or row of a block, for each of `n` units."""
    return np.repeat(np.asarray(level)[None], n, axis=0)
