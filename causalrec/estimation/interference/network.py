"""Who is tied to whom: the units of a table and the edges between them, never a dense matrix."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from causalrec.errors import DataError, ShapeError
from causalrec.estimation.interference.edges import Edges, read_edges

if TYPE_CHECKING:
    import pyarrow as pa
    from scipy.sparse import csr_array

    from causalrec.data import Dataset

__all__ = ["Network", "network_of", "refuse_no_network", "social_network"]


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Network:
    """Units and their friends.

    Attributes
    ----------
    friends : scipy.sparse.csr_array of float64, shape (n, n)
        Weight of each friend (column) of each unit (row), above 0; no unit is its own friend.
    ids : pyarrow.Array, length n
        What the units are called, in their order.
    directed : bool
        Whether a friend of a unit need not have that unit as a friend.
    n_self_loops, n_duplicates, n_strangers : int
        Edges that were left out: of a unit with itself, said before, of ids that are no unit.

    Examples
    --------
    >>> ring = network_of([0, 1, 2, 3], [1, 2, 3, 0], n=4)
    >>> ring.n, ring.n_friends.tolist(), ring.mean_degree
    (4, [2, 2, 2, 2], 2.0)
    """

    friends: csr_array
    ids: pa.Array
    directed: bool = False
    n_self_loops: int = 0
    n_duplicates: int = 0
    n_strangers: int = 0

    def __post_init__(self) -> None:
        if self.friends.shape != (len(self.ids), len(self.ids)):
            raise ShapeError(f"`friends` {self.friends.shape} must have one row and column for {len(self.ids)} ids.")

    @property
    def n(self) -> int:
        """Number of units."""
        return int(self.friends.shape[0])

    @property
    def n_friends(self) -> np.ndarray:
        """Friends of each unit; int64, shape (n,)."""
        return np.diff(self.friends.indptr).astype(np.int64)

    @property
    def weighted(self) -> bool:
        """Whether friends count differently."""
        return bool((self.friends.data != 1).any())

    @property
    def mean_degree(self) -> float:
        """Friends of a unit, on average."""
        return float(self.friends.nnz / self.n)

    @property
    def by_name(self) -> np.ndarray:
        """Positions of the units in the order of their names, so that draws do not depend on the rows' order."""
        return np.array(sorted(range(self.n), key=list(map(str, self.ids.to_pylist())).__getitem__))

    def treated_friends(self, treatment: np.ndarray) -> np.ndarray:
        """Weight of the treated friends of each unit; `treatment` and the result have shape (n,) or (n, m)."""
        return np.asarray(self.friends @ treatment)

    def all_friends(self) -> np.ndarray:
        """Weight of all friends of each unit; float64, shape (n,)."""
        return np.asarray(self.friends.sum(axis=1))

    def ties(self) -> csr_array:
        """Who is tied to whom in either direction, 1 each; the network that distances are counted in."""
        both = (self.friends + self.friends.T).tocsr()
        both.data[:] = 1.0
        return both

    def two_hops(self) -> Network:
        """The friends of friends who are no friends themselves, each counted once."""
        reached = (self.friends != 0).astype(np.float64)
        beyond = (reached @ reached).tocoo()
        rows, columns = beyond.coords
        own = np.asarray(reached[rows, columns]).ravel() != 0
        keep = (rows != columns) & ~own
        return replace(self, friends=_matrix(rows[keep], columns[keep], np.ones(int(keep.sum())), self.n))

    def rows(self, which: np.ndarray) -> Network:
        """The network among some units, in their order; positions or a mask."""
        import pyarrow as pa

        at = np.arange(self.n)[which]
        return replace(self, friends=self.friends[at][:, at], ids=self.ids.take(pa.array(at)))

    def __repr__(self) -> str:
        kind = "directed edges" if self.directed else "edges"
        edges = self.friends.nnz if self.directed else self.friends.nnz // 2
        alone = int((self.n_friends == 0).sum())
        left = {"of a unit with itself": self.n_self_loops, "said twice": self.n_duplicates,
                "with ids that are no unit": self.n_strangers}  # fmt: skip
        said = ", ".join(f"{count:,} {words}" for words, count in left.items() if count)
        return (
            f"Network: {self.n:,} units, {edges:,} {kind}, {self.mean_degree:.1f} friends on average, {alone:,} without"
            f"{f'; left out {said}' if said else ''}"
        )


