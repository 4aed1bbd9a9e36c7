"""Whether groups of rows share the treatment, so that errors must follow the groups."""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from causalrec.data.columns import AbsorbedColumn
from causalrec.data.ids import one_zero, plain
from causalrec.data.relation import Relation, quoted
from causalrec.data.side_tables import side_of

if TYPE_CHECKING:
    import pyarrow as pa

    from causalrec.data.dataset import Dataset
    from causalrec.identification import Estimand

__all__ = ["SharedTreatment", "SharedTreatmentWarning", "shared_treatment", "warn_of_sharing"]

WITHIN = 0.1  # share of the treatment's variance within groups, chance being 1, up to which it is shared
CHANCE = np.log(1e-6)  # of as few groups in which it varies, had rows got it one by one
EACH_SIDE = 3  # groups above and below the mean, so that a copy of the treatment is no group
MAX_COLUMNS = 12
MAX_STREAMED = 4  # columns of a table on disk, where each is a pass
N_ROWS = 200_000  # rows in memory that are looked at
N_GROUPS = 1_000_000  # groups on disk that are looked at, whole
N_VALUES = 1_000  # values of a treatment from which two rows are hardly alike by chance
N_PARTS = 20


class SharedTreatmentWarning(UserWarning):
    """The treatment is the same within groups, and the errors do not allow for it."""


@dataclass(frozen=True, slots=True)
class SharedTreatment:
    """A column within whose values the treatment hardly varies.

    Attributes
    ----------
    column, treatment : str
    n_groups : int
        Groups of two rows or more.
    n_varying : int
        Of them, those in which the treatment varies.
    expected : float
        How many would be, had rows got their treatment one by one.
    """

    column: str
    treatment: str
    n_groups: int
    n_varying: int
    expected: float

    def __str__(self) -> str:
        return (
            f"{self.treatment!r} varies in {self.n_varying:,} of {self.n_groups:,} groups of {self.column!r}, where "
            f"chance would give {self.expected:,.0f}. Errors follow how the treatment was assigned: with "
            f"clusters=[{self.column!r}] they allow for it, and without they are too small"
        )


def warn_of_sharing(
    estimand: Estimand, data: Dataset, clusters: Sequence[str] = (), weights: str | None = None
) -> tuple[str, ...]:
    """A warning where the treatment is shared within groups that no cluster covers, and the same as a note.

    With an instrument it is the instrument whose assignment counts.
    """
    notes = []
    for node in estimand.instruments or estimand.treatment:
        found = shared_treatment(estimand, data, node, clusters, weights)
        if found is not None:
            notes.append(str(found))
            warnings.warn(f"{found}.", SharedTreatmentWarning, stacklevel=5)
    return tuple(notes)


def shared_treatment(
    estimand: Estimand, data: Dataset, node: str, clusters: Sequence[str] = (), weights: str | None = None
) -> SharedTreatment | None:
    """The coarsest column of a flat table within whose values a treatment hardly ever varies.

    Columns of texts and whole numbers are looked at, keys first, those that the estimand names apart; of many
    rows 200,000, at even distances, and of a table on disk a million whole groups. A column counts where groups keep
    a tenth of the treatment's variance or less, and so few groups vary that chance would do so once in a million
    tables: the probability of as few is bounded by Chernoff's inequality for independent rows. A column that
    is finer than a given cluster is covered.
    """
    name = data.column_name(node)
    table = data.tables["interactions"]
    skipped = {name, data.column_name(estimand.outcome), weights, *clusters, *_named(estimand, data)}
    found, most = [], MAX_STREAMED if isinstance(table, Relation) else MAX_COLUMNS
    for column in [c for c in _candidates(data, table) if c not in skipped][:most]:
        groups = _Groups.of(table, column, name)
        if (shared := groups.verdict(column, name)) and not _covered(data, table, column, clusters):
            found.append(shared)
    return min(found, key=lambda shared: shared.n_groups, default=None)


@dataclass(frozen=True, slots=True, eq=False)
class _Groups:
    """Rows, mean and spread of the treatment in each group, and how often each value occurs at all."""

    rows: np.ndarray
    mean: np.ndarray
    squares: np.ndarray
    varies: np.ndarray
    values: np.ndarray

    @classmethod
    def of(cls, table: pa.Table | Relation, column: str, treatment: str) -> _Groups:
        read = _from_relation if isinstance(table, Relation) else _from_arrow
        rows, mean, squares, low, high, values = read(table, column, treatment)
        several = rows > 1
        return cls(rows[several], mean[several], squares[several], (high > low)[several], values)

    def verdict(self, column: str, treatment: str) -> SharedTreatment | None:
        if not len(self.rows) or len(self.values) < 2:
            return None
        mean = float(self.rows @ self.mean / self.rows.sum())
        total = float((self.squares + self.rows * (self.mean - mean) ** 2).sum() / self.rows.sum())
        within = float(self.squares.sum() / (self.rows - 1).sum())
        sides = min((self.mean > mean).sum(), (self.mean < mean).sum())
        if not within <= WITHIN * total or sides < EACH_SIDE:
            return None
        n_varying, (same, times) = int(self.varies.sum()), self._alike()
        if _log_chance(n_varying, same, times) > CHANCE:
            return None
        return SharedTreatment(column, treatment, len(self.rows), n_varying, float(times @ (1 - same)))

    def _alike(self) -> tuple[np.ndarray, np.ndarray]:
        """For each size of a group: the probability that all its rows are alike by chance, and how many there are."""
        kinds, times = np.unique(self.values / self.values.sum(), return_counts=True)
        sizes, n_groups = np.unique(self.rows, return_counts=True)
        return np.array([times @ kinds ** float(size) for size in sizes]), n_groups


