"""Items that are shown together and compete: groups whose members see each other."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from causalrec.data.ids import codes_of, crossed, sorted_levels
from causalrec.errors import DataError
from causalrec.estimation.interference.network import Network

if TYPE_CHECKING:
    import pyarrow as pa

    from causalrec.data import Dataset

__all__ = ["Slates", "slates_of"]


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Slates:
    """Rows in groups; the others of its group are a row's competitors, each of weight 1.

    Attributes
    ----------
    codes : int64, shape (n,)
        Group of each row, 0 to n_groups - 1.
    name : str
        What a group is called.

    Examples
    --------
    >>> shown = Slates(np.array([0, 0, 0, 1]), "slate")
    >>> shown.treated_friends(np.array([1.0, 1.0, 0.0, 1.0])).tolist()
    [1.0, 1.0, 2.0, 0.0]
    """

    codes: np.ndarray
    name: str = "slate"

    @property
    def n(self) -> int:
        """Number of rows."""
        return len(self.codes)

    @property
    def n_groups(self) -> int:
        """Number of groups."""
        return int(self.codes.max()) + 1

    @property
    def n_friends(self) -> np.ndarray:
        """Competitors of each row; int64, shape (n,)."""
        return np.bincount(self.codes)[self.codes] - 1

    @property
    def weighted(self) -> bool:
        """Competitors all count the same."""
        return False

    def treated_friends(self, treatment: np.ndarray) -> np.ndarray:
        """Treated competitors of each row; `treatment` and the result have shape (n,) or (n, m)."""
        columns = np.asarray(treatment, dtype=float).reshape(self.n, -1)
        sums = np.column_stack([np.bincount(self.codes, weights=column) for column in columns.T])
        return (sums[self.codes] - columns).reshape(np.shape(treatment))

    def all_friends(self) -> np.ndarray:
        """Competitors of each row as numbers; float64, shape (n,)."""
        return self.n_friends.astype(float)

    def as_network(self) -> Network:
        """Every pair of a group as an edge; as many as there are pairs."""
        from scipy.sparse import csr_array, eye_array

        member = csr_array((np.ones(self.n), (np.arange(self.n), self.codes)), shape=(self.n, self.n_groups))
        pairs = (member @ member.T - eye_array(self.n)).tocsr()
        pairs.eliminate_zeros()
        pairs.sort_indices()
        return Network(pairs, _places(self.n))

    def rows(self, which: np.ndarray) -> Slates:
        """The groups of some rows, in their order; positions or a mask."""
        return replace(self, codes=np.unique(self.codes[which], return_inverse=True)[1].astype(np.int64))

    def __repr__(self) -> str:
        sizes = np.bincount(self.codes)
        rows = f"{sizes.min():,} to {sizes.max():,} rows each"
        return f"Slates: {self.n:,} rows in {self.n_groups:,} groups by {self.name}, {rows}"


def slates_of(data: Dataset, by: str | Sequence[str]) -> Slates:
    """Rows of a flat table in groups of equal values of one or several columns, such as a slate or a context.

    Raises
    ------
    DataError : a log of visits, missing values, or groups of one row each.
    MissingColumnsError : the table lacks a column.

    Examples
    --------
    >>> from causalrec.data import Dataset
    >>> print(slates_of(Dataset.from_frames({"slate": [1, 1, 2, 2, 2]}), "slate"))
    Slates: 5 rows in 2 groups by slate, 2 to 3 rows each
    """
    if data.is_grid:
        raise DataError(f"{data.name!r} is a log of visits; slates are groups of rows of a flat table.")
    names = (by,) if isinstance(by, str) else tuple(by) if isinstance(by, Sequence) else ()
    if not names:
        raise DataError("Slates need a column whose equal values say which rows were shown together.")
    data.require("interactions", names)
    columns = {name: data.tables["interactions"][name] for name in names}
    codes = [codes_of(column, sorted_levels(column, name), name) for name, column in columns.items()]
    found = Slates(crossed(*codes)[0], " and ".join(names))
    if found.n_groups == found.n:
        raise DataError(f"Every row has its own value of {found.name}: nothing is shown together.")
    return found


def _places(n: int) -> pa.Array:
    import pyarrow as pa

    return pa.array(np.arange(n))
