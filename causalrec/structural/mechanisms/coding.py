"""`Coding`: what the columns of a node's parents, and its own values, stand for."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

__all__ = ["Coding"]


@dataclass(frozen=True, slots=True)
class Coding:
    """Which numbers are amounts and which are codes of categories.

    Attributes
    ----------
    node : str
        Name, for messages.
    n_levels : int
        Categories of the node, whose values are then codes 0 .. n_levels - 1; 0 for amounts.
    parents : tuple of str
        Name of the parent behind each column.
    parent_levels : tuple of int
        Categories of each column; 0 for amounts.
    blocks : tuple of bool
        Whether a column is one of a block, whose columns mean nothing each for itself.

    Examples
    --------
    >>> coding = Coding("clicked", 2, ("price", "genre"), (0, 3), (False, False))
    >>> coding.columns(np.array([[9.5, 2.0], [1.0, 0.0]]))
    array([[9.5, 0. , 1. ],
           [1. , 0. , 0. ]])
    """

    node: str = "y"
    n_levels: int = 0
    parents: tuple[str, ...] = ()
    parent_levels: tuple[int, ...] = ()
    blocks: tuple[bool, ...] = ()

    @property
    def names(self) -> str:
        """The parents in words, each once."""
        return ", ".join(map(repr, dict.fromkeys(self.parents))) or "no parents"

    def columns(self, parents: np.ndarray) -> np.ndarray:
        """What a linear model takes: amounts, and an indicator of each category but the first; (n, n_columns)."""
        if not any(self.parent_levels):
            return parents
        parts = [
            (parents[:, [k]] == np.arange(1, levels)).astype(float) if levels else parents[:, [k]]
            for k, levels in enumerate(self.parent_levels)
        ]
        return np.column_stack([np.empty((len(parents), 0)), *parts])

    def codes(self, parents: np.ndarray) -> np.ndarray:
        """Categories of the discrete columns; int64, shape (n, n_discrete)."""
        return parents[:, [bool(levels) for levels in self.parent_levels]].astype(np.int64)

    def amounts(self, parents: np.ndarray, *, blocks: bool = True) -> np.ndarray:
        """Columns that hold amounts; float64, shape (n, n_amounts)."""
        kept = [not levels and (blocks or not block)
                for levels, block in zip(self.parent_levels, self.blocks, strict=True)]  # fmt: skip
        return parents[:, kept]
