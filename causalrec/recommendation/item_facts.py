"""What is known of items beside who bought them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from causalrec.data import Dataset, TextColumn
from causalrec.embedding import Encoder, TextEncoder

__all__ = ["ItemFacts", "item_facts"]


@dataclass(frozen=True, slots=True, eq=False)
class ItemFacts:
    """Attributes and text of the items.

    Attributes
    ----------
    codes : tuple of int64 arrays, shape (n_items,)
        Of each attribute.
    text : float32, shape (n_items, d)
        Centred, of mean squared length 1; d = 0 without text.
    """

    codes: tuple[np.ndarray, ...]
    text: np.ndarray


def item_facts(
    data: Dataset, n_items: int, attributes: Sequence[str], text: str | None, encoder: str | Encoder
) -> ItemFacts:
    """Read the attributes and encode the text; a flat table has no items, so it has neither.

    Raises
    ------
    MissingColumnsError : the items lack a column.
    """
    nothing = np.zeros((n_items, 0), dtype=np.float32)
    if not data.is_grid:
        return ItemFacts((), nothing)
    data.require("items", (*attributes, *([text] if text else [])))
    codes = tuple(np.unique(data.item_column(name), return_inverse=True)[1].astype(np.int64) for name in attributes)
    return ItemFacts(codes, nothing if text is None else _encoded(data, text, encoder))


def _encoded(data: Dataset, text: str, encoder: str | Encoder) -> np.ndarray:
    if isinstance(encoder, str):
        bound = [column for column in data.columns.values() if isinstance(column, TextColumn) and column.name == text]
        cache = bound[0].cache if bound else None
        encoder = TextEncoder(encoder, cache=cache, precision="fp32")  # the same numbers on every machine
    vectors = np.asarray(encoder.encode(list(data.item_column(text))), dtype=np.float64)
    vectors = vectors - vectors.mean(axis=0)
    return (vectors / max(np.sqrt((vectors**2).sum(axis=1).mean()), 1e-12)).astype(np.float32)
