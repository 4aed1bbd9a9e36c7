"""Least squares on effects of groups, in any number of ways, from sums by group."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from causalrec.errors import EstimationError

__all__ = ["GroupEffects", "absorb"]

TOLERANCE = 1e-12  # of the sums by group, relative to those at the start
MAX_STEPS = 10_000
ROUNDING = 16  # units in the last place of a sum by group


@dataclass(frozen=True, slots=True, eq=False)
class GroupEffects:
    """How often groups of different ways meet, which is all that a solve needs of the rows.

    One way is its means. Of more, the effects of the way with the most groups are eliminated, and what
    is left, a system of the other ways' size, is solved by conjugate gradients that its diagonal
    preconditions (Gaure 2013, Computational Statistics & Data Analysis 66, has the problem; Hestenes,
    Stiefel 1952, J. Research National Bureau of Standards 49(6), the method). A step costs one pass over
    the meetings of groups, whatever the number of regressors.

    Attributes
    ----------
    counts : tuple of float64 arrays, each (n_groups,)
        Rows, or weight, of each group.
    tables : mapping of (int, int) to scipy.sparse.csr_array
        Weight where group i of one way meets group j of another; the first way has more groups.
    first : int
        The way that is eliminated.
    """

    counts: tuple[np.ndarray, ...]
    tables: dict[tuple[int, int], object]
    first: int

    @classmethod
    def of(cls, codes: Sequence[np.ndarray], weight: np.ndarray | None = None) -> GroupEffects:
        """From the codes of each way, int64 or int32 (n,), and the rows' weight."""
        counts = tuple(np.bincount(code, weights=weight).astype(float) for code in codes)
        by_size = sorted(range(len(codes)), key=lambda way: -len(counts[way]))
        tables = {(a, b): _meetings(codes[a], codes[b], weight) for a, b in combinations(by_size, 2)}
        return cls(counts, tables, by_size[0])

    def solve(
        self, sums: Sequence[np.ndarray], squares: np.ndarray, tolerance: float = TOLERANCE
    ) -> tuple[list[np.ndarray], int]:
        """Effects of each group from the (weighted) sums of p columns by group.

        Parameters
        ----------
        sums : sequence of float64 arrays, each (n_groups, p)
        squares : float64, shape (p,)
            Weighted sum of squares of each column, for what rounding leaves of the sums.
        tolerance : float
            What the conjugate gradients leave of the sums, relative to those at the start.

        Returns
        -------
        effects : list of float64 arrays, each (n_groups, p)
        n_steps : int

        Raises
        ------
        EstimationError : 10,000 steps were not enough.
        """
        others = [way for way in range(len(sums)) if way != self.first]
        inverse = 1 / np.maximum(self.counts[self.first], 1e-300)[:, None]
        inverse[self.counts[self.first] == 0] = 0
        start = sums[self.first] * inverse
        if not others:
            return [start], 0
        right = [sums[way] - self._down(way) @ start for way in others]
        rounding = (ROUNDING * np.finfo(float).eps) ** 2 * squares
        found, n_steps = self._conjugate_gradients(np.vstack(right), others, inverse, tolerance, rounding)
        parts = np.split(found, np.cumsum([len(self.counts[way]) for way in others])[:-1])
        effects = dict(zip(others, parts, strict=True))
        taken = sum(self.tables[self.first, way] @ part for way, part in effects.items())
        effects[self.first] = start - inverse * taken
        return [effects[way] for way in range(len(sums))], n_steps

    def _down(self, way: int):
        return self.tables[self.first, way].T  # type: ignore[attr-defined]

    def _apply(self, values: np.ndarray, others: list[int], inverse: np.ndarray) -> np.ndarray:
        """The normal matrix of the other ways once the first one is eliminated, times some columns."""
        parts = np.split(values, np.cumsum([len(self.counts[way]) for way in others])[:-1])
        met = sum(self.tables[self.first, way] @ part for way, part in zip(others, parts, strict=True)) * inverse
        out = []
        for way, part in zip(others, parts, strict=True):
            total = self.counts[way][:, None] * part - self._down(way) @ met
            for other, second in zip(others, parts, strict=True):
                if (way, other) in self.tables:
                    total += self.tables[way, other] @ second
                elif (other, way) in self.tables:
                    total += self.tables[other, way].T @ second  # type: ignore[attr-defined]
            out.append(total)
        return np.vstack(out)

    def _conjugate_gradients(self, right, others, inverse, tolerance, rounding) -> tuple[np.ndarray, int]:
        """All columns at once, each with its own step; columns that are done stand still."""
        counts = np.concatenate([self.counts[way] for way in others])[:, None]
        ease = np.where(counts > 0, 1 / np.where(counts > 0, counts, 1.0), 0.0)
        found, left = np.zeros_like(right), right.copy()
        eased = ease * left
        direction, size = eased.copy(), (left * eased).sum(axis=0)
        # Below its rounding error a sum may contradict the others, and no effects would fit.
        goal = np.maximum(tolerance**2 * size, np.maximum(rounding, 1e-300))
        for step in range(MAX_STEPS):
            going = size > goal
            if not going.any():
                return found, step
            moved = self._apply(direction, others, inverse)
            curve = (direction * moved).sum(axis=0)
            along = np.where(going & (curve > 0), size / np.where(curve > 0, curve, 1.0), 0.0)
            found += along * direction
            left -= along * moved
            eased = ease * left
            before, size = size, (left * eased).sum(axis=0)
            size = np.where(curve > 0, size, 0.0)
            direction *= np.where(going, size / np.where(before > 0, before, 1.0), 0.0)
            direction += eased
        raise EstimationError(
            f"The absorbed effects did not converge in {MAX_STEPS:,} steps: their groups barely meet. Absorb fewer."
        )


