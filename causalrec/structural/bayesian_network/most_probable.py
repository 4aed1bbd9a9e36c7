"""The most probable levels of all nodes that were not seen."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import prod

import numpy as np

from causalrec.errors import EstimationError
from causalrec.structural.bayesian_network.contraction import MAX_CELLS, Factor, path_of
from causalrec.structural.bayesian_network.inference import factors_of
from causalrec.structural.bayesian_network.structure import Structure

__all__ = ["log_joint", "maximal"]


def maximal(
    structure: Structure, tables: Sequence[np.ndarray], evidence: Mapping[int, int], do: Mapping[int, int]
) -> dict[int, int]:
    """Levels of all other nodes that maximise P(nodes, evidence | do); of ties the first in the levels' order.

    Maxima take the place of sums in the elimination, in logs (Dawid 1992, Stat. Comput. 2, 25-36).
    """
    everything = tuple(range(len(structure.levels)))
    factors, _ = factors_of(structure, tables, everything, evidence, do, drawn=False)
    with np.errstate(divide="ignore"):
        logs = [(np.log(values), axes) for values, axes in factors]
    found: dict[int, int] = {}
    for joined, kept, dropped in reversed(eliminated(logs)):
        place = tuple(found[axis] for axis in kept)
        best = joined[place].argmax()
        found.update(zip(dropped, map(int, np.unravel_index(best, joined[place].shape)), strict=True))
    return {node: found[node] for node in sorted(found)}


def eliminated(factors: list[Factor]) -> list[tuple[np.ndarray, tuple[int, ...], tuple[int, ...]]]:
    """Join factors along the path of sums, and take the maximum over axes that no other factor has.

    Returns
    -------
    list of (values, axes that stay, axes that go)
        Values before their maximum was taken, axes that stay first.
    """
    steps, left = [], list(factors)
    path, _ = path_of([(values.shape, axes) for values, axes in factors], ()) if factors else ([], 0)
    for places in path:
        taken = [left[place] for place in places]
        left = [factor for place, factor in enumerate(left) if place not in places]
        outside = {axis for _, axes in left for axis in axes}
        axes = sorted({axis for _, axes in taken for axis in axes})
        kept, dropped = tuple(a for a in axes if a in outside), tuple(a for a in axes if a not in outside)
        joined = added(taken, (*kept, *dropped))
        if dropped:
            steps.append((joined, kept, dropped))
        left.append((joined.max(axis=tuple(range(len(kept), joined.ndim))) if dropped else joined, kept))
    return steps


def added(factors: Sequence[Factor], axes: tuple[int, ...]) -> np.ndarray:
    """Sum of log factors over the union of their axes."""
    sizes = {axis: size for values, own in factors for axis, size in zip(own, values.shape, strict=True)}
    if (cells := prod(sizes.values())) > MAX_CELLS:
        raise EstimationError(
            f"The most probable levels need a table of {cells:,} cells, more than {MAX_CELLS:,}. Give more evidence."
        )
    total = np.zeros([sizes[axis] for axis in axes])
    for values, own in factors:
        present = [axis for axis in axes if axis in own]
        ordered = values.transpose([own.index(axis) for axis in present])
        total += ordered.reshape([sizes[axis] if axis in own else 1 for axis in axes])
    return total


def log_joint(
    structure: Structure, tables: Sequence[np.ndarray], codes: Mapping[int, int], do: Mapping[int, int]
) -> np.ndarray:
    """Log probability of levels of all nodes, the tables of set nodes left out; one a draw, where tables have draws."""
    total = np.zeros(())
    with np.errstate(divide="ignore"):
        for node in range(len(structure.levels)):
            if node not in do:
                place: tuple = (..., *(codes[member] for member in structure.family(node)))
                total = total + np.log(tables[node][place])
    return total
