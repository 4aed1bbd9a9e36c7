"""Tables that a command reads, and what it prints or writes."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import typer

if TYPE_CHECKING:
    from causalrec.data import Dataset

__all__ = ["read_table", "write_text"]


def read_table(path: str) -> Dataset:
    """A flat table from a file: text where its name says so, else Parquet."""
    from causalrec.data import Dataset

    text = path.lower().removesuffix(".gz").endswith((".csv", ".tsv"))
    return Dataset.from_csv(path) if text else Dataset.from_parquet(path)


def write_text(text: str, output: str | None) -> None:
    """Print, or put a whole file in place: a run that is killed leaves none."""
    if output is None:
        typer.echo(text)
        return
    from causalrec.files import replace_atomically

    replace_atomically(output, lambda path: Path(path).write_text(text + "\n", encoding="utf-8"))
