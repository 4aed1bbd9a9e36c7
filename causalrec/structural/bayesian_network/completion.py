"""Ways to fill in missing values: how probable each is, and which cells of the tables it counts in."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import prod

import numpy as np

from causalrec.structural.bayesian_network.structure import Structure

__all__ = ["Gap", "GapFamily", "gaps_of_rows"]

CHUNK = 2_000_000
"""Ways, over rows, that are held at a time."""


@dataclass(frozen=True, slots=True, eq=False)
class GapFamily:
    """A table with a missing axis.

    Attributes
    ----------
    node : int
        Whose table.
    cells : int64, shape (n_rows or 1, levels of a missing node or 1, ...)
        Cell of the table, raveled, that each row and way falls in.
    away : tuple of int
        Axes of the ways that the table does not have.
    flat : int64, shape (n_rows times the ways along the other axes,)
        The same cells for every row.
    """

    node: int
    cells: np.ndarray
    away: tuple[int, ...]
    flat: np.ndarray


@dataclass(frozen=True, slots=True, eq=False)
class Gap:
    """Missing nodes that hang together given what is observed, and rows that miss them.

    Attributes
    ----------
    weights : float64, shape (n_rows,)
        Units that each row stands for.
    sizes : tuple of int
        Levels of each missing node.
    families : tuple of GapFamily
    """

    weights: np.ndarray
    sizes: tuple[int, ...]
    families: tuple[GapFamily, ...]

    def joint(self, tables: Sequence[np.ndarray]) -> np.ndarray:
        """P(missing values and what is seen of the families); float64, shape (n_rows, *sizes)."""
        joint = np.ones((len(self.weights), *self.sizes))
        for family in self.families:
            joint *= tables[family.node].ravel()[family.cells]
        return joint

    def add(self, units: np.ndarray, cells: Sequence[np.ndarray]) -> None:
        """Add units of each row and way, shape (n_rows, *sizes), to the cells of the tables."""
        for family in self.families:
            own, table = units.sum(axis=family.away).ravel(), cells[family.node]
            table += np.bincount(family.flat, weights=own, minlength=table.size).reshape(table.shape)


def gaps_of_rows(
    structure: Structure, nodes: tuple[int, ...], families: tuple[int, ...], codes: np.ndarray, weights: np.ndarray
) -> Iterator[Gap]:
    """Gaps of distinct rows, so many rows in each as may be held at a time."""
    sizes = tuple(len(structure.levels[node]) for node in nodes)
    step = max(1, CHUNK // prod(sizes))
    for start in range(0, len(codes), step):
        rows = codes[start : start + step]
        yield Gap(
            weights[start : start + step], sizes, tuple(gap_family(structure, nodes, node, rows) for node in families)
        )


def gap_family(structure: Structure, nodes: tuple[int, ...], node: int, codes: np.ndarray) -> GapFamily:
    """Where rows and ways to fill them in lie in the table of a node."""
    axis = {missing: 1 + place for place, missing in enumerate(nodes)}
    family, found = structure.family(node), []
    for member in family:
        values = np.arange(len(structure.levels[member])) if member in axis else codes[:, member]
        shape = [1] * (1 + len(nodes))
        shape[axis.get(member, 0)] = len(values)
        found.append(values.reshape(shape))
    cells = np.ravel_multi_index(np.broadcast_arrays(*found), structure.shape(node))
    away = tuple(place for missing, place in axis.items() if missing not in family)
    every = np.broadcast_to(cells, (len(codes), *cells.shape[1:]))
    return GapFamily(node, cells, away, every.ravel())
