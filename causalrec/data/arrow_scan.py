"""Counts and levels of a table in memory."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from causalrec.data.ids import one_zero, plain
from causalrec.data.values import distinct, is_number, numbers_of, refuse_times

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["ArrowScan"]


@dataclass(frozen=True, slots=True, eq=False)
class ArrowScan:
    """Counts and levels of a table in memory."""

    table: pa.Table

    def numeric(self, name: str) -> bool:
        """Whether a column holds numbers."""
        return is_number(plain(self.table[name]).type)

    def missing(self, names: Iterable[str]) -> dict[str, int]:
        """Missing values of each column that has any; NaN is one."""
        counts = {name: 0 if self._finite(name) else int(self._is_missing(name).sum()) for name in names}
        return {name: n for name, n in counts.items() if n}

    def infinite(self, names: Iterable[str]) -> dict[str, int]:
        """Infinite values of each column that has any."""
        suspects = [name for name in names if self.numeric(name) and not self._finite(name)]
        counts = {name: int(np.isinf(numbers_of(self.table[name])).sum()) for name in suspects}
        return {name: n for name, n in counts.items() if n}

    def signs(self, name: str) -> tuple[int, int]:
        """How many values lie below 0, and how many above."""
        values = numbers_of(self.table[name])
        return int((values < 0).sum()), int((values > 0).sum())

    def kept(self, names: Iterable[str]) -> tuple[ArrowScan, np.ndarray]:
        """The rows that have a value in all of these columns, and their places."""
        missing = np.zeros(self.table.num_rows, dtype=bool)
        for name in names:
            missing |= self._is_missing(name)
        rows = np.flatnonzero(~missing)
        return ArrowScan(self.table.take(rows)), rows

    def levels(self, name: str) -> pa.Array:
        """Distinct values in ascending order, missing ones left out."""
        return distinct(self.table[name], name)

    def sizes(self, name: str, levels: pa.Array) -> np.ndarray:
        """Rows of each level; int64, shape (n_levels,)."""
        import pyarrow.compute as pc

        codes = pc.drop_null(pc.index_in(one_zero(plain(self.table[name])), value_set=levels))
        return np.bincount(codes.to_numpy(), minlength=len(levels))

    def median(self, name: str) -> float:
        """The lower median of the values that are not missing."""
        values = numbers_of(self.table[name])
        values = values[~np.isnan(values)]
        return float(np.quantile(values, 0.5, method="inverted_cdf")) if len(values) else float("nan")

    def later(self, first: str, second: str) -> int:
        """Rows whose `second` time comes after the `first`."""
        import pyarrow.compute as pc

        refuse_times({name: plain(self.table[name]).type for name in (first, second)})
        return int(pc.sum(pc.greater(plain(self.table[second]), plain(self.table[first]))).as_py() or 0)

    def _finite(self, name: str) -> bool:
        """Whether a column surely has a finite number in every row; one sum tells."""
        import pyarrow.types as pt

        column = self.table[name]
        if column.null_count or not (pt.is_float64(column.type) or pt.is_integer(column.type)):
            return False
        with np.errstate(over="ignore", invalid="ignore"):
            return pt.is_integer(column.type) or all(np.isfinite(part.to_numpy().sum()) for part in column.chunks)

    def _is_missing(self, name: str) -> np.ndarray:
        import pyarrow.compute as pc

        return pc.is_null(plain(self.table[name]), nan_is_null=True).to_numpy(zero_copy_only=False).astype(bool)
