"""The tables that travel between stages, each a Parquet file on disk."""

from __future__ import annotations

from dataclasses import MISSING, dataclass, fields
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

import numpy as np

from causalrec.errors import MissingColumnsError, ShapeError
from causalrec.files import replace_atomically

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["EffectScores", "Predictions", "Ranking"]

NOTES = ("treatment", "unit", "reason")  # fields that hold one text, not a column


@dataclass(frozen=True, slots=True, eq=False)
class _PairTable:
    """Columns of one length about (user, item) pairs; ids are text."""

    user: np.ndarray
    item: np.ndarray

    kind: ClassVar[str] = "pairs"

    def __post_init__(self) -> None:
        lengths = {name: column.shape for name, column in self._columns().items()}
        if len(set(lengths.values())) != 1 or self.user.ndim != 1:
            raise ShapeError(f"The columns of {self.kind} must be vectors of one length; they have {lengths}.")

    def __len__(self) -> int:
        return len(self.user)

    def _columns(self) -> dict[str, np.ndarray]:
        columns = {f.name: getattr(self, f.name) for f in fields(self) if f.name not in NOTES}
        return {name: column for name, column in columns.items() if column is not None}

    def dense(self, name: str, users: np.ndarray, items: np.ndarray) -> np.ndarray:
        """One column as a matrix over these users and items; float64, shape (n_users, n_items), NaN where absent."""
        import pyarrow as pa
        import pyarrow.compute as pc

        row = pc.fill_null(pc.index_in(pa.array(self.user), value_set=pa.array(users)), -1).to_numpy()
        column = pc.fill_null(pc.index_in(pa.array(self.item), value_set=pa.array(items)), -1).to_numpy()
        known = (row >= 0) & (column >= 0)
        found = np.full((len(users), len(items)), np.nan)
        found[row[known], column[known]] = getattr(self, name)[known]
        return found

    def to_arrow(self) -> pa.Table:
        """The rows as an Arrow table."""
        import pyarrow as pa

        notes = {f.name: str(getattr(self, f.name)) for f in fields(self) if f.name in NOTES}
        return pa.table(self._columns()).replace_schema_metadata(notes)

    def save(self, path: str | Path) -> Path:
        """Write the rows as Parquet; a file that exists is replaced as a whole."""
        import pyarrow.parquet as pq

        return replace_atomically(path, lambda temporary: pq.write_table(self.to_arrow(), temporary))

    @classmethod
    def load(cls, path: str | Path):
        """Read what `save` wrote.

        Raises
        ------
        MissingColumnsError : the file is not such a table.
        """
        import pyarrow.parquet as pq

        table = pq.read_table(path)
        wanted = [f for f in fields(cls) if f.name not in NOTES]
        missing = [f.name for f in wanted if f.default is MISSING and f.name not in table.column_names]
        if missing:
            raise MissingColumnsError(missing, str(path), table.column_names)
        notes = {key.decode(): value.decode() for key, value in (table.schema.metadata or {}).items()}
        columns = {f.name: table[f.name].to_numpy() for f in wanted if f.name in table.column_names}
        return cls(**columns, **{f.name: notes.get(f.name, "") for f in fields(cls) if f.name in NOTES})


@dataclass(frozen=True, slots=True, eq=False)
class EffectScores(_PairTable):
    """Effect of the treatment for each user and item: what recommenders consume.

    Attributes
    ----------
    user, item : str, shape (n_pairs,)
    value : float64, shape (n_pairs,)
        E[Y(1) - Y(0)] of the pair, in `unit`.
    stderr : float64, shape (n_pairs,)
        Standard error of `value`, in `unit`.
    propensity : float64, shape (n_pairs,)
        Share of the pair's units that were treated, in [0, 1].
    treatment, unit : str
        What was done; unit of the outcome.
    reason : str
        Whether effects are personal or constant, and why; empty in tables of older versions.
    base : float64, shape (n_pairs,), or None
        E[Y(0)] of the pair, in `unit`, so that 1 + value / base is its lift.

    Examples
    --------
    >>> import numpy as np
    >>> pair = {"user": np.array(["u"]), "item": np.array(["i"])}
    >>> len(EffectScores(**pair, value=np.array([.1]), stderr=np.array([.02]), propensity=np.array([.3])))
    1
    """

    value: np.ndarray
    stderr: np.ndarray
    propensity: np.ndarray
    treatment: str = ""
    unit: str = ""
    base: np.ndarray | None = None
    reason: str = ""

    kind: ClassVar[str] = "effect scores"

    def __str__(self) -> str:
        if not len(self):
            return "no effect scores"
        about = f"Effect of {self.treatment or 'the treatment'} on {len(self):,} users and items"
        low, middle, high = np.quantile(self.value, (0, 0.5, 1))
        values = f"{low:+.4f} to {high:+.4f}, median {middle:+.4f} ± {float(np.median(self.stderr)):.4f}"
        if low == high:
            values = f"{low:+.4f} ± {float(np.median(self.stderr)):.4f} for all"
        lines = [f"{about}: {values}{f', {self.unit}' if self.unit else ''}", *([self.reason] if self.reason else [])]
        return "\n  ".join(lines)


@dataclass(frozen=True, slots=True, eq=False)
class Predictions(_PairTable):
    """Score of every pair that was asked for.

    Attributes
    ----------
    user, item : str, shape (n_pairs,)
    score : float64, shape (n_pairs,)
    """

    score: np.ndarray

    kind: ClassVar[str] = "predictions"


@dataclass(frozen=True, slots=True, eq=False)
class Ranking(_PairTable):
    """Top items of each user, rows sorted by user, then rank.

    Attributes
    ----------
    user, item : str, shape (n_rows,)
    rank : int64, shape (n_rows,)
        1 is the best.
    score : float64, shape (n_rows,)
    """

    rank: np.ndarray
    score: np.ndarray

    kind: ClassVar[str] = "a ranking"

    def of(self, user: str) -> list[str]:
        """Items of one user, best first."""
        return self.item[self.user == user].tolist()
