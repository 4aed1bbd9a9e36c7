"""Four exposures of a unit: treated or not itself, exposed to treated friends or not; and their chances."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from causalrec.errors import DataError
from causalrec.estimation.interference.assignments import Assignment, BernoulliAssignment
from causalrec.estimation.interference.exposures import mapped, refuse_kind
from causalrec.estimation.interference.network import Network

__all__ = [
    "N_LEVELS", "ExposureProbabilities", "ExposureRule", "exposure_probabilities", "in_order", "is_exact",
    "level_draws",
]  # fmt: skip

N_LEVELS = 4
"""Level 0: neither; 1: friends alone; 2: itself alone; 3: both."""
N_TOGETHER = 256
LEAST_SEEN = 20
"""Draws with an exposure below which its chance is too rough to divide by."""


@dataclass(frozen=True, slots=True)
class ExposureRule:
    """When a unit counts as exposed.

    Attributes
    ----------
    kind : {"share", "count", "any"}
    threshold : float or None
        Exposed is who has at least this share or number of friends treated, above 0; None for "any".

    Raises
    ------
    DataError : a threshold that does not fit the kind.
    """

    kind: str = "any"
    threshold: float | None = None

    def __post_init__(self) -> None:
        refuse_kind(self.kind)
        if (self.kind == "any") != (self.threshold is None):
            raise DataError(f"kind={self.kind!r}, threshold={self.threshold!r}: 'any' has none, the others need one.")
        top = 1.0 if self.kind == "share" else float(np.finfo(np.float64).max)
        number = isinstance(self.threshold, int | float | np.number)
        if self.threshold is not None and not (number and 0 < self.threshold <= top):
            limit = "above 0, up to 1" if self.kind == "share" else "above 0"
            raise DataError(f"threshold is {self.threshold!r}; of a {self.kind} it is {limit}.")

    @property
    def words(self) -> str:
        """Who is exposed, in words."""
        if self.kind == "any":
            return "any friend treated"
        return f"at least {self.threshold:g} friends treated" if self.kind == "count" else (
            f"at least {self.threshold:.0%} of friends treated")  # fmt: skip

    def holds(self, network: Network, treated: np.ndarray) -> np.ndarray:
        """Who is exposed where these are treated; bool, shape of `treated`, (n,) or (n, m)."""
        least = 0.0 if self.threshold is None else self.threshold - 1e-9
        value = mapped(network.treated_friends(treated), network.all_friends(), self.kind)
        return value > 0 if self.kind == "any" else (value >= least) & (value > 0)

    def needed(self, network: Network) -> np.ndarray:
        """Treated friends that make a unit exposed, in a network without weights; int64, shape (n,)."""
        if self.kind == "any" or self.threshold is None:
            return np.ones(network.n, dtype=np.int64)
        least = self.threshold * (network.n_friends if self.kind == "share" else np.ones(network.n))
        return np.maximum(np.ceil(least - 1e-9), 1).astype(np.int64)


@dataclass(frozen=True, slots=True, eq=False)
class ExposureProbabilities:
    """Chance of each exposure of each unit.

    Attributes
    ----------
    value : float64, shape (n, 4)
        Of level 0 neither, 1 friends alone, 2 itself alone, 3 both; rows sum to 1.
    n_draws : int
        Draws of the lottery that they were counted from; 0 where they are exact.
    """

    value: np.ndarray
    n_draws: int

    @property
    def possible(self) -> np.ndarray:
        """Units that can have every exposure, of drawn ones in at least 20 draws; bool, shape (n,)."""
        least = LEAST_SEEN / self.n_draws if self.n_draws else np.finfo(float).tiny
        return np.asarray((self.value >= least).all(axis=1))


def exposure_probabilities(
    network: Network, assignment: Assignment, rule: ExposureRule, *, n_draws: int = 10_000, random_state: int = 0
) -> ExposureProbabilities:
    """Chance of each exposure: exact for a throw of each unit in a network without weights, else by drawing.

    Draws follow the names of the units, whatever the order of their rows.

    Examples
    --------
    >>> from causalrec.estimation.interference.network import network_of
    >>> path = network_of([0, 1], [1, 2], n=3)
    >>> exposure_probabilities(path, BernoulliAssignment(0.5), ExposureRule()).value[1].tolist()
    [0.125, 0.375, 0.125, 0.375]
    """
    if is_exact(network, assignment):
        from scipy.stats import binom

        chance = assignment.probability  # type: ignore[attr-defined]
        exposed = binom.sf(rule.needed(network) - 1, network.n_friends, chance)
        own = np.array([1 - chance, 1 - chance, chance, chance])
        return ExposureProbabilities(own * np.column_stack([1 - exposed, exposed, 1 - exposed, exposed]), 0)
    counts = np.zeros((network.n, N_LEVELS))
    for levels in level_draws(network, assignment, rule, n_draws, random_state):
        for level in range(N_LEVELS):
            counts[:, level] += (levels == level).sum(axis=1)
    return ExposureProbabilities(counts / n_draws, n_draws)


def is_exact(network: Network, assignment: Assignment) -> bool:
    """Whether chances have a closed form."""
    return isinstance(assignment, BernoulliAssignment) and not network.weighted


def level_draws(
    network: Network, assignment: Assignment, rule: ExposureRule, n_draws: int, random_state: int
) -> Iterator[np.ndarray]:
    """Exposure of each unit in draws of the lottery; int8, shape (n, m), m at most 256 at a time."""
    order, rng = network.by_name, np.random.default_rng(random_state)
    named = in_order(assignment, order)
    for start in range(0, n_draws, N_TOGETHER):
        treated = np.empty((network.n, min(N_TOGETHER, n_draws - start)))
        treated[order] = named.draw(network.n, treated.shape[1], rng)
        yield (2 * treated + rule.holds(network, treated)).astype(np.int8)


def in_order(assignment: Assignment, order: np.ndarray) -> Assignment:
    """The lottery among units in another order."""
    from dataclasses import replace

    from causalrec.estimation.interference.assignments import ClusterAssignment

    if not isinstance(assignment, ClusterAssignment):
        return assignment
    clusters = np.asarray(assignment.clusters)[order]
    _, first, codes = np.unique(clusters, return_index=True, return_inverse=True)
    rank = np.empty(len(first), dtype=np.int64)
    rank[np.argsort(first)] = np.arange(len(first))
    return replace(assignment, clusters=rank[codes])