def absorb(columns: np.ndarray, effects: tuple[np.ndarray, ...], weight: np.ndarray | None = None) -> np.ndarray:
    """What the effects of groups leave of each column; float64, shape (n, p).

    Parameters
    ----------
    columns : float64, shape (n, p)
    effects : tuple of int64 arrays, each (n,)
    weight : float64, shape (n,), optional

    Examples
    --------
    >>> absorb(np.array([[1.0], [3.0], [5.0]]), (np.array([0, 0, 1]),)).ravel().tolist()
    [-1.0, 1.0, 0.0]
    """
    groups = GroupEffects.of(effects, weight)
    left = np.asarray(columns, dtype=float) - columns.mean(axis=0)
    squares = np.einsum("ij,ij->j", left, left if weight is None else left * weight[:, None])
    for _ in range(2):  # the second time takes what rounding left of the first
        sums = [sums_of(left, code, weight, len(n)) for code, n in zip(effects, groups.counts, strict=True)]
        found, _ = groups.solve(sums, squares)
        for part, code in zip(found, effects, strict=True):
            left -= part[code]
        if len(effects) == 1:
            break
    return left


def sums_of(columns: np.ndarray, codes: np.ndarray, weight: np.ndarray | None, n_groups: int) -> np.ndarray:
    """Weighted sum of each column by group; shape (n_groups, p)."""
    return np.column_stack([
        np.bincount(codes, weights=column if weight is None else column * weight, minlength=n_groups)
        for column in columns.T
    ])  # fmt: skip


def _meetings(a: np.ndarray, b: np.ndarray, weight: np.ndarray | None):
    """Weight where groups meet; meetings that repeat stay apart, which saves a sort."""
    import scipy.sparse as sp

    n, n_groups = len(a), int(a.max()) + 1
    rows = np.arange(n + 1, dtype=np.int32 if n < 1 << 31 else np.int64)
    by_group = sp.csr_array((np.ones(n, dtype=bool), a.astype(rows.dtype), rows), shape=(n, n_groups)).tocsc()
    order = by_group.indices
    values = np.ones(n) if weight is None else weight[order]
    return sp.csr_array((values, b.astype(np.int32)[order], by_group.indptr), shape=(n_groups, int(b.max()) + 1))
