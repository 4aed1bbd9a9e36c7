"""Which group each unit is in, by the values of the conditioning columns."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from causalrec.data import Column, Dataset, Design, design
from causalrec.data.ids import crossed, places_of
from causalrec.data.layout import Request
from causalrec.data.scan import scan
from causalrec.data.side_tables import side_of
from causalrec.data.temporal import refuse_late
from causalrec.errors import DataError
from causalrec.identification import Estimand

__all__ = ["MAX_GROUPS", "Grouped", "grouped_design"]

MAX_GROUPS = 50
"""Groups that a table of effects may have."""


@dataclass(frozen=True, slots=True, eq=False)
class Grouped:
    """A design without its conditioning columns, and the group of each unit.

    Attributes
    ----------
    rows : Design
    codes : int64, shape (n,)
    groups : tuple of tuples
        Values of the conditioning columns in each group, in ascending order.
    """

    rows: Design
    codes: np.ndarray
    groups: tuple[tuple[object, ...], ...]

    def part(self, group: int) -> Design:
        """The units of one group, codes of clusters and fixed groups counted anew."""
        return recoded(self.rows.rows(np.flatnonzero(self.codes == group)))


def grouped_design(
    estimand: Estimand, data: Dataset, clusters: Sequence[str], weights: str | None, missing: str
) -> Grouped:  # fmt: skip
    """The design of a conditional estimand, its conditioning columns taken out.

    Within a group those are constant, so they are no covariates, wherever the graph has them.

    Raises
    ------
    DataError : a conditioning node that is text or held fixed, or that has more than 50 values; a table
        larger than memory.
    """
    clusters = (clusters,) if isinstance(clusters, str) else tuple(clusters)
    columns = tuple(_column(data, node) for node in estimand.conditional)
    apart = replace(
        estimand, adjustment=tuple(n for n in estimand.adjustment if n not in estimand.conditional), conditional=()
    )  # fmt: skip
    refuse_late(Request(replace(apart, adjustment=estimand.conditional)), data, scan(data.tables["interactions"]))
    both = tuple(dict.fromkeys((*clusters, *columns)))
    rows = design(apart, data, clusters=both, weights=weights, missing=missing)
    if not isinstance(rows, Design):
        raise DataError("Effects within groups need the rows in memory; take a part of the table.")
    _refuse_many(estimand.conditional, [rows.clusters[name] for name in columns])
    codes = crossed(*(rows.clusters[name] for name in columns))[0]
    first = np.unique(codes, return_index=True)[1]
    at = first if rows.order is None else rows.order[first]
    groups = tuple(zip(*(_values(data, name, at) for name in columns), strict=True))
    return Grouped(replace(rows, clusters={name: rows.clusters[name] for name in clusters}), codes, groups)


def recoded(rows: Design) -> Design:
    """The same units, codes of clusters and of groups held fixed without gaps."""

    def dense(codes: np.ndarray) -> np.ndarray:
        return np.unique(codes, return_inverse=True)[1]

    return replace(
        rows, clusters={name: dense(codes) for name, codes in rows.clusters.items()},
        absorbed=tuple(dense(codes) for codes in rows.absorbed),
    )  # fmt: skip


def _column(data: Dataset, node: str) -> str:
    column = data.column(node)
    if not isinstance(column, Column):
        raise DataError(
            f"{node!r} is {column}, which has no few values to group by: bind it to one column of categories, or ask "
            f"for scores by it."
        )
    return column.name


def _refuse_many(nodes: Sequence[str], codes: Sequence[np.ndarray]) -> None:
    counts = [len(np.unique(column)) for column in codes]
    if (n_groups := len(np.unique(crossed(*codes)[0]))) <= MAX_GROUPS:
        return
    values = ", ".join(f"{node!r} has {count:,} values" for node, count in zip(nodes, counts, strict=True))
    raise DataError(
        f"{values}, which makes {n_groups:,} groups, and at most {MAX_GROUPS} can have an effect each. Put numbers "
        f"into a few bins and bind the node to that column, or ask for scores by {' and '.join(nodes)}."
    )


def _values(data: Dataset, column: str, at: np.ndarray) -> list[object]:
    """Values of a column of the interactions, or of a table beside them, in some rows."""
    table = data.tables["interactions"]
    if column in table.column_names:
        return table[column].take(at).to_pylist()
    side = str(side_of(data, column))
    key = data.keys[side]
    places = places_of(table[key].take(at), data.tables[side][key], key)
    return data.tables[side][column].take(places).to_pylist()
