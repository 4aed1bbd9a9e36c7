"""Columns of a flat table that one estimand names, as numbers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from causalrec.data.columns import AbsorbedColumn, Column
from causalrec.data.dataset import Dataset
from causalrec.data.ids import codes_of, sorted_levels
from causalrec.errors import DataError

if TYPE_CHECKING:
    from causalrec.identification import Estimand

__all__ = ["Design", "design"]


@dataclass(frozen=True, slots=True, eq=False)
class Design:
    """One row a unit.

    Attributes
    ----------
    outcome : float64, shape (n,)
    treatments : float64, shape (n, n_treatments)
    covariates : float64, shape (n, n_covariates)
        Numbers as they are; each category but the first of a text column as an indicator.
    absorbed : tuple of int64 arrays, each (n,)
        Codes of groups whose effects are held fixed.
    clusters : mapping of str to int64 array (n,)
    """

    outcome: np.ndarray
    treatments: np.ndarray
    covariates: np.ndarray
    absorbed: tuple[np.ndarray, ...]
    clusters: dict[str, np.ndarray]


def design(estimand: Estimand, data: Dataset, *, clusters: Sequence[str] = ()) -> Design:
    """The columns of a flat table that the estimand names, and no others.

    Raises
    ------
    MissingColumnsError : columns that the table lacks, all of them.
    DataError : missing values (with a count per column), or text where numbers are needed.
    """
    table = data.tables["interactions"]
    columns = [data.column(node) for node in (*estimand.treatment, estimand.outcome, *estimand.adjustment)]
    named = [name for column in columns for name in _names(column)]
    data.require("interactions", tuple(dict.fromkeys([*named, *clusters])))
    _refuse_missing(table, dict.fromkeys([*named, *clusters]))
    adjustment = [data.column(node) for node in estimand.adjustment]
    plain = [column.name for column in adjustment if isinstance(column, Column)]
    grouped = [name for column in adjustment if isinstance(column, AbsorbedColumn) for name in _names(column)]
    blocks = [_covariate(table, name) for name in plain]
    return Design(
        outcome=_number(table, data.column_name(estimand.outcome)),
        treatments=np.column_stack([_number(table, data.column_name(node)) for node in estimand.treatment]),
        covariates=np.column_stack(blocks) if blocks else np.empty((table.num_rows, 0)),
        absorbed=tuple(_codes(table, name) for name in grouped),
        clusters={name: _codes(table, name) for name in clusters},
    )


def _names(column) -> tuple[str, ...]:
    return (column.name,) if isinstance(column, Column) else (*column.by_item, *column.common)


def _refuse_missing(table, names) -> None:
    import pyarrow.compute as pc

    def count(values) -> int:
        bad = pc.is_null(values, nan_is_null=True)
        return int(pc.sum(bad).as_py() or 0)

    missing = {name: count(table[name]) for name in names}
    missing = {name: n for name, n in missing.items() if n}
    if missing:
        listed = ", ".join(f"{name!r} {n:,}" for name, n in missing.items())
        raise DataError(f"Missing values of {table.num_rows:,} rows: {listed}. Drop those rows or fill them in first.")


def _number(table, name: str) -> np.ndarray:
    import pyarrow.types as pt

    if not (pt.is_integer(table[name].type) or pt.is_floating(table[name].type) or pt.is_boolean(table[name].type)):
        raise DataError(
            f"Column {name!r} holds {table[name].type}; an outcome or treatment must be numbers or true/false."
        )
    return table[name].to_numpy().astype(float)


def _covariate(table, name: str) -> np.ndarray:
    import pyarrow.types as pt

    values = table[name]
    if pt.is_integer(values.type) or pt.is_floating(values.type) or pt.is_boolean(values.type):
        return values.to_numpy().astype(float)[:, None]
    codes = _codes(table, name)
    return (codes[:, None] == np.arange(1, int(codes.max()) + 1)).astype(float)


def _codes(table, name: str) -> np.ndarray:
    return codes_of(table[name], sorted_levels(table[name], name), name)
