"""Values that are missing: refused, dropped, or filled in."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from causalrec.data.coding import CategoryPart, NumberPart
from causalrec.data.columns import Column
from causalrec.data.scan import Scan, scan
from causalrec.errors import DataError

if TYPE_CHECKING:
    from causalrec.data.dataset import Dataset
    from causalrec.data.design_arrays import Design
    from causalrec.identification import Estimand

__all__ = ["CHOICES", "N_IMPUTE", "complete", "filled_in", "imputed"]

CHOICES = ("refuse", "drop", "indicator", "impute")
N_IMPUTE = 5
"""Folds within which missing values are filled in: the values come from the other folds."""


def complete(
    look: Scan, strict: Sequence[str], loose: Sequence[str], missing: str
) -> tuple[Scan, np.ndarray | None, dict[str, int]]:
    """Rows that may be used, their places, and missing values of the rows that were dropped, by column.

    Raises
    ------
    DataError : an unknown choice, missing values where none may be, infinite values, or no row.
    """
    if missing not in CHOICES:
        raise DataError(f"`missing` is {missing!r}; choose one of {', '.join(map(repr, CHOICES))}.")
    n, names = look.table.num_rows, tuple(dict.fromkeys((*strict, *loose)))
    if not n:
        raise DataError("The table 'interactions' has no rows.")
    _refuse("Infinite", look.infinite(names), n, "Drop those rows or correct them first.")
    counts = look.missing(names)
    if missing == "drop" and counts:
        kept, rows = look.kept(counts)
        if not kept.table.num_rows:
            _refuse("Missing", counts, n, "No row is complete.")
        return kept, rows, counts
    filled = set(loose) - set(strict) if missing in ("indicator", "impute") else set()
    _refuse("Missing", {name: k for name, k in counts.items() if name not in filled}, n, _advice(missing))
    return look, None, {}


def filled_in(estimand: Estimand, data: Dataset) -> dict[str, int]:
    """Missing values of an estimand's covariates by column, which `indicator` and `impute` fill in.

    Covariates of a side table are counted once an item or user.
    """
    counts: dict[str, int] = {}
    bound = (data.column(node) for node in (*estimand.adjustment, *estimand.conditional))
    names = [column.name for column in bound if isinstance(column, Column)]
    for table in ("interactions", "items", "users"):
        if table in data.tables and (here := [n for n in names if n in data.tables[table].column_names]):
            counts |= scan(data.tables[table]).missing(here)
            names = [name for name in names if name not in here]
    return counts


def _advice(missing: str) -> str:
    if missing == "refuse":
        return "Choose missing='drop', 'indicator' or 'impute', or fill them in first."
    return f"missing={missing!r} fills in covariates alone; choose missing='drop', or fill them in first."


def _refuse(what: str, counts: dict[str, int], n: int, advice: str) -> None:
    if counts:
        listed = ", ".join(f"{name!r} {k:,}" for name, k in counts.items())
        raise DataError(f"{what} values of {n:,} rows: {listed}. {advice}")


def imputed(design: Design, parts: Sequence[NumberPart | CategoryPart]) -> Design:
    """Missing covariates filled in, those of a fold without that fold's own rows.

    Numbers take the median of the other folds, categories their most frequent level. The folds are
    those of `design.folds(5, 0)`; they follow what was there before anything was filled in.

    Raises
    ------
    DataError : the other folds have no value of a column either.
    """
    if not np.isnan(design.covariates).any():
        return design
    keys, folds = design.row_keys(), design.folds(N_IMPUTE, 0)
    covariates, start = design.covariates.copy(), 0
    for part in parts:
        stop = start + len(part.names)
        # Known values are read from `given`: what is already filled in elsewhere knows this fold's rows.
        block, given = covariates[:, start:stop], design.covariates[:, start:stop]
        for fold in np.unique(folds[np.isnan(given).any(axis=1)]):
            others = given[folds != fold]
            known = others[~np.isnan(others).any(axis=1)]
            if not len(known):
                raise DataError(f"Column {part.column!r} has no value outside one fold: it cannot be filled in.")
            holes = np.isnan(given[:, 0]) & (folds == fold)
            block[holes] = np.median(known, axis=0) if isinstance(part, NumberPart) else _most_frequent(known)
        start = stop
    return replace(design, covariates=covariates, keys=keys)


def _most_frequent(indicators: np.ndarray) -> np.ndarray:
    """The indicators of the level that most rows have; the first level is the one without any."""
    counts = np.concatenate([[len(indicators) - indicators.sum()], indicators.sum(axis=0)])
    return (np.arange(1, len(counts)) == counts.argmax()).astype(float)
