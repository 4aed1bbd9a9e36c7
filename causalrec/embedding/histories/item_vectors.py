"""Vectors of a catalogue's items."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from causalrec.embedding.histories.reading import Items
from causalrec.errors import DataError

__all__ = ["ItemVectors"]


@dataclass(frozen=True, slots=True, eq=False)
class ItemVectors:
    """What a model of histories knows of each item.

    Attributes
    ----------
    items : list of int or str
        Ids, ascending.
    vectors : float32, shape (n_items, n_dimensions)
    bias : float32, shape (n_items,)
        With a history's vector h, the log odds of the items are `vectors @ h + bias`.
    """

    items: Items
    vectors: np.ndarray
    bias: np.ndarray

    def __str__(self) -> str:
        n_items, n_dimensions = self.vectors.shape
        return f"{n_items:,} items, {n_dimensions} dimensions: {', '.join(map(repr, self.items[:3]))}, ..."

    def __getitem__(self, item: int | str) -> np.ndarray:
        """The vector of one item.

        Raises
        ------
        DataError : the catalogue does not have it.
        """
        known: list[object] = list(self.items)
        if item not in known:
            raise DataError(f"No history held the item {item!r}.")
        return self.vectors[known.index(item)]

    def nearest(self, item: int | str, n_items: int = 5) -> Items:
        """Items whose vectors point nearest to this one's, nearest first.

        Raises
        ------
        DataError : the catalogue does not have it.
        """
        own, lengths = self[item], np.linalg.norm(self.vectors, axis=1)
        cosines = self.vectors @ own / np.maximum(lengths * np.linalg.norm(own), np.finfo(np.float32).tiny)
        order = np.argsort(-cosines, kind="stable")
        return [self.items[k] for k in order if self.items[k] != item][:n_items]
