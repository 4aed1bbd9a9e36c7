"""`Variable`: the values of one node, and which kind of test they need."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from causalrec.errors import DataError, ShapeError

__all__ = ["KINDS", "Variable", "as_variable", "as_variables", "refuse_missing"]

KINDS = ("continuous", "discrete", "block")
"""What a variable can be: it decides the test."""

MAX_LEVELS = 10
"""Whole numbers with at most so many distinct values are taken as categories."""


@dataclass(frozen=True, slots=True, eq=False)
class Variable:
    """Values of one node.

    Attributes
    ----------
    values : float64, shape (n, n_columns)
        Numbers; for a discrete variable one column of codes 0 .. n_levels - 1.
    kind : {"continuous", "discrete", "block"}
    n_levels : int
        Number of categories; 0 unless discrete.
    """

    values: np.ndarray
    kind: str
    n_levels: int = 0

    @property
    def codes(self) -> np.ndarray:
        """Categories as numbers; int64, shape (n,)."""
        return self.values[:, 0].astype(np.int64)

    @property
    def columns(self) -> np.ndarray:
        """What a linear model takes: the numbers, or an indicator of each category but the first; (n, n_columns)."""
        if self.kind != "discrete":
            return self.values
        return (self.values == np.arange(1, self.n_levels)).astype(float)

    def __len__(self) -> int:
        return len(self.values)


def as_variable(values: Any, *, name: str = "x", kind: str | None = None) -> Variable:
    """Array as a variable: a matrix is a block, and what names categories is discrete.

    Categories are text, booleans, numbers with two distinct values, and whole numbers with at most ten.

    Parameters
    ----------
    values : array_like, shape (n,) or (n, n_columns), or Variable
    name : str
        For messages.
    kind : {"continuous", "discrete", "block"}, optional
        In place of what the values suggest.

    Raises
    ------
    DataError : values are missing, infinite, or text where numbers were asked for.
    ShapeError : more than two dimensions.

    Examples
    --------
    >>> as_variable([1.5, 2.5, 0.1] * 10, kind="continuous").kind, as_variable(["a", "b"]).n_levels
    ('continuous', 2)
    """
    if isinstance(values, Variable):
        return values
    if kind is not None and kind not in KINDS:
        raise DataError(f"{name!r} is said to be {kind!r}; a variable is one of {', '.join(KINDS)}.")
    refuse_missing({name: int(np.ma.count_masked(values)) if np.ma.isMaskedArray(values) else 0})
    array = np.asarray(values)
    if array.ndim not in (1, 2):
        raise ShapeError(f"{name!r} has shape {array.shape}; a variable is a vector (n,) or a block (n, n_columns).")
    refuse_missing({name: n_missing(array)})
    if array.ndim == 2 and (array.shape[1] != 1 or kind == "block"):
        return Variable(_numbers(array, name), "block")
    array = array.reshape(-1)
    levels, codes = np.unique(array.astype(str) if array.dtype == object else array, return_inverse=True)
    if kind == "discrete" or (kind is None and (array.dtype.kind not in "iufbMm" or _are_categories(levels))):
        return Variable(codes.reshape(-1, 1).astype(float), "discrete", len(levels))
    return Variable(_numbers(array.reshape(-1, 1), name), kind or "continuous")


def as_variables(given: Any) -> tuple[Variable, ...]:
    """A sequence of variables; a vector is one, and a matrix stands for its columns."""
    if isinstance(given, Variable):
        return (given,)
    if isinstance(given, np.ndarray):
        given = [given] if given.ndim == 1 else list(given.T)
    return tuple(as_variable(values, name=f"given {k}") for k, values in enumerate(given))


def n_missing(array: np.ndarray) -> int:
    """Number of missing or infinite values."""
    if array.dtype.kind == "f":
        return int((~np.isfinite(array)).sum())
    if array.dtype.kind in "Mm":
        return int(np.isnat(array).sum())
    if array.dtype == object:
        return sum(1 for value in array.reshape(-1) if value is None or value != value)
    return 0


def refuse_missing(counts: Mapping[str, int]) -> None:
    """Refuse values that are missing, all columns at once."""
    listed = ", ".join(f"{name!r} {count}" for name, count in counts.items() if count)
    if listed:
        raise DataError(
            f"Values are missing or infinite, which no independence test here takes: {listed}. Drop those rows if "
            f"that leaves the question the same, fill them, or draw the missingness into the graph."
        )


def same_length(variables: Sequence[Variable] | Iterable[Variable]) -> int:
    """Number of rows, the same for all.

    Raises
    ------
    ShapeError : the variables have different lengths.
    """
    lengths = sorted({len(variable) for variable in variables})
    if len(lengths) != 1:
        raise ShapeError(f"Variables of one table have one length; these have {lengths}.")
    return lengths[0]


def _are_categories(levels: np.ndarray) -> bool:
    if len(levels) <= 2:
        return True
    return len(levels) <= MAX_LEVELS and levels.dtype.kind not in "Mm" and bool((levels == np.round(levels)).all())


def _numbers(array: np.ndarray, name: str) -> np.ndarray:
    if array.dtype.kind in "Mm":
        array = array.astype(np.int64)
    try:
        return array.astype(float)
    except (TypeError, ValueError):
        raise DataError(f"{name!r} holds values that are no numbers, such as {array.flat[0]!r}.") from None
