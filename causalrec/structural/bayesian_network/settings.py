"""Parameters of a network, checked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from causalrec.errors import DataError, nearest
from causalrec.structural.bayesian_network.structure import Level, Structure, structure_of
from causalrec.structural.refusals import refuse_count

if TYPE_CHECKING:
    from causalrec.graph import CausalGraph

__all__ = ["Settings"]

LEAST = {"n_draws": 100, "max_iter": 1, "random_state": 0}
SAVED = ("prior", "prior_kind", "n_draws", "max_iter", "tol", "random_state")


@dataclass(frozen=True, slots=True)
class Settings:
    """Parameters of a network.

    Raises
    ------
    DataError : one of them is out of its range.
    """

    prior: float
    prior_kind: str
    n_draws: int
    max_iter: int
    tol: float
    random_state: int
    levels: Mapping[str, Sequence[Level]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for name in ("prior", "tol"):
            value = getattr(self, name)
            if isinstance(value, bool) or not isinstance(value, int | float | np.number) or not 1e-12 <= value < 1e12:
                raise DataError(f"`{name}` is {value!r}; it is a positive number. See BayesianNetwork for its meaning.")
        for name, least in LEAST.items():
            refuse_count(name, getattr(self, name), least)
        if self.prior_kind not in ("cell", "bdeu"):
            raise DataError(f"`prior_kind` is {self.prior_kind!r}; choose 'cell' or 'bdeu'.")
        if not isinstance(self.levels, Mapping):
            raise DataError(f"`levels` is a mapping of nodes to their levels, not {type(self.levels).__name__}.")

    @classmethod
    def saved(cls, document: Mapping[str, Any]) -> Settings:
        """The settings of a saved network."""
        try:
            return cls(**{name: document["settings"][name] for name in SAVED})
        except (KeyError, TypeError) as error:
            raise DataError(f"The saved network is damaged: its settings lack {error}.") from error

    def to_dict(self) -> dict[str, Any]:
        """Plain numbers and text, the levels left out."""
        return {name: getattr(self, name) for name in SAVED}

    def structure(self, graph: CausalGraph, levels: Mapping[str, Sequence[Level]]) -> Structure:
        """The graph in numbers, where every node has levels and every given level has a node."""
        if strange := [name for name in self.levels if name not in graph]:
            raise DataError(f"`levels`: the graph has no node {nearest(map(str, strange), graph.nodes)}.")
        if lacking := [name for name in graph.nodes if name not in levels]:
            raise DataError(f"`levels` lacks {', '.join(map(repr, lacking))}; state the levels of each node.")
        return structure_of(graph, levels)
