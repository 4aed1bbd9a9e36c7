"""Linear mechanisms: effects along paths are products of coefficients, summed over the paths.

References
----------
Wright (1934), Annals of Mathematical Statistics 5(3): The method of path coefficients.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from causalrec.structural.equations import Equations
from causalrec.structural.influence.contrast import Contrast
from causalrec.structural.mechanisms.conditional_table import ConditionalTable
from causalrec.structural.mechanisms.linear import LinearGaussian
from causalrec.structural.mechanisms.mechanism import Mechanism
from causalrec.structural.mechanisms.roots import EmpiricalRoot, GaussianRoot
from causalrec.structural.nodes import Node

__all__ = ["LinearPaths", "is_linear", "linear_paths"]


@dataclass(frozen=True, slots=True, eq=False)
class LinearPaths:
    """Coefficients of linear mechanisms.

    Attributes
    ----------
    place : mapping of str to int
        Node -> its row and column; causes first, the outcome last.
    coefficients : float64, shape (n_nodes, n_nodes)
        [effect, cause], for one of the cause's unit, or for its second category against the first.
    variances : float64, shape (n_nodes,)
        Of each node's own noise.
    sums : float64, shape (n_nodes, n_nodes)
        [end, start], of the products along all paths; 1 from a node to itself.
    """

    place: Mapping[str, int]
    coefficients: np.ndarray
    variances: np.ndarray
    sums: np.ndarray

    def changes(self, contrast: Contrast, groups: Sequence[frozenset[str]]) -> np.ndarray:
        """Change of the outcome: in all, and where the treatment acts anew on each group of first steps alone."""
        x = self.place[contrast.node.name]
        steps = self.sums[-1] * self.coefficients[:, x]
        parts = [sum(steps[self.place[step]] for step in group) for group in groups]
        return self._step(contrast) * np.array([steps.sum(), *parts])

    def along_edges(self, contrast: Contrast, edges: Iterable[tuple[str, str]]) -> float:
        """Change of the outcome along the paths that use these edges alone."""
        kept = np.zeros_like(self.coefficients)
        for cause, effect in edges:
            if cause in self.place and effect in self.place:
                kept[self.place[effect], self.place[cause]] = 1.0
        return float(self._step(contrast) * _sums(self.coefficients * kept)[-1, self.place[contrast.node.name]])

    def along_paths(self, contrast: Contrast, paths: Iterable[Sequence[str]]) -> float:
        """Change of the outcome along these paths; each is counted once."""
        products = [
            np.prod([self.coefficients[self.place[effect], self.place[cause]] for cause, effect in pairwise(path)])
            for path in dict.fromkeys(tuple(path) for path in paths)
        ]
        return float(self._step(contrast) * sum(products))

    def scale(self, contrast: Contrast) -> float:
        """Standard deviation of the treatment, in steps of the contrast, over that of the outcome."""
        variances = (self.sums**2) @ self.variances
        x = variances[self.place[contrast.node.name]]
        return float(np.sqrt(x / variances[-1]) / abs(self._step(contrast))) if variances[-1] > 0 else float("nan")

    def _step(self, contrast: Contrast) -> float:
        return contrast.codes[1] - contrast.codes[0]


def is_linear(equations: Equations, nodes: Mapping[str, Node]) -> bool:
    """Whether every mechanism is linear in amounts and in categories of two, and every root has a known variance."""
    return all(
        isinstance(mechanism, LinearGaussian) if equations.parents[node] else _is_root(mechanism, nodes[node])
        for node, mechanism in equations.mechanisms.items()
    )


def linear_paths(equations: Equations) -> LinearPaths:
    """Coefficients of equations for which `is_linear`; the last node is the outcome."""
    place = {node: k for k, node in enumerate(equations.parents)}
    coefficients = np.zeros((len(place), len(place)))
    variances = np.zeros(len(place))
    for node, mechanism in equations.mechanisms.items():
        causes = [place[cause] for cause in equations.parents[node]]
        if isinstance(mechanism, LinearGaussian):
            coefficients[place[node], causes] = mechanism.coef_[1:]
            variances[place[node]] = mechanism.deviation_**2
        else:
            variances[place[node]] = _variance(mechanism)
    return LinearPaths(place, coefficients, variances, _sums(coefficients))


def _sums(coefficients: np.ndarray) -> np.ndarray:
    """Sum over all paths of the products along them, [end, start]; 1 from a node to itself."""
    return np.linalg.inv(np.eye(len(coefficients)) - coefficients)


def _is_root(mechanism: Mechanism, node: Node) -> bool:
    single = node.kind == "continuous" or (node.kind == "discrete" and len(node.levels) <= 2)
    return single and isinstance(mechanism, EmpiricalRoot | GaussianRoot | ConditionalTable)


def _variance(mechanism: Mechanism) -> float:
    """Of a root."""
    if isinstance(mechanism, GaussianRoot):
        return mechanism.deviation_**2
    if isinstance(mechanism, EmpiricalRoot):
        return float(mechanism.values_.var())
    share = float(mechanism.expectation(np.empty((1, 0)))[0, -1])
    return share * (1 - share)
