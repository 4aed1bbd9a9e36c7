"""What is known of the items besides their ids."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from causalrec.data import Column, Dataset, TextColumn, text
from causalrec.data.blocks import item_block

__all__ = ["item_features"]

MIN_ITEMS = 2  # a category of one item says no more than its id


def item_features(data: Dataset, text_column: str | None, attributes: Sequence[str]) -> np.ndarray:
    """Attributes as indicators and text as its embedding, each block of unit mean square per item.

    Returns
    -------
    float64, shape (n_items, n_features); no columns where nothing is known.
    """
    n_items = len(data.histories().items)
    blocks = []
    for name in attributes:
        block = item_block(data.with_columns({name: Column(name)}), name)
        blocks.append(block[:, block.sum(axis=0) >= MIN_ITEMS])
    if text_column is not None:
        bound = [c for c in data.columns.values() if isinstance(c, TextColumn) and c.name == text_column]
        blocks.append(
            item_block(data.with_columns({text_column: bound[0] if bound else text(text_column)}), text_column)
        )
    blocks = [_scaled(block) for block in blocks if block.shape[1]]
    return np.column_stack(blocks) if blocks else np.zeros((n_items, 0))


def _scaled(block: np.ndarray) -> np.ndarray:
    centred = block - block.mean(axis=0)
    size = np.sqrt((centred**2).sum(axis=1).mean())
    return centred / size if size > 0 else centred
