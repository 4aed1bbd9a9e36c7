"""The interval of each covariate on the way to a leaf of a tree."""

from __future__ import annotations

from typing import Any

import numpy as np

__all__ = ["Bounds", "leaf_bounds"]

Bounds = dict[int, tuple[float, float]]


def leaf_bounds(tree: Any, node: int = 0, bounds: Bounds | None = None) -> dict[int, Bounds]:
    """Leaves of a fitted scikit-learn tree, each with its open lower and closed upper end by place of the covariate."""
    bounds = bounds or {}
    left, right = int(tree.children_left[node]), int(tree.children_right[node])
    if left < 0:
        return {node: bounds}
    column, cut = int(tree.feature[node]), float(tree.threshold[node])
    low, high = bounds.get(column, (-np.inf, np.inf))
    below, above = {**bounds, column: (low, min(high, cut))}, {**bounds, column: (max(low, cut), high)}
    return leaf_bounds(tree, left, below) | leaf_bounds(tree, right, above)
