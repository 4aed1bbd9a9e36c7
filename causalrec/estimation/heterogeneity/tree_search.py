"""Exact search for the shallow tree with the largest sum of gains, over tables of sums by pairs of cuts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

__all__ = ["Rule", "search"]


@dataclass(frozen=True, slots=True)
class Rule:
    """A leaf (`column` is None), or a cut with the rules below and above it.

    Attributes
    ----------
    column : int or None
    cut : float
        Units with values up to it, it included, go below.
    below, above : Rule or None
    treats : bool
        What a leaf does.
    """

    column: int | None = None
    cut: float = np.nan
    below: Rule | None = None
    above: Rule | None = None
    treats: bool = False

    def treat(self, V: np.ndarray) -> np.ndarray:
        """Whom the rule treats; bool, shape (n,)."""
        if self.column is None or self.below is None or self.above is None:
            return np.full(len(V), self.treats)
        return np.where(V[:, self.column] <= self.cut, self.below.treat(V), self.above.treat(V))

    def lines(self, names: Sequence[str], indent: str = "") -> list[str]:
        """The rule in words, one line a leaf or a cut."""
        if self.column is None or self.below is None or self.above is None:
            return [f"{indent}{'treat' if self.treats else 'leave'} everybody"]
        found = []
        for sign, rule in (("<=", self.below), (">", self.above)):
            head = f"{indent}{names[self.column]} {sign} {self.cut:g}:"
            leaf = rule.column is None
            found += [f"{head} {'treat' if rule.treats else 'leave'}"] if leaf else [head]
            found += [] if leaf else rule.lines(names, indent + "  ")
        return found


def search(V: np.ndarray, gain: np.ndarray, depth: int, n_cuts: int, min_units: int) -> Rule:
    """The tree whose treated leaves sum to the largest gain; of equal ones, the one found first.

    Parameters
    ----------
    V : float64, shape (n, q)
    gain : float64, shape (n,)
        What treating each unit gains.
    depth : int, 1 or 2
    n_cuts, min_units : int
    """
    cuts = [column_cuts(column, n_cuts) for column in V.T]
    bins = [np.searchsorted(own, column, side="left") for own, column in zip(cuts, V.T, strict=True)]
    if depth == 1 or not cuts:
        return _simplified(_best_cut(gain, cuts, bins, min_units)[1])
    best, place = max(gain.sum(), 0.0), None
    for first in range(len(cuts)):
        below, above = np.full(len(cuts[first]), -np.inf), np.full(len(cuts[first]), -np.inf)
        for second in range(len(cuts)):
            sums, counts = _table(bins[first], bins[second], gain, len(cuts[first]), len(cuts[second]))
            below = np.maximum(below, _best_second(sums[:-1], counts[:-1], min_units))
            above = np.maximum(above, _best_second(sums[-1] - sums[:-1], counts[-1] - counts[:-1], min_units))
        total = below + above
        if len(total) and total.max() > best * (1 + 1e-12):
            best, place = float(total.max()), (first, int(np.argmax(total)))
    if place is None:
        return Rule(treats=bool(gain.sum() > 0))
    return _simplified(_grown(V, gain, cuts, bins, place, min_units))


def column_cuts(column: np.ndarray, n_cuts: int) -> np.ndarray:
    """Midpoints between neighbouring values, `n_cuts` of them evenly among all where there are more; ascending."""
    values = np.unique(column)
    cuts = values[:-1] + np.diff(values) / 2
    return cuts if len(cuts) <= n_cuts else cuts[np.linspace(0, len(cuts) - 1, n_cuts + 2).round().astype(int)[1:-1]]


def _table(first, second, gain, n_first: int, n_second: int) -> tuple[np.ndarray, np.ndarray]:
    """Sums of gains and counts of units up to each pair of cuts; each (n_first + 1, n_second + 1)."""
    shape = (n_first + 1, n_second + 1)
    joint = first * shape[1] + second
    sums = np.bincount(joint, weights=gain, minlength=shape[0] * shape[1]).reshape(shape)
    counts = np.bincount(joint, minlength=shape[0] * shape[1]).reshape(shape)
    return sums.cumsum(axis=0).cumsum(axis=1), counts.cumsum(axis=0).cumsum(axis=1)


def _best_second(sums: np.ndarray, counts: np.ndarray, min_units: int) -> np.ndarray:
    """Best gain of one more cut, or none, in each row; -inf where the row has too few units."""
    alone = np.where(counts[:, -1] >= min_units, np.maximum(sums[:, -1], 0), -np.inf)
    if sums.shape[1] == 1:
        return alone
    rest = sums[:, -1:] - sums[:, :-1]
    allowed = (counts[:, :-1] >= min_units) & (counts[:, -1:] - counts[:, :-1] >= min_units)
    cut = np.where(allowed, np.maximum(sums[:, :-1], 0) + np.maximum(rest, 0), -np.inf)
    return np.maximum(alone, cut.max(axis=1))


def _best_cut(gain, cuts, bins, min_units: int) -> tuple[float, Rule]:
    """The best single cut, or none."""
    total = float(gain.sum())
    best, rule = max(total, 0.0), Rule(treats=total > 0)
    for column, (own, at) in enumerate(zip(cuts, bins, strict=True)):
        if not len(own):
            continue
        below = np.bincount(at, weights=gain, minlength=len(own) + 1).cumsum()[:-1]
        count = np.bincount(at, minlength=len(own) + 1).cumsum()[:-1]
        allowed = (count >= min_units) & (len(gain) - count >= min_units)
        value = np.where(allowed, np.maximum(below, 0) + np.maximum(total - below, 0), -np.inf)
        k = int(np.argmax(value))
        if value[k] > best + 1e-12 * abs(best):
            leaves = Rule(treats=bool(below[k] > 0)), Rule(treats=bool(total - below[k] > 0))
            best, rule = float(value[k]), Rule(column, float(own[k]), *leaves)
    return best, rule


def _grown(V, gain, cuts, bins, place: tuple[int, int], min_units: int) -> Rule:
    """The tree with a given first cut, each side cut as well as can be."""
    first, k = place
    cut = float(cuts[first][k])
    low = V[:, first] <= cut
    below, above = (
        _best_cut(gain[side], cuts, [at[side] for at in bins], min_units)[1] for side in (low, ~low)
    )  # fmt: skip
    return Rule(first, cut, below, above)


def _simplified(rule: Rule) -> Rule:
    """One leaf where both sides do the same."""
    if rule.below is None or rule.above is None:
        return rule
    below, above = _simplified(rule.below), _simplified(rule.above)
    if below.column is None and above.column is None and below.treats == above.treats:
        return Rule(treats=below.treats)
    return Rule(rule.column, rule.cut, below, above)
