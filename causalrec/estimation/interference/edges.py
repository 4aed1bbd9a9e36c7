"""Edges of a social relation as positions of units."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from causalrec.data.ids import places_of, plain
from causalrec.data.values import is_number, numbers_of
from causalrec.errors import DataError

if TYPE_CHECKING:
    import pyarrow as pa

    from causalrec.data import Dataset

__all__ = ["Edges", "read_edges"]

N_EXAMPLES = 3


@dataclass(frozen=True, slots=True, eq=False)
class Edges:
    """Both ends of each edge as positions of units.

    Attributes
    ----------
    source, target : int64, shape (n_edges,)
    weight : float64, shape (n_edges,)
    n_strangers : int
        Edges left out because an end is no unit.
    """

    source: np.ndarray
    target: np.ndarray
    weight: np.ndarray
    n_strangers: int

    def refuse_weights(self) -> None:
        """Refuse weights that are not above 0 and finite.

        Raises
        ------
        DataError
        """
        bad = ~(np.isfinite(self.weight) & (self.weight > 0))
        if bad.any():
            raise DataError(
                f"{int(bad.sum()):,} of {len(bad):,} edges have a weight that is not above 0, the first "
                f"{float(self.weight[bad][0])!r}. Leave out edges that do not count."
            )


def read_edges(
    data: Dataset, source: str, target: str, weight: str | None, unit: str | None, strangers: str
) -> tuple[Edges, pa.Array]:
    """The edges of `social` between the rows of the table, and the ids of these rows.

    Raises
    ------
    DataError : see `social_network`.
    """
    _refuse_unusable(data, strangers)
    unit = unit or data.keys["users"]
    data.require("interactions", (unit,))
    data.require("social", (source, target, *([weight] if weight else [])))
    ids = _unit_ids(data, unit)
    social = data.tables["social"]
    columns = {name: social[name] for name in (source, target)}
    for name, column in columns.items():
        if column.null_count:
            raise DataError(f"{column.null_count:,} of {len(column):,} edges miss {name!r}; drop them first.")
    ends = [places_of(column, ids, name) for name, column in columns.items()]
    known = (ends[0] >= 0) & (ends[1] >= 0)
    if strangers == "refuse" and not known.all():
        _refuse_strangers(columns, ends, unit, len(ids))
    size = np.ones(len(known)) if weight is None else _numbers(social[weight], weight)
    return Edges(ends[0][known], ends[1][known], size[known], int((~known).sum())), ids


def _refuse_unusable(data: Dataset, strangers: str) -> None:
    if strangers not in ("refuse", "drop"):
        raise DataError(f"strangers is {strangers!r}; it is 'refuse' or 'drop'.")
    if data.is_grid:
        raise DataError(f"{data.name!r} is a log of visits; a network is between the rows of a flat table.")
    if "social" not in data.tables:
        raise DataError(
            f"{data.name!r} has no relation of who knows whom. Hand it in: Dataset.from_frames(table, social=edges)."
        )


def _unit_ids(data: Dataset, unit: str) -> pa.Array:
    import pyarrow as pa

    column = plain(data.tables["interactions"][unit])
    ids = column.combine_chunks() if isinstance(column, pa.ChunkedArray) else column
    if ids.null_count:
        raise DataError(f"{ids.null_count:,} of {len(ids):,} rows miss {unit!r}; drop them or fill it in first.")
    n_distinct = len(ids.unique())
    if n_distinct < len(ids):
        raise DataError(
            f"A network needs one row a unit, and {len(ids):,} rows hold {n_distinct:,} values of {unit!r}. Add the "
            f"rows of each {unit} up first."
        )
    return ids


def _refuse_strangers(columns: dict[str, pa.ChunkedArray], ends: list[np.ndarray], unit: str, n: int) -> None:
    said = []
    for (name, column), places in zip(columns.items(), ends, strict=True):
        lost = np.flatnonzero(places < 0)
        if len(lost):
            found = column.take(lost).unique().to_pylist()
            said.append(f"{name!r} names {len(found):,} of them in {len(lost):,} edges, the first {found[:N_EXAMPLES]}")
    raise DataError(
        f"The network has ids that are none of the {n:,} units of column {unit!r}: {'; '.join(said)}. Add their rows, "
        f"or leave these edges out with strangers='drop'; a unit then looks less exposed than it is."
    )


def _numbers(column: pa.ChunkedArray, name: str) -> np.ndarray:
    if not is_number(column.type):
        raise DataError(f"{name!r} holds {column.type}; the weight of an edge is a number.")
    return numbers_of(column)
