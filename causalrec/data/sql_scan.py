"""Counts and levels of a table on disk."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from causalrec.data.ids import one_zero, plain
from causalrec.data.relation import Relation, quoted
from causalrec.data.values import distinct, is_number, refuse_times

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["SqlScan"]


@dataclass(frozen=True, slots=True, eq=False)
class SqlScan:
    """Counts and levels of a table on disk, each by one pass of DuckDB."""

    table: Relation

    def numeric(self, name: str) -> bool:
        """Whether a column holds numbers."""
        return is_number(self.table.schema.field(name).type)

    def missing(self, names: Iterable[str]) -> dict[str, int]:
        """Missing values of each column that has any; NaN is one."""
        return self._counts({name: self._is_missing(name) for name in names})

    def infinite(self, names: Iterable[str]) -> dict[str, int]:
        """Infinite values of each column that has any."""
        return self._counts({name: f"isinf({quoted(name)})" for name in names if self._floating(name)})

    def signs(self, name: str) -> tuple[int, int]:
        """How many values lie below 0, and how many above."""
        value = f"{quoted(name)}::DOUBLE"
        # For DuckDB NaN is the largest number.
        found = self._counts({"below": f"{value} < 0", "above": f"{value} > 0 AND NOT isnan({value})"})
        return found.get("below", 0), found.get("above", 0)

    def kept(self, names: Iterable[str]) -> tuple[SqlScan, None]:
        """The rows that have a value in all of these columns."""
        missing = " OR ".join(self._is_missing(name) for name in names)
        return SqlScan(self.table.where(f"NOT ({missing})")), None

    def levels(self, name: str) -> pa.Array:
        """Distinct values in ascending order, missing ones left out."""
        return distinct(self.table.read(f"DISTINCT {quoted(name)}").column(0), name)

    def sizes(self, name: str, levels: pa.Array) -> np.ndarray:
        """Rows of each level; int64, shape (n_levels,)."""
        import pyarrow as pa
        import pyarrow.compute as pc

        column = quoted(name)
        found = self.table.read(f"{column}, count(*)", f" GROUP BY {column}")
        places = pc.index_in(one_zero(plain(found.column(0))).cast(levels.type), value_set=levels)
        known, sizes = places.is_valid(), np.zeros(len(levels), dtype=np.int64)
        sizes[places.filter(known).to_numpy()] = found.column(1).filter(known).cast(pa.int64()).to_numpy()
        return sizes

    def median(self, name: str) -> float:
        """The lower median of the values that are not missing."""
        column = quoted(name)
        known = f"{column} IS NOT NULL" + (f" AND NOT isnan({column})" if self._floating(name) else "")
        found = self.table.read(f"quantile_disc({column}, 0.5) FILTER ({known})").column(0)[0].as_py()
        return float("nan") if found is None else float(found)

    def later(self, first: str, second: str) -> int:
        """Rows whose `second` time comes after the `first`."""
        refuse_times({name: self.table.schema.field(name).type for name in (first, second)})
        unknown = " OR ".join(self._is_missing(name) for name in (first, second))
        return self._counts({first: f"{quoted(second)} > {quoted(first)} AND NOT ({unknown})"}).get(first, 0)

    def _counts(self, conditions: dict[str, str]) -> dict[str, int]:
        if not conditions:
            return {}
        sums = ", ".join(f"count(*) FILTER ({condition})" for condition in conditions.values())
        row = self.table.read(sums)
        found = {name: row.column(place)[0].as_py() for place, name in enumerate(conditions)}
        return {name: n for name, n in found.items() if n}

    def _floating(self, name: str) -> bool:
        import pyarrow.types as pt

        return pt.is_floating(self.table.schema.field(name).type)

    def _is_missing(self, name: str) -> str:
        column = quoted(name)
        return f"({column} IS NULL" + (f" OR isnan({column}))" if self._floating(name) else ")")
