"""Any mechanisms: effects along paths as means of nested counterfactuals, the same noise in each.

References
----------
Pearl (2001), UAI: Direct and indirect effects.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from causalrec.structural.abduction import reached
from causalrec.structural.equations import Equations
from causalrec.structural.influence.contrast import Contrast, spread
from causalrec.structural.nodes import Node, Values
from causalrec.structural.outcome_means import constant, outcome_mean

__all__ = ["NestedWorlds", "nested_worlds"]


@dataclass(frozen=True, slots=True, eq=False)
class NestedWorlds:
    """Simulated units, whose treatment can have one value on some edges and another on the others.

    Attributes
    ----------
    equations : Equations
        Of the outcome and its causes.
    nodes : mapping of str to Node
    outcome : str
    noise, natural : dict of str to array
        Noise of the units, and their values without any action.
    n_samples : int
    """

    equations: Equations
    nodes: Mapping[str, Node]
    outcome: str
    noise: Values
    natural: Values
    n_samples: int

    def changes(self, contrast: Contrast, groups: Sequence[frozenset[str]]) -> np.ndarray:
        """Change of the outcome's mean: in all, and where the treatment acts anew on each group of steps alone."""
        name = contrast.node.name
        every = frozenset(node for node, parents in self.equations.parents.items() if name in parents)
        before = self._world(contrast, self.natural, (name,), {})
        told = {group: self._mean(contrast, before, group) for group in dict.fromkeys((frozenset(), every, *groups))}
        return np.array([told[group] - told[frozenset()] for group in (every, *groups)])

    def scale(self, contrast: Contrast) -> float:
        """Standard deviation of the treatment, in steps of the contrast, over that of the outcome."""
        name = contrast.node.name
        of_outcome = float(self.nodes[self.outcome].amounts(self.natural[self.outcome]).std())
        if not of_outcome > 0:
            return float("nan")
        return spread(contrast, self.natural[name]) / abs(contrast.step) / of_outcome

    def _mean(self, contrast: Contrast, before: Values, group: frozenset[str]) -> float:
        """Mean of the outcome where these first steps are told the new value, and the others the old one."""
        to = constant(contrast.codes[1], self.n_samples)
        edges = {(contrast.node.name, step): to for step in group}
        found = self._world(contrast, before, group, edges)
        return float(outcome_mean(self.equations, self.nodes[self.outcome], found, edges).mean())

    def _world(
        self, contrast: Contrast, before: Values, changing: Collection[str], edges: Mapping[tuple[str, str], np.ndarray]
    ) -> Values:
        """Values with the treatment at its start; what does not follow from `changing` stays as it was before."""
        changed = reached(self.equations.parents, dict.fromkeys(changing, np.empty(0)))
        known = {node: array for node, array in before.items() if node not in changed}
        # The outcome's own noise is not simulated: its mechanism gives the mean.
        known |= {self.outcome: self.natural[self.outcome]}
        start = constant(contrast.codes[0], self.n_samples)
        return self.equations.evaluate(self.noise, do={contrast.node.name: start}, known=known, edges=edges)


def nested_worlds(
    equations: Equations, nodes: Mapping[str, Node], outcome: str, n_samples: int, rng: np.random.Generator
) -> NestedWorlds:
    """New units of equations that hold the outcome and its causes alone."""
    noise = equations.prior(n_samples, rng)
    return NestedWorlds(equations, nodes, outcome, noise, equations.evaluate(noise), n_samples)
