"""Columns that are constant within an item or a user, kept once for each."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from causalrec.errors import ShapeError

__all__ = ["DesignBlock"]


@dataclass(frozen=True, slots=True, eq=False)
class DesignBlock:
    """A block of covariates, one row a group.

    Attributes
    ----------
    name : str
        Node or table that the block comes from.
    codes : int64, shape (n,)
        Row of `matrix` that each unit has.
    matrix : float64, shape (n_groups, q)
    names : tuple of str, of length q
        What each column is; made from `name` where it is not given.

    Raises
    ------
    ShapeError : a code without its row, or `names` that are not one a column.

    Examples
    --------
    >>> block = DesignBlock("title", np.array([1, 0, 1]), np.array([[0.5], [2.0]]))
    >>> block.expanded().ravel().tolist(), block.names
    ([2.0, 0.5, 2.0], ('title 0',))
    """

    name: str
    codes: np.ndarray
    matrix: np.ndarray
    names: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        n_groups, q = self.matrix.shape
        if len(self.codes) and not 0 <= int(self.codes.min()) <= int(self.codes.max()) < n_groups:
            raise ShapeError(f"Block {self.name!r} has {n_groups} groups, and a row names {int(self.codes.max())}.")
        if not self.names:
            object.__setattr__(self, "names", tuple(f"{self.name} {column}" for column in range(q)))
        if len(self.names) != q:
            raise ShapeError(f"Block {self.name!r} has {q} columns and {len(self.names)} names.")

    def expanded(self) -> np.ndarray:
        """One row a unit; float64, shape (n, q)."""
        return self.matrix[self.codes]

    def rows(self, which: slice | np.ndarray) -> DesignBlock:
        """The same block for some of the units."""
        return DesignBlock(self.name, self.codes[which], self.matrix, self.names)
