"""From the columns of a table to numbers, by levels that are known beforehand."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from causalrec.data.design_block import DesignBlock
from causalrec.data.ids import codes_of, places_of, plain
from causalrec.data.scan import Scan
from causalrec.data.values import numbers_of
from causalrec.errors import DataError

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["MAX_LEVELS", "BlockPart", "CategoryPart", "CodesPart", "NumberPart", "part_of"]

MAX_LEVELS = 1_000
"""Categories of one column that may become indicators."""


@dataclass(frozen=True, slots=True, eq=False)
class NumberPart:
    """A column of numbers; a missing value is NaN, or `fill` and an indicator beside it."""

    node: str
    column: str
    fill: float | None = None

    @property
    def names(self) -> tuple[str, ...]:
        """One a column of numbers."""
        return (self.node,) if self.fill is None else (self.node, f"{self.node} missing")

    def read(self, table: pa.Table) -> np.ndarray:
        """float64, shape (n, 1 or 2)."""
        values = numbers_of(table[self.column])
        if self.fill is None:
            return values[:, None]
        missing = np.isnan(values)
        return np.column_stack([np.where(missing, self.fill, values), missing])


@dataclass(frozen=True, slots=True, eq=False)
class CategoryPart:
    """A column of categories: an indicator of each level but the first; NaN where it is missing."""

    node: str
    column: str
    levels: pa.Array
    indicator: bool = False

    @property
    def names(self) -> tuple[str, ...]:
        """One a column of numbers."""
        rest = [f"{self.node}={level}" for level in self.levels.to_pylist()[1:]]
        return (*rest, *([f"{self.node} missing"] if self.indicator else []))

    def read(self, table: pa.Table) -> np.ndarray:
        """float64, shape (n, n_levels - 1), one more with an indicator of missing values."""
        values = plain(table[self.column])
        codes = places_of(values, self.levels, self.column)
        missing = np.asarray(values.is_null())
        if (strange := (codes < 0) & ~missing).any():
            seen = values.take(np.flatnonzero(strange)).unique().to_pylist()
            raise DataError(f"Column {self.column!r} has {len(seen)} levels that were not seen before: {seen[:3]}.")
        found = (codes[:, None] == np.arange(1, len(self.levels))).astype(float)
        if self.indicator:
            return np.column_stack([found, missing])
        found[missing] = np.nan
        return found


@dataclass(frozen=True, slots=True, eq=False)
class CodesPart:
    """Groups of a column of the table, or of a table of items or users beside it.

    Attributes
    ----------
    name : str
        What the groups are called.
    column : str
        Column of the table that is read.
    levels : pyarrow.Array
        Distinct values of `column`.
    code : int64, shape (n_levels,), or None
        Group of each level, where several levels share one.
    """

    name: str
    column: str
    levels: pa.Array
    code: np.ndarray | None = None

    @property
    def n_groups(self) -> int:
        """Number of groups."""
        return len(self.levels) if self.code is None else int(self.code.max(initial=-1)) + 1

    def read(self, table: pa.Table) -> np.ndarray:
        """int64, shape (n,)."""
        codes = codes_of(table[self.column], self.levels, self.column)
        return codes if self.code is None else self.code[codes]


@dataclass(frozen=True, slots=True, eq=False)
class BlockPart:
    """A block of covariates, one row for each of `levels` of a column."""

    name: str
    column: str
    levels: pa.Array
    matrix: np.ndarray
    names: tuple[str, ...]

    def read(self, table: pa.Table) -> DesignBlock:
        """The block, with the place of each row in it."""
        codes = places_of(table[self.column], self.levels, self.column)
        if (strange := codes < 0).any():
            seen = table[self.column].take(np.flatnonzero(strange)).unique().to_pylist()
            raise DataError(
                f"{int(strange.sum()):,} rows of 'interactions' name a {self.column!r} that the table of block "
                f"{self.name!r} lacks, the first {seen[:3]}. Add its row, or drop those."
            )
        return DesignBlock(self.name, codes, self.matrix, self.names)


def part_of(look: Scan, node: str, column: str, missing: str) -> NumberPart | CategoryPart:
    """How one covariate becomes numbers.

    Raises
    ------
    DataError : no value at all, or more categories than may become indicators.
    """
    incomplete = bool(missing == "indicator" and look.missing([column]))
    if look.numeric(column):
        fill = look.median(column) if incomplete else None
        if fill is not None and np.isnan(fill):
            raise DataError(f"Column {column!r} has no value; leave it out.")
        return NumberPart(node, column, fill)
    levels = look.levels(column)
    if not len(levels):
        raise DataError(f"Column {column!r} has no value; leave it out.")
    if len(levels) > MAX_LEVELS:
        raise DataError(
            f"Column {column!r} has {len(levels):,} categories, and at most {MAX_LEVELS:,} may become indicators. Hold "
            f"them fixed instead: columns={{{node!r}: absorbed(common=({column!r},))}}."
        )
    return CategoryPart(node, column, levels, incomplete)
