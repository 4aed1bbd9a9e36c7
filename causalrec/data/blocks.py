"""Covariates of the items, kept once per item."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from causalrec.data.columns import Column, TextColumn
from causalrec.data.dataset import Dataset
from causalrec.errors import DataError

__all__ = ["encoded", "item_block"]


def item_block(data: Dataset, node: str) -> np.ndarray:
    """The columns of one node that the items carry; float64, shape (n_items, n_columns).

    Text is encoded, categories become indicators.

    Raises
    ------
    DataError : the node is no column of the items.
    MissingColumnsError : the items lack the column.
    """
    column = data.column(node)
    if isinstance(column, TextColumn):
        return _encoded(data, column)
    if not isinstance(column, Column):
        raise DataError(f"{node!r} is held fixed by absorbed effects; it is no column of the items.")
    values = data.item_column(column.name)
    levels, codes = np.unique(values, return_inverse=True)
    return (codes[:, None] == np.arange(len(levels))).astype(float)


def _encoded(data: Dataset, column: TextColumn) -> np.ndarray:
    return encoded(list(data.item_column(column.name)), column)


def encoded(texts: list[str], column: TextColumn) -> np.ndarray:
    """One row a text; float64, shape (n_texts, n_columns).

    Raises
    ------
    DataError : the encoder gives something else.
    """
    encoder = column.model
    if isinstance(encoder, str | Path):
        from causalrec.embedding import TextEncoder

        encoder = TextEncoder(encoder, cache=column.cache, precision="fp32")  # the same numbers on every machine
    found = np.asarray(encoder.encode(texts), dtype=float)
    if found.ndim != 2 or len(found) != len(texts) or not np.isfinite(found).all():
        raise DataError(
            f"The encoder of {column.name!r} gave an array {found.shape} for {len(texts):,} texts; one row of finite "
            f"numbers a text is needed."
        )
    return found
