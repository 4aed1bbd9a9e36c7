"""Draws of counterfactual values as means, intervals and probabilities."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from causalrec.structural.counterfactual import NodeCounterfactual
from causalrec.structural.nodes import Node, Values

__all__ = ["joined", "summary"]


def summary(
    node: Node, factual: np.ndarray, points: Sequence[Values], draws: Sequence[Values], extrapolated: np.ndarray,
    level: float,
) -> tuple[NodeCounterfactual, np.ndarray]:  # fmt: skip
    """One node of some units, and the sum over these units of the change in each draw.

    Parameters
    ----------
    node : Node
    factual : float64, shape (n,)
    points, draws : sequence of dict
        Draws of the mechanisms fitted on all rows, which give the value, and of those that give the interval.
    extrapolated : bool, shape (n,)
    level : float
    """
    names = node.name
    point, spread = (np.stack([draw[names] for draw in some]) for some in (points, draws))
    probabilities = None
    if node.kind == "discrete":
        probabilities = np.stack([(point == k).mean(axis=0) for k in range(len(node.levels))], axis=1)
    if not node.is_number:
        assert probabilities is not None
        ends = np.full(len(factual), np.nan)
        whole = probabilities.max(axis=1), ends, ends
        return _of(node, factual, whole, probabilities, extrapolated), np.full(len(draws), np.nan)
    point, spread = node.amounts(point), node.amounts(spread)
    low, high = np.quantile(spread, [(1 - level) / 2, (1 + level) / 2], axis=0, method="weibull")
    changes = (spread - node.amounts(factual)).sum(axis=1)
    return _of(node, factual, (point.mean(axis=0), low, high), probabilities, extrapolated), changes


def _of(node: Node, factual: np.ndarray, ends, probabilities, extrapolated: np.ndarray) -> NodeCounterfactual:
    nothing = float("nan")
    value, lower, upper = ends
    average = (nothing, nothing, nothing)
    return NodeCounterfactual(node, node.decoded(factual), value, lower, upper, probabilities, extrapolated, average)


def joined(
    parts: Sequence[Mapping[str, tuple[NodeCounterfactual, np.ndarray]]], order: np.ndarray, level: float
) -> dict[str, NodeCounterfactual]:
    """Blocks of units as one, in the order of the table; `order` is where each of them stands there."""
    found = {}
    for name in parts[0]:
        ones = [part[name][0] for part in parts]
        back = np.argsort(order)
        fields = ("factual", "value", "lower", "upper", "extrapolated")
        arrays = {field: np.concatenate([getattr(one, field) for one in ones])[back] for field in fields}
        has = ones[0].probabilities is not None
        probabilities = np.concatenate([one.probabilities for one in ones])[back] if has else None
        changes = np.sum([part[name][1] for part in parts], axis=0) / len(order)
        found[name] = NodeCounterfactual(
            ones[0].node, arrays["factual"], arrays["value"], arrays["lower"], arrays["upper"], probabilities,
            arrays["extrapolated"], _average(ones[0].node, arrays, changes, level),
        )  # fmt: skip
    return found


def _average(node: Node, arrays: Mapping[str, np.ndarray], changes: np.ndarray, level: float) -> tuple:
    if not node.is_number:
        return (float("nan"),) * 3
    mean = float((arrays["value"] - node.amounts_of(arrays["factual"])).mean())
    low, high = np.quantile(changes, [(1 - level) / 2, (1 + level) / 2], method="weibull")
    return mean, float(low), float(high)
