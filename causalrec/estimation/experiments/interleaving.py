"""Interleaving: two rankings in one list, and which of them the clicks prefer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from causalrec.errors import DataError, EstimationError, ShapeError
from causalrec.estimation.experiments.plan import finite_number, refuse_power
from causalrec.estimation.uncertainty.clusters import influence_covariance
from causalrec.estimation.uncertainty.confidence_levels import refuse_level
from causalrec.estimation.uncertainty.half_widths import half_width

__all__ = ["Interleaved", "Preference", "preference", "team_draft"]


@dataclass(frozen=True, slots=True, eq=False)
class Interleaved:
    """One list made of two.

    Attributes
    ----------
    items : tuple of str
    team : int64, shape (k,)
        0 where the first ranking put the item there, 1 where the second did.
    """

    items: tuple[str, ...]
    team: np.ndarray


def team_draft(first: Sequence[str], second: Sequence[str], k: int, rng: np.random.Generator) -> Interleaved:
    """Merge two rankings: in each round a coin says which one picks its best item that is left first.

    Radlinski, Kurup, Joachims (2008), CIKM. Each ranking puts as many items as the other, give or take one.

    Parameters
    ----------
    first, second : sequence of str
        Items from best to worst, without repetition.
    k : int
        Length of the list; shorter where both rankings end.
    rng : numpy Generator

    Raises
    ------
    DataError : a ranking that names an item twice, a length below 1, or what is no generator.

    Examples
    --------
    >>> made = team_draft(["tea", "milk", "jam"], ["milk", "bread", "tea"], 3, np.random.default_rng(0))
    >>> made.items, made.team.tolist()
    (('milk', 'tea', 'bread'), [1, 0, 1])
    """
    rankings = (list(first), list(second))
    for name, ranking in zip(("first", "second"), rankings, strict=True):
        if len(set(ranking)) < len(ranking):
            raise DataError(f"The {name} ranking names an item twice; each item stands once in a ranking.")
    if not isinstance(rng, np.random.Generator):
        raise DataError(f"`rng` is {rng!r}; give a generator, such as numpy.random.default_rng(0).")
    if isinstance(k, bool) or not isinstance(k, int | np.integer) or k < 1:
        raise DataError(f"`k` is {k!r}; a list has 1 item or more.")
    items, team, seen, counts = list[str](), list[int](), set[str](), [0, 0]
    at = [0, 0]  # the best item of each ranking that may be left
    while len(items) < k:
        for side in (0, 1):
            while at[side] < len(rankings[side]) and rankings[side][at[side]] in seen:
                at[side] += 1
        able = [side for side in (0, 1) if at[side] < len(rankings[side])]
        if not able:
            break
        behind = counts[0] != counts[1] and len(able) == 2
        side = int(counts[0] > counts[1]) if behind else able[int(rng.integers(len(able)))]
        items.append(rankings[side][at[side]])
        team.append(side)
        seen.add(items[-1])
        counts[side] += 1
    return Interleaved(tuple(map(str, items)), np.array(team, dtype=np.int64))


@dataclass(frozen=True, slots=True)
class Preference:
    """Which ranking the clicks prefer.

    Attributes
    ----------
    value : float
        Share of lists that the second ranking won, a tie counting half, less a half; in [-.5, .5].
    stderr : float
        Follows the users where lists of one user depend on each other.
    n_lists, n_users : int
    wins : tuple of int
        Lists that the first won, that the second won, and ties.
    dof : float
    """

    value: float
    stderr: float
    n_lists: int
    n_users: int
    wins: tuple[int, int, int]
    dof: float

    def interval(self, level: float = 0.95) -> tuple[float, float]:
        """Confidence interval of `value`."""
        half = half_width(level, self.dof) * self.stderr
        return self.value - half, self.value + half

    @property
    def p_value(self) -> float:
        """Of the test that neither is preferred."""
        from scipy.stats import t

        return float(2 * t.sf(abs(self.value) / self.stderr, self.dof))

    def lists_needed(self, value: float, power: float = 0.8, level: float = 0.05) -> int:
        """Lists of as many users that see a preference of `value`, from the spread of these."""
        from scipy.stats import norm

        if not 0 < abs(finite_number("value", value)) <= 0.5:
            raise DataError(f"A preference of {value!r} cannot be: it is above 0 and at most .5 in size.")
        refuse_level(level)
        refuse_power(power, level)
        spread = self.stderr**2 * self.n_lists
        return int(np.ceil(spread * ((norm.isf(level / 2) + norm.isf(1 - power)) / value) ** 2))

    def __str__(self) -> str:
        low, high = self.interval()
        told = "neither can be told to be better" if low <= 0 <= high else (
            f"the {'second' if self.value > 0 else 'first'} ranking is preferred"
        )  # fmt: skip
        return (
            f"Preference for the second ranking: {self.value:+.3f} ± {self.stderr:.3f} (95% {low:+.3f} to "
            f"{high:+.3f}), p = {self.p_value:.3f}: {told}. Of {self.n_lists:,} lists of {self.n_users:,} users the "
            f"first won {self.wins[0]:,}, the second {self.wins[1]:,}, {self.wins[2]:,} were ties."
        )


def preference(teams: Sequence[np.ndarray], clicks: Sequence[np.ndarray], users: Sequence[str]) -> Preference:
    """Which ranking won, from the clicks on interleaved lists.

    Parameters
    ----------
    teams : sequence of int64 arrays, each (k,)
        `team` of each list that was shown; lists may be of different lengths.
    clicks : sequence of arrays, each (k,)
        Whether each item was clicked, or how often.
    users : sequence of str
        Who saw the list; lists of one user are a cluster.

    Raises
    ------
    ShapeError : lists, clicks and users that do not fit each other.
    DataError : teams other than 0 and 1, clicks that are no counts, users that are missing.
    EstimationError : fewer than two users, no click at all, or one winner of every list.

    Examples
    --------
    >>> teams = [np.array([0, 1]), np.array([1, 0]), np.array([0, 1]), np.array([1, 0])]
    >>> clicks = [np.array([0, 1]), np.array([1, 0]), np.array([1, 1]), np.array([1, 0])]
    >>> found = preference(teams, clicks, ["u", "v", "w", "x"])
    >>> found.value, found.wins
    (0.375, (0, 3, 1))
    """
    if not len(teams) == len(clicks) == len(users):
        raise ShapeError(f"{len(teams)} lists, {len(clicks)} rows of clicks and {len(users)} users must be as many.")
    score = np.array([_won(at, *shown) for at, shown in enumerate(zip(teams, clicks, strict=True))])
    try:
        names, codes = np.unique(np.asarray(users), return_inverse=True)
    except TypeError:
        raise DataError("Users must be names of one kind, and none may be missing.") from None
    if len(names) < 2:
        raise EstimationError("A preference needs the lists of two users or more: one user shows no spread.")
    if not any(np.any(clicked) for clicked in clicks):
        raise EstimationError("Nothing was clicked, so neither ranking is preferred; wait for clicks.")
    if np.ptp(score) == 0:
        raise EstimationError("Every list had the same winner, so nothing shows how lists differ; wait for more.")
    covariance, dof = influence_covariance(score[:, None], {"user": codes})
    wins = (int((score < 0).sum()), int((score > 0).sum()), int((score == 0).sum()))
    return Preference(float(score.mean()), float(covariance[0, 0] ** 0.5), len(score), len(names), wins, float(dof))


def _won(at: int, team: np.ndarray, clicked: np.ndarray) -> float:
    """0.5 where the second ranking has more clicks, -0.5 where the first has, 0 at a tie."""
    team, clicked = np.asarray(team), np.asarray(clicked)
    if team.ndim != 1 or team.shape != clicked.shape:
        raise ShapeError(f"List {at} has {team.shape} items and {clicked.shape} clicks.")
    if not np.isin(team, (0, 1)).all():
        raise DataError(f"List {at} has items of other teams than 0 and 1; give the `team` that team_draft made.")
    if clicked.dtype.kind not in "biuf" or not (np.isfinite(clicked) & (clicked >= 0)).all():
        raise DataError(f"List {at} has clicks that are no counts; give 0, 1, or how often each item was clicked.")
    return 0.5 * float(np.sign(clicked[team == 1].sum(dtype=float) - clicked[team == 0].sum(dtype=float)))
