"""Interventions in the user's words, as the equations take them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from causalrec.errors import DataError, UnknownNodeError
from causalrec.structural.nodes import Node

__all__ = ["Do", "actions", "one_value", "worded"]

Do = Mapping[str, Any]
"""Node -> a value, an array of one value a unit, or a function of the values that the node would have had."""


def actions(do: Do, nodes: Mapping[str, Node], n: int) -> dict[str, Any]:
    """Codes and amounts of the values; functions that take and give codes and amounts.

    Raises
    ------
    UnknownNodeError : a node that the model has not.
    DataError : a value that the node cannot have, or not one a unit.
    """
    if not isinstance(do, Mapping) or not do:
        raise DataError(f"`do` maps nodes to what they are set to, such as {{'display': 1}}; this is {do!r}.")
    if unknown := [node for node in do if node not in nodes]:
        raise UnknownNodeError(unknown, nodes)
    return {node: _action(nodes[node], given, n) for node, given in do.items()}


def one_value(node: Node, given: Any) -> Any:
    """Code or amount of a value, or row of a block.

    Raises
    ------
    DataError : a value that the node cannot have, or a function.
    """
    if callable(given):
        raise DataError(f"An effect of {node.name!r} is between two values of it; give one value, not a function.")
    return _set(node, given, 1)[0]


def worded(do: Do) -> dict[str, Any]:
    """What is set, for printing."""
    return {node: _word(given) for node, given in do.items()}


def _action(node: Node, given: Any, n: int) -> np.ndarray | Callable[[np.ndarray], np.ndarray]:
    if callable(given):
        return lambda natural: _set(node, given(node.decoded(natural)), len(natural))
    return _set(node, given, n)


def _set(node: Node, given: Any, n: int) -> np.ndarray:
    array = np.asarray(given)
    wide = node.kind == "block"
    if array.ndim == (1 if wide else 0):
        array = np.repeat(array[None], n, axis=0)
    if array.ndim != (2 if wide else 1) or len(array) != n:
        raise DataError(
            f"{node.name!r} is set to an array {array.shape}; give one value, or one for each of {n:,} units."
        )
    return node.coded(array)


def _word(given: Any) -> Any:
    if callable(given):
        return "a function of its value"
    array = np.asarray(given)
    return array.item() if array.ndim == 0 else "an array"
