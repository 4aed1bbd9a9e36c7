"""How treatments were drawn by lot: what exposures could have been follows from it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol, runtime_checkable

import numpy as np

from causalrec.errors import DataError, ShapeError

__all__ = ["Assignment", "BernoulliAssignment", "ClusterAssignment", "CompleteAssignment", "refuse_assignment"]


@runtime_checkable
class Assignment(Protocol):
    """A lottery of treatments among n units."""

    def draw(self, n: int, n_draws: int, rng: np.random.Generator) -> np.ndarray:
        """Treatments, bool, shape (n, n_draws)."""

    def redraw(self, treatment: np.ndarray, fixed: np.ndarray, n_draws: int, rng: np.random.Generator) -> np.ndarray:
        """Treatments given those of the `fixed` units (bool, shape (n,)); bool, shape (n, n_draws)."""

    def refuse(self, treatment: np.ndarray) -> None:
        """Raise DataError where the lottery cannot have drawn these treatments, float64, shape (n,)."""

    def lots(self, n: int) -> np.ndarray:
        """Units of one number are drawn together; int64, shape (n,)."""

    @property
    def words(self) -> str:
        """The lottery in words."""


@dataclass(frozen=True, slots=True)
class BernoulliAssignment:
    """Each unit is treated by its own throw.

    Attributes
    ----------
    probability : float
        In (0, 1).

    Examples
    --------
    >>> BernoulliAssignment(0.5).draw(4, 2, np.random.default_rng(0)).shape
    (4, 2)
    """

    probability: float

    def __post_init__(self) -> None:
        _refuse_probability(self.probability)

    @property
    def words(self) -> str:
        """The lottery in words."""
        return f"each unit with probability {self.probability:g}"

    def lots(self, n: int) -> np.ndarray:
        """Every unit by itself."""
        return np.arange(n)

    def draw(self, n: int, n_draws: int, rng: np.random.Generator) -> np.ndarray:
        """Treatments, bool, shape (n, n_draws)."""
        return rng.random((n, n_draws)) < self.probability

    def refuse(self, treatment: np.ndarray) -> None:
        """Nothing is impossible."""

    def redraw(self, treatment: np.ndarray, fixed: np.ndarray, n_draws: int, rng: np.random.Generator) -> np.ndarray:
        """Treatments given those of the fixed units."""
        drawn = self.draw(len(treatment), n_draws, rng)
        drawn[fixed] = treatment[fixed, None] > 0
        return drawn


@dataclass(frozen=True, slots=True)
class CompleteAssignment:
    """A fixed number of units is treated, each set of that size with the same chance.

    Attributes
    ----------
    n_treated : int
        At least 1, and fewer than the units.

    Examples
    --------
    >>> CompleteAssignment(2).draw(4, 3, np.random.default_rng(0)).sum(axis=0).tolist()
    [2, 2, 2]
    """

    n_treated: int

    def __post_init__(self) -> None:
        if isinstance(self.n_treated, bool) or not isinstance(self.n_treated, int | np.integer) or self.n_treated < 1:
            raise DataError(f"n_treated is {self.n_treated!r}; it is a whole number, 1 or more.")

    @property
    def words(self) -> str:
        """The lottery in words."""
        return f"{self.n_treated:,} units of all"

    def lots(self, n: int) -> np.ndarray:
        """Every unit by itself."""
        return np.arange(n)

    def draw(self, n: int, n_draws: int, rng: np.random.Generator) -> np.ndarray:
        """Treatments, bool, shape (n, n_draws)."""
        if self.n_treated >= n:
            raise DataError(f"{self.n_treated:,} of {n:,} units cannot be drawn so that one is left untreated.")
        return _first(rng.random((n, n_draws)), self.n_treated)

    def refuse(self, treatment: np.ndarray) -> None:
        """Refuse another number of treated units."""
        if int(treatment.sum()) != self.n_treated:
            raise DataError(f"{self.n_treated:,} units were to be treated, and {int(treatment.sum()):,} are.")

    def redraw(self, treatment: np.ndarray, fixed: np.ndarray, n_draws: int, rng: np.random.Generator) -> np.ndarray:
        """Treatments given those of the fixed units: the others are permuted."""
        drawn = np.repeat(treatment[:, None] > 0, n_draws, axis=1)
        free = np.flatnonzero(~fixed)
        drawn[free] = _first(rng.random((len(free), n_draws)), int(treatment[free].sum()))
        return drawn


@dataclass(frozen=True, slots=True, eq=False)
class ClusterAssignment:
    """Whole clusters are treated, each by its own throw.

    Attributes
    ----------
    clusters : int64, shape (n,)
        Cluster of each unit, 0 or more.
    probability : float
        In (0, 1).

    Examples
    --------
    >>> villages = ClusterAssignment(np.array([0, 0, 1, 1]), 0.5)
    >>> drawn = villages.draw(4, 5, np.random.default_rng(0))
    >>> bool((drawn[0] == drawn[1]).all())
    True
    """

    clusters: np.ndarray
    probability: float

    def __post_init__(self) -> None:
        _refuse_probability(self.probability)
        if np.ndim(self.clusters) != 1 or np.asarray(self.clusters).dtype.kind not in "iu":
            raise DataError("clusters of an assignment are whole numbers, one a unit.")

    @property
    def words(self) -> str:
        """The lottery in words."""
        return f"{len(np.unique(self.clusters)):,} whole clusters, each with probability {self.probability:g}"

    def lots(self, n: int) -> np.ndarray:
        """Clusters are drawn together."""
        if len(self.clusters) != n:
            raise ShapeError(f"The assignment has clusters of {len(self.clusters):,} units, and there are {n:,}.")
        return np.unique(self.clusters, return_inverse=True)[1].astype(np.int64)

    def draw(self, n: int, n_draws: int, rng: np.random.Generator) -> np.ndarray:
        """Treatments, bool, shape (n, n_draws)."""
        codes = self.lots(n)
        return (rng.random((int(codes.max()) + 1, n_draws)) < self.probability)[codes]

    def refuse(self, treatment: np.ndarray) -> None:
        """Refuse clusters that are treated in part."""
        codes = self.lots(len(treatment))
        partly = np.bincount(codes, treatment) % np.bincount(codes) != 0
        if partly.any():
            raise DataError(f"Whole clusters were to be treated, and {int(partly.sum()):,} are treated in part.")

    def redraw(self, treatment: np.ndarray, fixed: np.ndarray, n_draws: int, rng: np.random.Generator) -> np.ndarray:
        """Treatments given those of the fixed units, whose clusters stay as they are."""
        codes = self.lots(len(treatment))
        kept = (np.bincount(codes[fixed], minlength=int(codes.max()) + 1) > 0)[codes]
        drawn = self.draw(len(treatment), n_draws, rng)
        drawn[kept] = treatment[kept, None] > 0
        return drawn


def refuse_assignment(assignment: Assignment, treatment: np.ndarray) -> None:
    """Refuse what is no lottery, and one that cannot have drawn these treatments.

    Raises
    ------
    DataError
    """
    if not isinstance(assignment, Assignment) or isinstance(assignment, type):
        raise DataError(
            f"assignment is {assignment!r}; it says how treatments were drawn, such as BernoulliAssignment(0.5)."
        )
    assignment.refuse(treatment)


def _first(keys: np.ndarray, n_treated: int) -> np.ndarray:
    """The `n_treated` smallest of each column."""
    drawn = np.zeros(keys.shape, dtype=bool)
    if n_treated:
        np.put_along_axis(drawn, np.argsort(keys, axis=0, kind="stable")[:n_treated], True, axis=0)
    return drawn


def _refuse_probability(probability: float) -> None:
    number = isinstance(probability, int | float | np.number) and not isinstance(probability, bool)
    if not number or not 0 < probability < 1:
        raise DataError(f"The probability of treatment is {probability!r}; it is a share between 0 and 1, neither.")
