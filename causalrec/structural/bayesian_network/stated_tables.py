"""Conditional tables that are stated by hand."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from typing import Any

import numpy as np

from causalrec.errors import DataError, nearest
from causalrec.structural.bayesian_network.structure import Level, Structure, code_of

__all__ = ["Given", "checked_table", "stated"]

TOLERANCE = 1e-6


@dataclass(frozen=True, slots=True)
class Given:
    """Table of a node given its parents.

    Attributes
    ----------
    parents : tuple of str
        Parents, in the order in which `rows` names their levels.
    rows : mapping of tuple of level to sequence of float
        Levels of the parents -> probability of each level of the node, in the order of its levels. With one
        parent the level alone may stand for the tuple.

    Examples
    --------
    >>> Given(("season",), {"low": (0.8, 0.2), "high": (0.4, 0.6)}).parents
    ('season',)
    """

    parents: tuple[str, ...]
    rows: Mapping[Any, Sequence[float]]


def stated(structure: Structure, tables: Mapping[str, Any]) -> list[np.ndarray]:
    """Tables of all nodes, checked.

    Raises
    ------
    DataError : a table that is missing, has other parents than the graph, lacks a row, or whose rows do not
        sum to 1.
    """
    if not isinstance(tables, Mapping):
        raise DataError(f"`tables` is a mapping of nodes to tables, not {type(tables).__name__}.")
    if strange := [name for name in tables if name not in structure.names]:
        raise DataError(f"The graph has no node {nearest(map(str, strange), structure.names)}.")
    if lacking := [name for name in structure.names if name not in tables]:
        raise DataError(f"There is no table of {', '.join(map(repr, lacking))}; state one for each node.")
    return [table_of(structure, node, tables[name]) for node, name in enumerate(structure.names)]


def table_of(structure: Structure, node: int, given: Any) -> np.ndarray:
    """One table in the order of the node's parents."""
    name, parents = structure.names[node], structure.parents[node]
    rows = given if isinstance(given, Given) else Given((), {(): given})
    wanted = [structure.names[parent] for parent in parents]
    stated_for = list(rows.parents) if isinstance(rows.parents, Iterable) else [rows.parents]
    if sorted(map(str, stated_for)) != sorted(wanted):
        raise DataError(f"The table of {name!r} is given {stated_for}, but its causes are {wanted}.")
    if not isinstance(rows.rows, Mapping):
        raise DataError(f"The rows of {name!r} are a mapping of levels to probabilities, not {rows.rows!r}.")
    order = structure.numbers(rows.parents)
    by_code = {coded_row(structure, order, key): values for key, values in rows.rows.items()}
    shape = structure.shape(node)
    table = np.empty(shape)
    for codes in product(*(range(len(structure.levels[parent])) for parent in order)):
        if codes not in by_code:
            at = [structure.levels[parent][code] for parent, code in zip(order, codes, strict=True)]
            raise DataError(f"The table of {name!r} has no row for {dict(zip(rows.parents, at, strict=True))}.")
        place = dict(zip(order, codes, strict=True))
        table[tuple(place[parent] for parent in parents)] = row_of(name, by_code[codes], shape[-1])
    return checked_table(name, table)


def coded_row(structure: Structure, order: tuple[int, ...], key: Any) -> tuple[int, ...]:
    """Levels of the parents as numbers."""
    levels: tuple[Level, ...] = key if isinstance(key, tuple) else (key,)
    if len(levels) != len(order):
        raise DataError(f"The row {key!r} names {len(levels)} levels, and there are {len(order)} causes.")
    return tuple(
        code_of(structure.names[parent], structure.levels[parent], level)
        for parent, level in zip(order, levels, strict=True)
    )


def row_of(name: str, values: Any, size: int) -> np.ndarray:
    """Probabilities of one row, as floats."""
    try:
        found = np.asarray(values, dtype=float)
    except (TypeError, ValueError):
        found = np.empty(0)
    if found.shape != (size,):
        raise DataError(f"A row of the table of {name!r} is {values!r}; it has {size} probabilities, one a level.")
    return found


def checked_table(name: str, table: np.ndarray) -> np.ndarray:
    """The table itself, rounding taken out of its rows, where they are distributions.

    Raises
    ------
    DataError : a probability outside [0, 1], or a row whose sum is off 1 by more than a millionth.
    """
    if not np.isfinite(table).all() or (table < 0).any():
        raise DataError(f"The table of {name!r} has {table.min()}; probabilities are finite and 0 or more.")
    sums = table.sum(axis=-1)
    if (off := np.abs(sums - 1)).max() > TOLERANCE:
        worst = float(sums.ravel()[off.argmax()])
        raise DataError(f"A row of the table of {name!r} sums to {worst:.6g}; each sums to 1.")
    exact = off <= 4 * np.finfo(float).eps  # left alone, so that a table that was written comes back as it was
    return table / np.where(exact, 1.0, sums)[..., None]
