"""Discrete distributions as dense tables, and how large a table may be."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from math import prod
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from causalrec.errors import IdentificationError, MissingColumnsError

__all__ = ["MAX_CELLS", "Columns", "Distribution", "check_size"]

MAX_CELLS = 2**24
"""Cells that a table may have: 128 MiB of float64."""

Columns = Mapping[str, ArrayLike]
Levels = tuple[tuple[Any, ...], ...]


@dataclass(frozen=True, slots=True, eq=False)
class Distribution:
    """Probabilities of discrete variables, one axis of a table for each.

    Attributes
    ----------
    names : tuple of str, length n_variables
    levels : tuple of tuple, length n_variables
        Values of each variable, in the order of its axis.
    table : float64, shape (n_levels of each variable)
        Not below 0. It sums to one if this is a joint distribution; P(y | do(x)), as `evaluate`
        gives it, sums to one for each x.

    Raises
    ------
    IdentificationError : the parts do not fit each other, or a value is negative or not finite.

    Examples
    --------
    >>> joint = Distribution.from_columns({"x": [0, 0, 1, 1], "y": ["no", "yes", "yes", "yes"]})
    >>> joint.at(x=1).table
    array([0. , 0.5])
    """

    names: tuple[str, ...]
    levels: Levels
    table: np.ndarray

    def __post_init__(self) -> None:
        object.__setattr__(self, "names", tuple(self.names))
        object.__setattr__(self, "levels", tuple(map(tuple, self.levels)))
        object.__setattr__(self, "table", np.asarray(self.table, dtype=float))
        shape = tuple(map(len, self.levels))
        if len(set(self.names)) != len(self.names) or self.table.shape != shape or len(self.names) != len(shape):
            raise IdentificationError(
                f"A distribution needs different names, the levels of each, and a table with an axis of that length "
                f"for each: got the names {list(self.names)}, {list(shape)} levels and a table {self.table.shape}."
            )
        if not (np.isfinite(self.table).all() and (self.table >= 0).all()):
            raise IdentificationError("A distribution holds numbers not below 0; its table has others.")

    @classmethod
    def from_columns(cls, columns: Columns, weight: ArrayLike | None = None) -> Distribution:
        """Shares of all combinations of values.

        Parameters
        ----------
        columns : mapping of str to array-like, each of shape (n_rows,)
            Values of one column must be comparable, and none missing.
        weight : array-like of float, shape (n_rows,), optional
            Weight of each row; default one.

        Raises
        ------
        IdentificationError : columns differ in length or miss values, there are no rows, or the table
            would have more than `MAX_CELLS` cells.
        """
        from causalrec.identification.expression.rows import Rows

        rows = Rows.of(columns, weight)
        return cls(rows.names, rows.levels, rows.margin(rows.names))

    def margin(self, names: Iterable[str]) -> np.ndarray:
        """Table of these variables, in the order of `self.names`, summed over all others."""
        wanted = frozenset(names)
        return self.table.sum(axis=tuple(axis for axis, name in enumerate(self.names) if name not in wanted))

    def at(self, **values: Any) -> Distribution:
        """The part at these values, without the axes that they fix.

        Raises
        ------
        MissingColumnsError : there is no such variable.
        IdentificationError : a variable does not have the value.
        """
        if missing := [name for name in values if name not in self.names]:
            raise MissingColumnsError(missing, "distribution", self.names)
        place: list[Any] = [slice(None)] * len(self.names)
        for name, value in values.items():
            axis = self.names.index(name)
            if value not in self.levels[axis]:
                raise IdentificationError(f"{name!r} has the values {_some(self.levels[axis])}, not {value!r}.")
            place[axis] = self.levels[axis].index(value)
        left = [axis for axis, name in enumerate(self.names) if name not in values]
        parts = tuple(self.names[axis] for axis in left), tuple(self.levels[axis] for axis in left)
        return Distribution(*parts, self.table[tuple(place)])


def check_size(sizes: Mapping[str, int]) -> None:
    """Refuse a table of variables with so many levels when it has more than `MAX_CELLS` cells.

    Raises
    ------
    IdentificationError
    """
    # numpy's arrays have at most 64 axes.
    if prod(sizes.values()) > MAX_CELLS or len(sizes) > 60:
        widest = sorted(sizes.items(), key=lambda item: -item[1])[:8]
        listed = ", ".join(f"{name} ({size} values)" for name, size in widest)
        more = f" and {len(sizes) - 8} more" if len(sizes) > 8 else ""
        raise IdentificationError(
            f"The formula needs a table over {listed}{more}: {float(prod(sizes.values())):.2g} cells, and at most "
            f"{MAX_CELLS:,} are kept. Cut numbers into few intervals, or use an estimator that fits a model instead."
        )


def _some(values: tuple[Any, ...]) -> str:
    return ", ".join(map(repr, values[:8])) + (", ..." if len(values) > 8 else "")