def _log_chance(n_varying: int, same: np.ndarray, times: np.ndarray) -> float:
    """Log of Chernoff's bound on as few groups that vary, where each does so with probability 1 - same."""
    steps = np.geomspace(0.01, 100, 60)
    return float(min(step * n_varying + times @ np.log(same + (1 - same) * np.exp(-step)) for step in steps))


def _from_arrow(table: pa.Table, column: str, treatment: str) -> tuple[np.ndarray, ...]:
    import pyarrow as pa
    import pyarrow.compute as pc

    table = pa.concat_tables(_parts(table.select([column, treatment])))
    t = pc.cast(plain(table[treatment]), pa.float64(), safe=False)
    both = pa.table({"g": one_zero(plain(table[column])), "t": t}).drop_null()
    both = both.filter(pc.is_finite(both["t"]))
    names = ("count", "mean", "variance", "min", "max")
    groups = both.group_by("g", use_threads=True).aggregate([("t", name) for name in names])
    rows, mean, variance, low, high = (groups[f"t_{name}"].to_numpy().astype(float) for name in names)
    values = both.group_by("t").aggregate([("t", "count")])["t_count"].to_numpy()
    return rows, mean, variance * rows, low, high, values


def _from_relation(table: Relation, column: str, treatment: str) -> tuple[np.ndarray, ...]:
    g, t = quoted(column), f"{quoted(treatment)}::DOUBLE"
    known = table.where(f"{g} IS NOT NULL AND {quoted(treatment)} IS NOT NULL AND isfinite({t})")
    about = known.read(f"approx_count_distinct({g}) g, approx_count_distinct({t}) t")
    every, n_values = -(-about["g"][0].as_py() // N_GROUPS), about["t"][0].as_py()
    some = known.where(f"hash({g}) % {every} = 0") if every > 1 else known
    columns = f"count(*) n, avg({t}) m, var_pop({t}) * count(*) s, min({t}) a, max({t}) b"
    inner = some.select(columns, then=f" GROUP BY {g}")
    groups = replace(table, source=f"({inner})", condition="", _known={}).read("n, m, s, a, b", " WHERE n > 1")
    values = np.ones(N_VALUES)
    if n_values < N_VALUES:
        values = known.read("count(*) n", f" GROUP BY {t}")["n"].to_numpy()
    return (*(groups[name].to_numpy().astype(float) for name in "nmsab"), values)


def _parts(table: pa.Table) -> Iterator[pa.Table]:
    """The table, or as many rows as are looked at, in parts at even distances."""
    n = table.num_rows
    if n <= N_ROWS:
        yield table
        return
    for place in range(N_PARTS):
        yield table.slice(place * n // N_PARTS, N_ROWS // N_PARTS)


def _candidates(data: Dataset, table: pa.Table | Relation) -> list[str]:
    """Columns of ids or categories: keys of side tables first, then texts and whole numbers."""
    import pyarrow.types as pt

    keys = [key for key in data.keys.values() if key in table.column_names]
    kinds = {field.name: field.type for field in table.schema}
    others = [
        name for name, kind in kinds.items()
        if pt.is_dictionary(kind) or pt.is_string_view(kind)
        or pt.is_string(kind) or pt.is_large_string(kind) or pt.is_integer(kind)
    ]  # fmt: skip
    return list(dict.fromkeys([*keys, *others]))


def _named(estimand: Estimand, data: Dataset) -> set[str]:
    """Columns that the estimand names: what is held fixed cannot be what errors follow."""
    nodes = (*estimand.treatment, *estimand.adjustment, *estimand.conditional, *estimand.mediators)
    found: set[str] = set()
    for node in (*nodes, *estimand.instruments, *estimand.selected):
        column = data.column(node)
        found |= set(column.by_item + column.common) if isinstance(column, AbsorbedColumn) else {column.name}
    return found


def _covered(data: Dataset, table: pa.Table | Relation, column: str, clusters: Sequence[str]) -> bool:
    """Whether every group of a column lies in one cluster of some kind."""
    known = table.column_names
    own = [cluster if cluster in known else data.keys.get(str(side_of(data, cluster)), cluster) for cluster in clusters]
    return any(_nested(table, column, name) for name in own if name in known)


def _nested(table: pa.Table | Relation, column: str, cluster: str) -> bool:
    if isinstance(table, Relation):
        g, c = quoted(column), quoted(cluster)
        inner = table.where(f"{g} IS NOT NULL").select(f"count(DISTINCT {c}) n", then=f" GROUP BY {g}")
        most = replace(table, source=f"({inner})", condition="", _known={}).read("max(n) n")["n"][0].as_py()
        return (most or 0) <= 1
    import pyarrow as pa

    pair = pa.table({"g": plain(table[column]), "c": plain(table[cluster])}).drop_null()
    pairs = pair.group_by(["g", "c"]).aggregate([])
    return pairs.num_rows == pairs.group_by("g").aggregate([]).num_rows
