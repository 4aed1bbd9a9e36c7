"""Rows counted by the cells of each table, and what is missing beside them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import prod

import numpy as np

from causalrec.errors import DataError
from causalrec.structural.bayesian_network.completion import Gap, gaps_of_rows
from causalrec.structural.bayesian_network.structure import Structure

__all__ = ["MAX_COMPLETIONS", "Counts", "counted", "log_sum", "observed_log_likelihood"]

BARREN = -2
MAX_COMPLETIONS = 5_000_000
"""Ways to fill in the missing values of one row that hang together."""


@dataclass(frozen=True, slots=True, eq=False)
class Counts:
    """Sufficient statistics of a table with or without missing values.

    Attributes
    ----------
    cells : list of float64
        Units in each cell of each table, where the whole family is observed.
    gaps : tuple of Gap
    n : float
        Units in all.
    """

    cells: list[np.ndarray]
    gaps: tuple[Gap, ...]
    n: float


def counted(structure: Structure, codes: np.ndarray, weights: np.ndarray) -> Counts:
    """Count a table; missing values without observed effects are ignored, for they carry no information.

    Raises
    ------
    DataError : missing values that hang together in more ways than can be summed over.
    """
    codes = without_barren(structure, codes)
    cells = [cell_counts(structure, node, codes, weights) for node in range(len(structure.levels))]
    incomplete = np.flatnonzero((codes == -1).any(axis=1))
    gaps = tuple(gaps_of(structure, codes[incomplete], weights[incomplete])) if len(incomplete) else ()
    return Counts(cells, gaps, float(weights.sum()))


def without_barren(structure: Structure, codes: np.ndarray) -> np.ndarray:
    """Codes in which a missing node whose effects are all missing is -2: summing over it leaves 1."""
    codes = codes.copy()
    graph = structure.graph
    for node in reversed(structure.order):
        barren = codes[:, node] == -1
        for child in graph.numbers(graph.children(structure.names[node])):
            barren &= codes[:, child] == BARREN
        codes[barren, node] = BARREN
    return codes


def cell_counts(structure: Structure, node: int, codes: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """Units in each cell of a node's table, of rows that observe the whole family."""
    members, shape = codes[:, structure.family(node)], structure.shape(node)
    rows = (members >= 0).all(axis=1)
    flat = np.ravel_multi_index(tuple(members[rows].T), shape)
    return np.bincount(flat, weights=weights[rows], minlength=prod(shape)).reshape(shape)


def gaps_of(structure: Structure, codes: np.ndarray, weights: np.ndarray) -> Iterator[Gap]:
    """Missing nodes in groups that hang together, rows with the same observed neighbours joined."""
    rows: dict[tuple[tuple[int, ...], tuple[int, ...]], list[np.ndarray]] = {}
    patterns, place = np.unique(np.minimum(codes, 0), axis=0, return_inverse=True)
    by_pattern = np.split(np.argsort(place.ravel(), kind="stable"), np.cumsum(np.bincount(place.ravel()))[:-1])
    for pattern, of_pattern in zip(patterns, by_pattern, strict=True):
        for group in components(structure, pattern):
            rows.setdefault(group, []).append(of_pattern)
    for (nodes, families), places in sorted(rows.items()):
        chosen = np.concatenate(places)
        distinct = joined(structure, nodes, families, codes[chosen], weights[chosen])
        yield from gaps_of_rows(structure, nodes, families, *distinct)


def joined(
    structure: Structure, nodes: tuple[int, ...], families: tuple[int, ...], codes: np.ndarray, weights: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Rows of which all that matters is equal, as one; their codes and weights."""
    if (ways := prod(len(structure.levels[node]) for node in nodes)) > MAX_COMPLETIONS:
        names = ", ".join(structure.names[node] for node in nodes)
        raise DataError(
            f"{len(codes):,} rows miss {names} together, which can be filled in in {ways:,} ways, more than "
            f"{MAX_COMPLETIONS:,}. Drop those rows, or leave out a column that is hardly measured."
        )
    around = sorted({member for node in families for member in structure.family(node)} - set(nodes))
    _, first, place = np.unique(codes[:, [*nodes, *around]], axis=0, return_index=True, return_inverse=True)
    return codes[first], np.bincount(place.ravel(), weights=weights)


def components(structure: Structure, pattern: np.ndarray) -> list[tuple[tuple[int, ...], tuple[int, ...]]]:
    """Missing nodes joined where some table has both, and the nodes whose tables these are.

    `pattern` is 0 where a node is observed, -1 where it is missing, -2 where it does not matter.
    """
    import networkx

    missing = set(np.flatnonzero(pattern == -1).tolist())
    tables = {node: missing.intersection(structure.family(node)) for node in np.flatnonzero(pattern > BARREN).tolist()}
    graph = networkx.Graph()
    graph.add_nodes_from(missing)
    for together in tables.values():
        networkx.add_path(graph, sorted(together))
    groups = (tuple(sorted(group)) for group in networkx.connected_components(graph))
    return [(group, tuple(node for node, parts in tables.items() if parts & set(group))) for group in groups]


def observed_log_likelihood(counts: Counts, tables: Sequence[np.ndarray]) -> float:
    """Log probability of all that was observed; -inf where some of it is impossible."""
    total = sum(log_sum(units, table) for units, table in zip(counts.cells, tables, strict=True))
    for gap in counts.gaps:
        total += log_sum(gap.weights, gap.joint(tables).reshape(len(gap.weights), -1).sum(axis=1))
    return float(total)


def log_sum(units: np.ndarray, probabilities: np.ndarray) -> float:
    """Sum of units times log probabilities, where there are units."""
    seen = units > 0
    with np.errstate(divide="ignore"):
        return float(units[seen] @ np.log(probabilities[seen]))
