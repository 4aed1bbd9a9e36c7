"""Stage 1: the log, its units and what was left out."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from causalrec.data import Dataset, Grid, grid, text
from causalrec.data.complete_journey import COLUMNS, complete_journey
from causalrec.study.promotion.settings import Settings
from causalrec.study.stages import Study

__all__ = ["TEST_WEEKS", "TRAIN_WEEKS", "load", "prepare", "units"]

TRAIN_WEEKS = (2, 44)
TEST_WEEKS = (45, 52)


def prepare(study: Study[Settings], folder: Path) -> Mapping[str, object]:
    """Read the package's files once; keep the tables of the units as Parquet."""
    import pyarrow.parquet as pq

    source = study.settings.data
    data = complete_journey(folder=source, n_threads=study.settings.n_threads)
    for name, table in data.tables.items():
        pq.write_table(table, folder / f"{name}.parquet", compression="zstd")
    study.kept["data"] = bound(data, study)
    cells = units(study)
    return {
        "n_units": cells.n_units, "n_visits": len(cells.visit_user), "n_contexts": cells.n_contexts,
        "n_users": len(cells.users), "n_items": cells.n_items, "cells": _cells(cells),
        
    }  # fmt: skip


def load(study: Study[Settings]) -> Dataset:
    """The dataset, from memory or from the first stage's files."""
    import pyarrow.parquet as pq

    if "data" not in study.kept:
        files = sorted(study.folder("data").glob("*.parquet"))
        tables = {path.stem: pq.read_table(path) for path in files}
        data = Dataset(tables=tables, columns=COLUMNS, name="Complete Journey", unit="probability of purchase")
        study.kept["data"] = bound(data, study)
    return study.kept["data"]


def units(study: Study[Settings]) -> Grid:
    """The grid of all weeks."""
    if "units" not in study.kept:
        study.kept["units"] = grid(load(study))
    return study.kept["units"]


def bound(data: Dataset, study: Study[Settings]) -> Dataset:
    """The dataset with its text encoded through the study's own cache."""
    cache = study.settings.embeddings
    return data.with_columns({"item_text": text("description", cache=cache)})


def _cells(cells: Grid) -> list[dict[str, int]]:
    """Units and purchases by mailer and display: the published table."""
    visits, bought = cells.visits(), cells.purchases()
    mailer, display = cells.treatment("mailer"), cells.treatment("display")
    found = []
    for m in (0, 1):
        for d in (0, 1):
            chosen = (mailer == m) & (display == d)
            found.append(
                {"mailer": m, "display": d, "units": int((visits @ chosen).sum()), "bought": int(bought[chosen].sum())}
            )
    return found
