"""Chance of two units' exposures together, for the pairs whose exposures depend on the same draws."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from causalrec.estimation.interference.assignments import Assignment
from causalrec.estimation.interference.exposure_levels import N_LEVELS, ExposureRule, is_exact, level_draws
from causalrec.estimation.interference.network import Network

__all__ = ["PairProbabilities", "dependent_pairs", "pair_probabilities"]


@dataclass(frozen=True, slots=True, eq=False)
class PairProbabilities:
    """Chance of both exposures of each pair of dependent units.

    Attributes
    ----------
    first, second : int64, shape (n_pairs,)
        Positions of two different units; each pair stands once, first < second.
    value : float64, shape (n_pairs, 4, 4)
        Level of the first (axis 1) and of the second (axis 2).
    """

    first: np.ndarray
    second: np.ndarray
    value: np.ndarray


def dependent_pairs(network: Network, lots: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Pairs of units whose own treatment or friends hang on a common lot; both int64, shape (n_pairs,)."""
    from scipy.sparse import csr_array, eye_array, triu

    n = network.n
    drawn = csr_array((np.ones(n), (np.arange(n), lots)), shape=(n, int(lots.max()) + 1))
    touched = ((network.friends != 0).astype(float) + eye_array(n)) @ drawn
    rows, columns = triu((touched @ touched.T).tocsr(), k=1).tocoo().coords
    return rows.astype(np.int64), columns.astype(np.int64)


def pair_probabilities(
    network: Network, assignment: Assignment, rule: ExposureRule, *, n_draws: int = 10_000, random_state: int = 0
) -> PairProbabilities:
    """Chances of pairs: exact where those of units are, else counted in the same draws of the lottery."""
    first, second = dependent_pairs(network, assignment.lots(network.n))
    if is_exact(network, assignment):
        chance = assignment.probability  # type: ignore[attr-defined]
        return PairProbabilities(first, second, _bernoulli(network, rule.needed(network), chance, first, second))
    counts = np.zeros((len(first), N_LEVELS * N_LEVELS))
    rows = np.arange(len(first))
    for levels in level_draws(network, assignment, rule, n_draws, random_state):
        for column in levels.T.astype(np.int64):
            counts[rows, N_LEVELS * column[first] + column[second]] += 1
    return PairProbabilities(first, second, counts.reshape(-1, N_LEVELS, N_LEVELS) / n_draws)


def _bernoulli(network: Network, needed: np.ndarray, chance: float, i: np.ndarray, j: np.ndarray) -> np.ndarray:
    """Exact chances: friends that both have, friends of one alone, and each other are separate throws."""
    from scipy.stats import binom

    reach = (network.friends != 0).astype(float)
    both = np.asarray((reach @ reach.T).tocsr()[i, j]).ravel().astype(np.int64)
    sees = np.asarray(reach[i, j]).ravel().astype(np.int64), np.asarray(reach[j, i]).ravel().astype(np.int64)
    alone = network.n_friends[i] - both - sees[0], network.n_friends[j] - both - sees[1]
    found = np.zeros((len(i), N_LEVELS, N_LEVELS))
    for own_i in (0, 1):
        for own_j in (0, 1):
            weight = chance ** (own_i + own_j) * (1 - chance) ** (2 - own_i - own_j)
            left = needed[i] - sees[0] * own_j, needed[j] - sees[1] * own_i
            met_i, met_j = (binom.sf(left[k] - 1, alone[k] + both, chance) for k in (0, 1))
            met = np.zeros(len(i))
            for shared in range(int(both.max(initial=0)) + 1):
                met += binom.pmf(shared, both, chance) * np.prod(
                    [binom.sf(left[k] - shared - 1, alone[k], chance) for k in (0, 1)], axis=0
                )
            cells = (1 - met_i - met_j + met, met_j - met), (met_i - met, met)
            for ex_i in (0, 1):
                for ex_j in (0, 1):
                    found[:, 2 * own_i + ex_i, 2 * own_j + ex_j] = weight * cells[ex_i][ex_j]
    # What is impossible comes out as rounding of differences.
    found[found < 1e-12] = 0.0
    return found
