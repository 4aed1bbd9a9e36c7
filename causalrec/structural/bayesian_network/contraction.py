"""Products of tables summed over what is not asked for."""

from __future__ import annotations

from collections.abc import Sequence
from math import prod
from types import ModuleType

import numpy as np

from causalrec.errors import EstimationError, MissingExtraError

__all__ = ["DRAW", "MAX_CELLS", "Factor", "contracted", "path_of"]

DRAW = -1
"""Axis of the draws, beside the numbers of nodes."""
MAX_CELLS = 50_000_000
"""Cells that an intermediate product may have."""

Factor = tuple[np.ndarray, tuple[int, ...]]


def contracted(factors: Sequence[Factor], output: tuple[int, ...]) -> np.ndarray:
    """Product of factors summed over the axes that `output` lacks; shape of `output`.

    The order in which nodes are summed out is that of opt_einsum, which also says how large the largest
    product will be before anything is computed. An axis DRAW runs through all factors that have it; so many
    draws are taken at a time as fit.

    Raises
    ------
    EstimationError : a product would have more than `MAX_CELLS` cells.

    References
    ----------
    Smith, Gray (2018), J. Open Source Softw. 3(26), 753.
    """
    plain = [(shape_of(values, axes), tuple(axis for axis in axes if axis != DRAW)) for values, axes in factors]
    path, largest = path_of(plain, tuple(axis for axis in output if axis != DRAW))
    if DRAW not in output:
        return run(factors, output, path)
    n_draws = next(values.shape[axes.index(DRAW)] for values, axes in factors if DRAW in axes)
    step = max(1, MAX_CELLS // max(largest, 1))
    parts = (
        run([part_of(factor, slice(start, start + step)) for factor in factors], output, path)
        for start in range(0, n_draws, step)
    )
    return np.concatenate(list(parts), axis=output.index(DRAW))


def path_of(
    shapes: Sequence[tuple[tuple[int, ...], tuple[int, ...]]], output: tuple[int, ...]
) -> tuple[list[tuple[int, ...]], int]:
    """Order in which factors of these shapes and axes are joined, and cells of the largest product.

    Raises
    ------
    EstimationError : the largest product would be too large.
    """
    equation = equation_of([axes for _, axes in shapes], output)
    path, about = library().contract_path(equation, *(shape for shape, _ in shapes), shapes=True, optimize="auto")
    largest = max(int(about.largest_intermediate), *(prod(shape) for shape, _ in shapes))
    if largest > MAX_CELLS:
        raise EstimationError(
            f"The exact answer needs a table of {largest:,} cells, more than {MAX_CELLS:,}: the nodes hang together "
            f"too closely. Ask for fewer nodes at once, give evidence on nodes in between, or sample from the network."
        )
    return path, largest


def run(factors: Sequence[Factor], output: tuple[int, ...], path) -> np.ndarray:
    """The contraction along a path."""
    equation = equation_of([axes for _, axes in factors], output)
    return library().contract(equation, *(values for values, _ in factors), optimize=path)


def equation_of(inputs: Sequence[tuple[int, ...]], output: tuple[int, ...]) -> str:
    """Axes as a text in Einstein's notation, a sign for each."""
    places = {axis: place for place, axis in enumerate(dict.fromkeys(axis for axes in inputs for axis in axes))}
    symbol = library().get_symbol
    texts = ["".join(symbol(places[axis]) for axis in axes) for axes in (*inputs, output)]
    return f"{','.join(texts[:-1])}->{texts[-1]}"


def shape_of(values: np.ndarray, axes: tuple[int, ...]) -> tuple[int, ...]:
    """Shape without the axis of the draws."""
    return tuple(size for size, axis in zip(values.shape, axes, strict=True) if axis != DRAW)


def part_of(factor: Factor, draws: slice) -> Factor:
    """Some draws of a factor; the first axis is that of the draws, where it has one."""
    values, axes = factor
    return (values[draws], axes) if DRAW in axes else factor


def library() -> ModuleType:
    """opt_einsum, which is optional."""
    try:
        import opt_einsum
    except ImportError as error:
        raise MissingExtraError("opt-einsum", "networks") from error
    return opt_einsum
