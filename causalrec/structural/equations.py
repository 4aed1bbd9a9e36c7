"""`Equations`: every node as a function of its parents and noise, evaluated without any state."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

from causalrec.structural.mechanisms.mechanism import Mechanism
from causalrec.structural.nodes import Values

__all__ = ["Actions", "Equations"]

Actions = Mapping[str, "np.ndarray | Callable[[np.ndarray], np.ndarray]"]
"""Node -> what it is set to: values, (n,) or (n, d); or a function of the values that it would have had."""


@dataclass(frozen=True, slots=True, eq=False)
class Equations:
    """Fitted mechanisms in the order of causes.

    Values are amounts and codes, as `Node.coded` gives them.

    Attributes
    ----------
    parents : mapping of str to tuple of str
        Each node after its causes -> its parents, in the order of the columns that its mechanism takes.
    mechanisms : mapping of str to Mechanism
    """

    parents: Mapping[str, tuple[str, ...]]
    mechanisms: Mapping[str, Mechanism]

    def inputs(self, node: str, values: Mapping[str, np.ndarray], n: int) -> np.ndarray:
        """What the mechanism of a node takes; float64, shape (n, p)."""
        return np.column_stack([np.empty((n, 0)), *(values[parent] for parent in self.parents[node])])

    def told(
        self, node: str, values: Mapping[str, np.ndarray], edges: Mapping[tuple[str, str], np.ndarray]
    ) -> dict[str, np.ndarray]:
        """Values of the parents of a node as it sees them: those that an edge carries in place of their own."""
        return {parent: edges.get((parent, node), values[parent]) for parent in self.parents[node]}

    def above(self, node: str) -> Equations:
        """The equations of a node and its ancestors alone."""
        kept = {node}
        for one in reversed(tuple(self.parents)):
            if one in kept:
                kept |= set(self.parents[one])
        parents = {one: causes for one, causes in self.parents.items() if one in kept}
        return Equations(parents, {one: self.mechanisms[one] for one in parents})

    def prior(self, n: int, rng: np.random.Generator) -> Values:
        """Noise of `n` new units."""
        return {node: self.mechanisms[node].prior(n, rng) for node in self.parents}

    def noise(self, values: Mapping[str, np.ndarray], rng: np.random.Generator, nodes=None) -> Values:
        """Noise of units whose values are known: abduction."""
        n = len(next(iter(values.values())))
        return {
            node: self.mechanisms[node].noise(self.inputs(node, values, n), values[node], rng)
            for node in (self.parents if nodes is None else nodes)
        }

    def evaluate(
        self, noise: Mapping[str, np.ndarray], *, do: Actions | None = None,
        known: Mapping[str, np.ndarray] | None = None, edges: Mapping[tuple[str, str], np.ndarray] | None = None,
    ) -> Values:  # fmt: skip
        """Value of every node.

        Parameters
        ----------
        noise : mapping of str to array
            Of all nodes that are neither known nor set to values.
        do : mapping of str to array or function, optional
            Nodes that are set; see `Actions`.
        known : mapping of str to array, optional
            Nodes that keep these values, as those do that an action does not reach.
        edges : mapping of (str, str) to array, optional
            Edge, cause first -> values of the cause that this one effect is told, in place of its own. Values
            that another evaluation gave make nested counterfactuals.

        Returns
        -------
        dict of str to float64, shape (n,) or (n, d)
        """
        do, found, edges = do or {}, dict(known or {}), edges or {}
        n = len(next(iter({**found, **noise, **{k: v for k, v in do.items() if not callable(v)}}.values())))
        for node in self.parents:
            action = do.get(node)
            if node not in found or action is not None:
                found[node] = self._one(node, found, noise, action, edges, n)
        return found

    def _one(self, node: str, found: Values, noise, action, edges, n: int) -> np.ndarray:
        if action is not None and not callable(action):
            return action
        told = self.told(node, found, edges)
        natural = self.mechanisms[node].value(self.inputs(node, told, n), noise[node]) if node in noise else found[node]
        return natural if action is None else action(natural)
