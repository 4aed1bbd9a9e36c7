"""Between which two values of a node an effect is measured."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from causalrec.errors import DataError
from causalrec.structural.actions import one_value
from causalrec.structural.nodes import Node

__all__ = ["Contrast", "contrast_of", "ordinary_contrast", "spread", "why_none"]


@dataclass(frozen=True, slots=True)
class Contrast:
    """Two values of a node.

    Attributes
    ----------
    node : Node
    start, to : value of the node
    codes : tuple of float
        The two as the equations take them.
    """

    node: Node
    start: Any
    to: Any
    codes: tuple[float, float]

    @property
    def step(self) -> float:
        """How far apart the two are, in amounts; 1 for categories of text."""
        if not self.node.is_number:
            return 1.0
        start, to = self.node.amounts(np.array(self.codes))
        return float(to - start)


def contrast_of(node: Node, given: Any) -> Contrast:
    """The two values that a user named.

    Raises
    ------
    DataError : not a pair, twice the same, a value that the node cannot have, or a block.
    """
    if node.kind == "block":
        raise DataError(f"{node.name!r} is a block of {node.n_columns} columns; an effect is one of a single column.")
    if isinstance(given, str) or not isinstance(given, Sequence) or len(given) != 2:
        raise DataError(f"A contrast of {node.name!r} is a pair (start, to), such as (0, 1); this is {given!r}.")
    start, to = (float(one_value(node, value)) for value in given)
    if start == to:
        raise DataError(f"The effect of {node.name!r} needs two values, not {given[0]!r} twice.")
    return Contrast(node, given[0], given[1], (start, to))


def why_none(node: Node, values: np.ndarray) -> str:
    """Why a node has no two values that anybody would take; empty where it has."""
    if node.kind == "block":
        return f"it is a block of {node.n_columns} columns, which has no size"
    if node.kind == "discrete" and not node.is_number and len(node.levels) > 2:
        return f"it is text with {len(node.levels)} values and no order; name two of them in `contrasts`"
    return "" if values.std() > 0 else "it does not vary"


def ordinary_contrast(node: Node, values: np.ndarray) -> Contrast:
    """A standard deviation about the mean of an amount, from the lowest to the highest category of others.

    Parameters
    ----------
    node : Node
        One for which `why_none` is empty.
    values : float64, shape (n,)
        Amounts or codes.
    """
    if node.kind == "discrete":
        return contrast_of(node, (node.levels[0], node.levels[-1]))
    mean, deviation = float(values.mean()), float(values.std())
    digits = 2 - math.floor(math.log10(deviation))
    return contrast_of(node, (round(mean - deviation / 2, digits), round(mean + deviation / 2, digits)))


def spread(contrast: Contrast, values: np.ndarray) -> float:
    """Standard deviation of the node: of its amounts, or of `to` against `start` where it is text."""
    if contrast.node.is_number:
        return float(contrast.node.amounts(values).std())
    of_both = values[np.isin(values, contrast.codes)]
    return float((of_both == contrast.codes[1]).std()) if len(of_both) else 0.0
