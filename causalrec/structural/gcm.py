"""Our fitted mechanisms as those of dowhy.gcm, which has the Shapley values of causal contributions.

dowhy costs seconds to import, so that its classes are inherited inside functions. Its noise is one column a node:
categories take the ordered coupling here, whatever that of the mechanism is.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import numpy as np

from causalrec.errors import DataError
from causalrec.structural.equations import Equations
from causalrec.structural.mechanisms.categorical_noise import category, posterior_noise, prior_noise
from causalrec.structural.mechanisms.mechanism import Mechanism
from causalrec.structural.nodes import Node

if TYPE_CHECKING:
    from dowhy.gcm import InvertibleStructuralCausalModel

__all__ = ["gcm_model", "seeded"]


def gcm_model(equations: Equations, nodes: dict[str, Node], target: str) -> InvertibleStructuralCausalModel:
    """Causal model of dowhy.gcm that holds a node, its causes, and their mechanisms as they were fitted.

    Values are amounts, and categories the numbers that they are, or codes where they are text.

    Raises
    ------
    DataError : a block is among them; dowhy.gcm has one column a node.
    """
    import networkx
    from dowhy.gcm import InvertibleStructuralCausalModel
    from dowhy.gcm.causal_models import PARENTS_DURING_FIT

    kept = tuple(equations.above(target).parents)
    if blocks := [node for node in kept if nodes[node].kind == "block"]:
        raise DataError(f"{', '.join(map(repr, blocks))} is a block, and dowhy.gcm has one column a node.")
    graph = networkx.DiGraph()
    graph.add_nodes_from(kept)
    graph.add_edges_from((parent, node) for node in kept for parent in equations.parents[node])
    model = InvertibleStructuralCausalModel(graph)
    for node in kept:
        # dowhy orders the columns of a node's parents by name, as ours are.
        wrap = _conditional if equations.parents[node] else _root
        model.set_causal_mechanism(node, wrap(equations.mechanisms[node]))
        graph.nodes[node][PARENTS_DURING_FIT] = list(equations.parents[node])
    return model


@contextmanager
def seeded(seed: int) -> Iterator[None]:
    """dowhy.gcm draws from numpy's one generator: it starts at a seed, and is left as it was."""
    before = np.random.get_state()  # noqa: NPY002
    np.random.seed(seed)  # noqa: NPY002
    try:
        yield
    finally:
        np.random.set_state(before)  # noqa: NPY002


def _generator() -> np.random.Generator:
    return np.random.default_rng(np.random.randint(np.iinfo(np.int32).max))  # noqa: NPY002


def _root(mechanism: Mechanism) -> Any:
    from dowhy.gcm.causal_mechanisms import StochasticModel

    class Root(StochasticModel):
        def fit(self, X):
            raise NotImplementedError("fitted by causalrec")

        def draw_samples(self, num_samples):
            return mechanism.draw(np.empty((num_samples, 0)), _generator()).reshape(-1, 1)

        def clone(self):
            return _root(mechanism)

    return Root()


def _conditional(mechanism: Mechanism) -> Any:
    from dowhy.gcm.causal_mechanisms import InvertibleFunctionalCausalModel

    n_levels = mechanism.coding_.n_levels

    class Conditional(InvertibleFunctionalCausalModel):
        def fit(self, X, Y):
            raise NotImplementedError("fitted by causalrec")

        def draw_noise_samples(self, num_samples):
            if n_levels:
                return prior_noise(num_samples, n_levels, "ordered", _generator()).reshape(-1, 1)
            return mechanism.prior(num_samples, _generator()).reshape(-1, 1)

        def evaluate(self, parent_samples, noise_samples):
            parents, noise = np.asarray(parent_samples, dtype=float), np.asarray(noise_samples, dtype=float).reshape(-1)
            if n_levels:
                return category(mechanism.expectation(parents), noise, "ordered").reshape(-1, 1)
            return mechanism.value(parents, noise).reshape(-1, 1)

        def estimate_noise(self, target_samples, parent_samples):
            parents, values = (
                np.asarray(parent_samples, dtype=float),
                np.asarray(target_samples, dtype=float).reshape(-1),
            )
            if n_levels:
                shares = mechanism.expectation(parents)
                return posterior_noise(shares, values.astype(np.int64), "ordered", _generator()).reshape(-1, 1)
            return mechanism.noise(parents, values, _generator()).reshape(-1, 1)

        def clone(self):
            return _conditional(mechanism)

    return Conditional()
