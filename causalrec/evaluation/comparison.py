"""Gains of several rankings side by side, and what may be said of their differences."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from causalrec.errors import DataError
from causalrec.evaluation.bootstrap import percentile_interval

__all__ = ["Gain", "GainComparison", "GainDifference"]


@dataclass(frozen=True, slots=True)
class Gain:
    """What treating the top k of a ranking gains.

    Attributes
    ----------
    name : str
    k : int or None
        None for whole lists.
    value, stderr : float
        Purchases per thousand units; a unit is a visit and an item of the visitor's top k.
    lower, upper : float
        95% interval, by user and item.
    lower_by_user, upper_by_user : float
        Interval that resamples users alone: too narrow, since all users share an item's treatment.
    n_units : int
    n_listed : float
        Candidates that the list of a user holds, on average; at most k.
    """

    name: str
    k: int | None
    value: float
    stderr: float
    lower: float
    upper: float
    lower_by_user: float
    upper_by_user: float
    n_units: int
    n_listed: float

    def __str__(self) -> str:
        return f"{self.name} {_where(self.k)}: {self.value:+.1f} per thousand ({self.lower:.1f} to {self.upper:.1f})"


@dataclass(frozen=True, slots=True)
class GainDifference:
    """Gain of one ranking less that of another, on the same users, items and draws.

    Attributes
    ----------
    first, second : str
    k : int or None
    value, stderr, lower, upper : float
        First less second, purchases per thousand; 95% interval by user and item.
    lower_by_user, upper_by_user : float
        Interval that resamples users alone: too narrow.
    """

    first: str
    second: str
    k: int | None
    value: float
    stderr: float
    lower: float
    upper: float
    lower_by_user: float
    upper_by_user: float

    @property
    def is_clear(self) -> bool:
        """Whether the interval leaves out zero."""
        return self.lower > 0 or self.upper < 0

    def __str__(self) -> str:
        if not self.is_clear:
            return (
                f"{self.first} and {self.second} cannot be told apart {_where(self.k)}: a difference of "
                f"{self.value:+.1f} purchases per thousand ({self.lower:.1f} to {self.upper:.1f})"
            )
        better, worse = (self.first, self.second) if self.value > 0 else (self.second, self.first)
        lower, upper = sorted((abs(self.lower), abs(self.upper)))
        return (
            f"{better} beats {worse} {_where(self.k)} by {abs(self.value):.1f} purchases per thousand "
            f"({lower:.1f} to {upper:.1f})"
        )


@dataclass(frozen=True, slots=True, eq=False)
class GainComparison:
    """Gains of rankings on one log.

    Attributes
    ----------
    names : tuple of str
        Rankings; the first is the one in question.
    ks : tuple of int or None
        Lengths of the lists; None for whole lists.
    value : float64, shape (n_rankings, n_ks)
        Purchases per thousand units.
    draws, draws_by_user : float64, shape (n_draws, n_rankings, n_ks)
        The same in each draw of users and items, and of users alone.
    n_units : int64, shape (n_rankings, n_ks)
    n_listed : float64, shape (n_rankings, n_ks)
        Candidates in the list of a user, on average.
    n_users, n_candidates : int
    """

    names: tuple[str, ...]
    ks: tuple[int | None, ...]
    value: np.ndarray
    draws: np.ndarray
    draws_by_user: np.ndarray
    n_units: np.ndarray
    n_listed: np.ndarray
    n_users: int
    n_candidates: int

    def gain(self, name: str, k: int | None = None) -> Gain:
        """One ranking's gain; of several k the first, unless k is given."""
        at = self._place(name, k)
        numbers = self._numbers(*(array[..., at[0], at[1]] for array in self._arrays()))
        n_units, n_listed = int(self.n_units[at]), float(self.n_listed[at])
        return Gain(name, self.ks[at[1]], **numbers, n_units=n_units, n_listed=n_listed)

    def difference(self, first: str, second: str, k: int | None = None) -> GainDifference:
        """Paired difference of two rankings; of several k the first, unless k is given."""
        (i, at), (j, _) = self._place(first, k), self._place(second, k)
        numbers = self._numbers(*(array[..., i, at] - array[..., j, at] for array in self._arrays()))
        return GainDifference(first, second, self.ks[at], **numbers)

    def gains(self) -> list[Gain]:
        """Every ranking at every k."""
        return [self.gain(name, k) for k in self.ks for name in self.names]

    def differences(self) -> list[GainDifference]:
        """The first ranking against each of the others, at every k."""
        return [self.difference(self.names[0], name, k) for k in self.ks for name in self.names[1:]]

    def __str__(self) -> str:
        width = max(map(len, self.names))
        lines = [f"Purchases gained per thousand units ({self.n_users:,} users, {self.n_candidates} candidates)"]
        for g in self.gains():
            short = f"; {g.n_listed:.1f} listed on average" if g.n_listed < 0.99 * (g.k or np.inf) else ""
            line = f"  {_where(g.k):<14}{g.name:<{width}}  {g.value:+6.1f}  ({g.lower:.1f} to {g.upper:.1f}){short}"
            lines.append(line)
        return "\n".join([*lines, *(f"{difference}." for difference in self.differences())])

    def _arrays(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        return self.value, self.draws, self.draws_by_user

    def _place(self, name: str, k: int | None) -> tuple[int, int]:
        if name not in self.names or (k is not None and k not in self.ks):
            raise DataError(
                f"{name!r} at k = {k} was not compared; there are {', '.join(self.names)} at k in {self.ks}."
            )
        return self.names.index(name), self.ks.index(k) if k in self.ks else 0

    @staticmethod
    def _numbers(value: np.ndarray, draws: np.ndarray, by_user: np.ndarray) -> dict[str, float]:
        lower, upper = percentile_interval(draws)
        narrow_lower, narrow_upper = percentile_interval(by_user)
        numbers = {
            "value": value, "stderr": np.nanstd(draws, ddof=1), "lower": lower, "upper": upper,
            "lower_by_user": narrow_lower, "upper_by_user": narrow_upper,
        }  # fmt: skip
        return {name: float(number) for name, number in numbers.items()}


def _where(k: int | None) -> str:
    return "in whole lists" if k is None else f"at k = {k}"