def social_network(
    data: Dataset, *, source: str = "user", target: str = "friend", weight: str | None = None, directed: bool = False,
    unit: str | None = None, strangers: str = "refuse",
) -> Network:  # fmt: skip
    """The relation `social` of a dataset, between the rows of its table.

    The table has one row a unit, whose column `unit` holds its id. An edge of a unit with itself is left out.
    An edge that is said again, also the other way round where edges have no direction, counts once, with the
    largest of its weights. A unit without friends stays, with none.

    Parameters
    ----------
    data : Dataset
        A flat table, and `social`: one row an edge.
    source, target : str
        Columns of `social`. In a directed network the target is a friend of the source (who is followed is
        seen by who follows).
    weight : str, optional
        Column of `social` that says how much a friend counts, above 0.
    directed : bool
    unit : str, optional
        Column of the table; the key of users where it is not given.
    strangers : {"refuse", "drop"}
        What to do with edges whose ids are no unit.

    Raises
    ------
    DataError : no `social`; an empty network; ids that are no unit, with counts and examples; missing ids; several
        rows of one unit; weights that are not above 0.
    MissingColumnsError : the tables lack a column.

    Examples
    --------
    >>> from causalrec.data import Dataset
    >>> data = Dataset.from_frames({"user": ["a", "b", "c"]}, social={"user": ["a", "b"], "friend": ["b", "a"]})
    >>> print(social_network(data))
    Network: 3 units, 1 edges, 0.7 friends on average, 1 without; left out 1 said twice
    """
    edges, ids = read_edges(data, source, target, weight, unit, strangers)
    return _network(edges, ids, directed)


def network_of(
    source: np.ndarray, target: np.ndarray, n: int, weight: np.ndarray | None = None, *, directed: bool = False
) -> Network:
    """A network of units 0 to n - 1 from the positions of both ends of each edge.

    Raises
    ------
    ShapeError : columns of different lengths.
    DataError : positions that are no whole numbers from 0 to n - 1, no edge, or weights that are not above 0.
    """
    import pyarrow as pa

    if isinstance(n, bool) or not isinstance(n, int | np.integer) or n < 1:
        raise DataError(f"n is {n!r}; it is a whole number of units, 1 or more.")
    ends = np.asarray(source), np.asarray(target)
    size = np.ones(len(ends[0])) if weight is None else np.asarray(weight)
    if not ends[0].shape == ends[1].shape == size.shape or size.ndim != 1:
        raise ShapeError(f"Both ends {ends[0].shape}, {ends[1].shape} and weights {size.shape} are one an edge.")
    if any(part.dtype.kind not in "iuf" for part in (*ends, size)):
        raise DataError("Edges name units by their positions, and their weights are numbers.")
    if not all(((end >= 0) & (end < n) & (end == np.floor(end))).all() for end in ends):
        raise DataError(f"Edges name units by their positions, 0 to {n - 1:,}; these go beyond or between.")
    source, target = (end.astype(np.int64) for end in ends)
    return _network(Edges(source, target, size.astype(float), 0), pa.array(np.arange(n)), directed)


def refuse_no_network(given: object) -> None:
    """Refuse what has no edges to follow, such as slates.

    Raises
    ------
    DataError
    """
    if not isinstance(given, Network):
        raise DataError(
            f"Expected a network, got {type(given).__name__}. Make one with social_network(data); slates are clusters "
            f"as they are."
        )


def _network(edges: Edges, ids: pa.Array, directed: bool) -> Network:
    edges.refuse_weights()
    loop = edges.source == edges.target
    source, target, weight = (part[~loop] for part in (edges.source, edges.target, edges.weight))
    if not len(source):
        raise DataError(
            f"The network of {len(ids):,} units has no edge between two of them ({int(loop.sum()):,} of a unit with "
            f"itself): nobody has a friend, so nothing can spill over."
        )
    low, high = (source, target) if directed else (np.minimum(source, target), np.maximum(source, target))
    order = np.lexsort((-weight, high, low))
    low, high, weight = low[order], high[order], weight[order]
    first = np.r_[True, (low[1:] != low[:-1]) | (high[1:] != high[:-1])]
    low, high, weight = low[first], high[first], weight[first]
    ends = (low, high) if directed else (np.r_[low, high], np.r_[high, low])
    matrix = _matrix(*ends, weight if directed else np.r_[weight, weight], len(ids))
    return Network(matrix, ids, directed, int(loop.sum()), int((~first).sum()), edges.n_strangers)


def _matrix(rows: np.ndarray, columns: np.ndarray, weight: np.ndarray, n: int) -> csr_array:
    from scipy.sparse import csr_array

    found = csr_array((weight, (rows, columns)), shape=(n, n))
    found.sort_indices()
    return found
