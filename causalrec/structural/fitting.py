"""Mechanisms from rows: choose, fit, fit again on resampled rows."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from copy import deepcopy

import numpy as np

from causalrec.errors import EstimationError
from causalrec.structural.choice import chosen
from causalrec.structural.equations import Equations
from causalrec.structural.mechanisms.coding import Coding
from causalrec.structural.mechanisms.mechanism import Mechanism
from causalrec.structural.nodes import Node, Values

__all__ = ["coding_of", "fit_one", "fitted", "refitted", "templates"]

Parents = Mapping[str, tuple[str, ...]]
MAX_LOST = 0.1  # share of the resamples on which a mechanism could not be fitted, above which no error is given


def coding_of(node: str, parents: Parents, nodes: Mapping[str, Node]) -> Coding:
    """What the columns of a node's parents stand for."""
    wide = [(parent, nodes[parent]) for parent in parents[node] for _ in range(nodes[parent].n_columns)]
    return Coding(
        node, len(nodes[node].levels), tuple(name for name, _ in wide), tuple(len(one.levels) for _, one in wide),
        tuple(one.kind == "block" for _, one in wide),
    )  # fmt: skip


def templates(
    given: Mapping[str, Mechanism], parents: Parents, nodes: Mapping[str, Node], values: Values,
    clusters: np.ndarray | None = None,
) -> dict[str, Mechanism]:  # fmt: skip
    """A mechanism for each node that was not fitted: the one given, or the one its types ask for.

    One row of each cluster chooses: tests of curves take rows as independent of each other.
    """
    if clusters is not None:
        first = np.unique(clusters, return_index=True)[1]
        values = {node: array[first] for node, array in values.items()}
    inputs, found = Equations(parents, {}), {}
    for node in parents:
        if node in given:
            found[node] = deepcopy(given[node])
            continue
        rows = inputs.inputs(node, values, len(values[node]))
        found[node] = chosen(nodes[node], coding_of(node, parents, nodes), rows, values[node])
    return found


def fitted(unfitted: Mapping[str, Mechanism], parents: Parents, nodes: Mapping[str, Node], values: Values) -> Equations:
    """Each mechanism on all rows.

    Raises
    ------
    EstimationError : a mechanism cannot be fitted; the node, the rule and what was found.
    """
    inputs, found = Equations(parents, {}), {}
    for node in parents:
        rows = inputs.inputs(node, values, len(values[node]))
        found[node] = fit_one(deepcopy(unfitted[node]), rows, values[node], coding_of(node, parents, nodes))
    return Equations(parents, found)


def refitted(
    unfitted: Mapping[str, Mechanism], parents: Parents, nodes: Mapping[str, Node], values: Values,
    resamples: Iterator[np.ndarray],
) -> tuple[Equations, ...]:  # fmt: skip
    """The mechanisms on each resample of the rows; a resample on which one cannot be fitted is left out.

    Raises
    ------
    EstimationError : more than a tenth of the resamples are lost.
    """
    found, reason, n = [], "", 0
    for rows in resamples:
        n += 1
        try:
            found.append(fitted(unfitted, parents, nodes, {node: array[rows] for node, array in values.items()}))
        except EstimationError as error:
            reason = str(error)
    if n - len(found) > MAX_LOST * n:
        raise EstimationError(
            f"On {n - len(found)} of {n} resamples of the rows a mechanism could not be fitted, so that there is no "
            f"error to give. The last: {reason}"
        )
    return tuple(found)


def fit_one(mechanism: Mechanism, rows: np.ndarray, values: np.ndarray, coding: Coding) -> Mechanism:
    """The mechanism itself, fitted.

    Raises
    ------
    EstimationError : it cannot be fitted; the node, the rule and what was found.
    """
    try:
        return mechanism.fit(rows, values, coding)
    except EstimationError as error:
        raise EstimationError(
            f"The mechanism of {coding.node!r} ({mechanism.name}, given {coding.names}, {len(values):,} rows) cannot "
            f"be fitted: {str(error).rstrip('.')}. Give mechanisms={{{coding.node!r}: ...}}, drop a parent, or give "
            f"more rows."
        ) from error
