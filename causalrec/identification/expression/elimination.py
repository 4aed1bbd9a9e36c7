"""Sums of products of tables, one variable at a time: the smallest table first."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from math import prod

import numpy as np

from causalrec.identification.expression.distribution import check_size

__all__ = ["Array", "contracted", "multiplied"]

Array = tuple[tuple[str, ...], np.ndarray]
"""Names of the axes, in the one order that all arrays share, and the values."""


def contracted(arrays: Sequence[Array], over: Iterable[str], sizes: Mapping[str, int]) -> Array:
    """Product of `arrays`, summed over the variables `over`.

    Parameters
    ----------
    arrays : sequence of Array
    over : iterable of str
        A variable that no array has counts each value once.
    sizes : mapping of str to int
        Number of levels of each variable; its order is the order of axes.

    Raises
    ------
    IdentificationError : a table on the way would have more than `MAX_CELLS` cells.
    """
    left, pending = list(arrays), list(over)
    n_repeats = prod(sizes[name] for name in pending if not any(name in axes for axes, _ in left))
    pending = [name for name in pending if any(name in axes for axes, _ in left)]
    while pending:
        name = min(pending, key=lambda name: prod(sizes[axis] for axis in _union(left, name)))
        pending.remove(name)
        axes, values = multiplied([array for array in left if name in array[0]], sizes)
        place = axes.index(name)
        left = [array for array in left if name not in array[0]]
        left.append((axes[:place] + axes[place + 1 :], values.sum(axis=place)))
    axes, values = multiplied(left, sizes)
    return axes, values * n_repeats


def multiplied(arrays: Sequence[Array], sizes: Mapping[str, int]) -> Array:
    """Product of `arrays`, over all their axes."""
    wanted = _union(arrays)
    axes = tuple(name for name in sizes if name in wanted)
    check_size({name: sizes[name] for name in axes})
    values = np.ones(tuple(sizes[name] for name in axes))
    for own, array in sorted(arrays, key=lambda array: array[1].size):
        values = values * array.reshape([sizes[name] if name in own else 1 for name in axes])
    return axes, values


def _union(arrays: Iterable[Array], name: str | None = None) -> frozenset[str]:
    return frozenset(axis for axes, _ in arrays if name is None or name in axes for axis in axes)
