"""Rows of discrete variables, of which only the margins that are asked for are counted."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from math import prod
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from causalrec.errors import IdentificationError
from causalrec.identification.expression.distribution import Columns, check_size

__all__ = ["Rows"]

Levels = tuple[tuple[Any, ...], ...]


@dataclass(frozen=True, slots=True, eq=False)
class Rows:
    """Rows of discrete variables, coded by the number of the level.

    Attributes
    ----------
    names : tuple of str, length n_variables
    levels : tuple of tuple
        Sorted values of each variable.
    codes : tuple of int64, each of shape (n_rows,)
    weight : float64, shape (n_rows,)
        Sums to one.
    """

    names: tuple[str, ...]
    levels: Levels
    codes: tuple[np.ndarray, ...]
    weight: np.ndarray

    @classmethod
    def of(cls, columns: Columns, weight: ArrayLike | None = None) -> Rows:
        """Rows of these columns."""
        if not hasattr(columns, "items") or not len(columns):  # a pandas DataFrame is no Mapping, and does as well
            raise IdentificationError("Expected columns: a mapping from names to arrays, with at least one.")
        coded = {name: _coded(name, np.asarray(column)) for name, column in columns.items()}
        lengths = {name: len(codes) for name, (_, codes) in coded.items()}
        if len(set(lengths.values())) != 1 or not min(lengths.values()):
            raise IdentificationError(f"Columns must have the same number of rows, at least one: they have {lengths}.")
        levels, codes = zip(*coded.values(), strict=True)
        return cls(tuple(coded), levels, codes, _shares(weight, len(codes[0])))

    def margin(self, names: Iterable[str]) -> np.ndarray:
        """Table of these variables, in the order of `self.names`, summed over all others."""
        wanted = frozenset(names)
        axes = [axis for axis, name in enumerate(self.names) if name in wanted]
        shape = tuple(len(self.levels[axis]) for axis in axes)
        check_size({self.names[axis]: size for axis, size in zip(axes, shape, strict=True)})
        cell = np.zeros(len(self.weight), dtype=np.int64)
        for axis, size in zip(axes, shape, strict=True):
            cell = cell * size + self.codes[axis]
        return np.bincount(cell, weights=self.weight, minlength=prod(shape)).reshape(shape)


def _coded(name: str, column: np.ndarray) -> tuple[tuple[Any, ...], np.ndarray]:
    if column.ndim != 1:
        raise IdentificationError(f"Column {name!r} must be one value a row, got an array of shape {column.shape}.")
    values = column.astype(object) if column.dtype.kind == "O" else column
    # A missing value is None or is not equal to itself: NaN, NaT, and pandas' NA, whose comparison is no boolean.
    missing = [value is None or not _is_itself(value) for value in values] if column.dtype.kind in "OfcmM" else []
    if any(missing):
        raise IdentificationError(f"Column {name!r} misses {sum(missing)} values. Drop those rows, or name a level.")
    try:
        levels, codes = np.unique(values, return_inverse=True)
    except TypeError:
        raise IdentificationError(
            f"Column {name!r} mixes values that cannot be sorted, as texts and numbers."
        ) from None
    return tuple(levels.tolist()), codes.astype(np.int64)


def _is_itself(value: Any) -> bool:
    try:
        return bool(value == value)
    except TypeError:
        return False


def _shares(weight: ArrayLike | None, n_rows: int) -> np.ndarray:
    shares = np.ones(n_rows) if weight is None else np.asarray(weight, dtype=float)
    if shares.shape != (n_rows,) or not np.isfinite(shares).all() or (shares < 0).any() or not shares.sum() > 0:
        raise IdentificationError(
            f"`weight` is a number not below 0 for each of the {n_rows} rows, not all 0; got shape {shares.shape}."
        )
    return shares / shares.sum()
