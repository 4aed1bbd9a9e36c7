"""Random discrete structural models in which every unmeasured cause is known, so that every effect is too.

Nothing here uses the code under test: effects come from the truncated factorisation over all nodes,
the latent ones included.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from causalrec.graph import CausalGraph
from causalrec.identification.expression import Distribution

__all__ = ["DiscreteModel", "random_graph"]


@dataclass(frozen=True)
class DiscreteModel:
    """Conditional tables of all nodes of a graph.

    Attributes
    ----------
    measured : tuple of str
    scopes : dict of str to tuple of str
        Each node with its causes: the axes of its table. Bidirected edges are nodes of their own.
    tables : dict of str to array
        P(node | causes), the first axis being the node's.
    """

    measured: tuple[str, ...]
    scopes: dict[str, tuple[str, ...]]
    tables: dict[str, np.ndarray]

    @classmethod
    def random(cls, graph: CausalGraph, rng: np.random.Generator, n_levels: Sequence[int] = (2, 3)) -> "DiscreteModel":
        """Tables drawn from a Dirichlet distribution, so that no probability is 0."""
        causes = {node: list(node_causes(graph, node)) for node in graph.nodes}
        for one, other in graph.bidirected:
            hidden = f"{one} <-> {other}"
            causes[hidden] = []
            causes[one].append(hidden)
            causes[other].append(hidden)
        sizes = {node: int(rng.choice(n_levels)) for node in causes}
        tables = {}
        for node, own in causes.items():
            table = rng.dirichlet(np.ones(sizes[node]), size=[sizes[cause] for cause in own])
            tables[node] = np.moveaxis(0.9 * table + 0.1 / sizes[node], -1, 0)
        measured = tuple(node for node in graph.nodes if node not in graph.latent)
        return cls(measured, {node: (node, *own) for node, own in causes.items()}, tables)

    def size(self, node: str) -> int:
        return self.tables[node].shape[0]

    def joint(self, names: Sequence[str], do: Sequence[str] = ()) -> np.ndarray:
        """P(names | do(do)) by truncated factorisation: an axis for each of `names`, then each of `do`."""
        number = {node: axis for axis, node in enumerate(self.scopes)}
        operands = []
        for node, scope in self.scopes.items():
            if node not in do:
                operands += [self.tables[node], [number[name] for name in scope]]
        for node in do:  # an axis for each treatment, even one that causes nothing
            operands += [np.ones(self.size(node)), [number[node]]]
        return np.einsum(*operands, [number[name] for name in (*names, *do)], optimize="greedy")

    def observed(self) -> Distribution:
        """The distribution of what is measured."""
        return Distribution(self.measured, self.levels(self.measured), self.joint(self.measured))

    def effect(self, do: Sequence[str], names: Sequence[str], given: Sequence[str] = ()) -> Distribution:
        """P(names | do(do), given), one axis for each name in the order of `measured`."""
        joint = self.joint((*names, *given), do)
        joint = joint / joint.sum(axis=tuple(range(len(names))), keepdims=True)
        axes = (*names, *given, *do)
        order = sorted(range(len(axes)), key=lambda axis: self.measured.index(axes[axis]))
        axes = tuple(axes[axis] for axis in order)
        return Distribution(axes, self.levels(axes), joint.transpose(order))

    def levels(self, names: Sequence[str]) -> tuple[tuple[int, ...], ...]:
        return tuple(tuple(range(self.size(name))) for name in names)


def node_causes(graph: CausalGraph, node: str) -> tuple[str, ...]:
    return tuple(cause for cause in graph.nodes if cause in graph.parents(node))


def random_graph(
    rng: np.random.Generator,
    n_nodes: int,
    *,
    density: float = 0.4,
    bidirected: float = 0.2,
    n_latent: int = 0,
) -> CausalGraph:
    """Random graph over v0, v1, ... in random causal order; the last `n_latent` of the names are latent."""
    names = [f"v{number}" for number in range(n_nodes)]
    order = [names[place] for place in rng.permutation(n_nodes)]
    pairs = list(combinations(order, 2))
    edges = [pair for pair in pairs if rng.random() < density]
    twins = [pair for pair in pairs if rng.random() < bidirected]
    return CausalGraph(edges, bidirected=twins, latent=names[n_nodes - n_latent :], nodes=names)
