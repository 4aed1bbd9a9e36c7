"""Effects of a treatment as a matrix, and what they say about the purchases that were seen."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from causalrec.data import EffectScores
from causalrec.estimation.rates import smoothed_rates
from causalrec.recommendation.contract import codes_among
from causalrec.recommendation.joint_score import UserHistory
from causalrec.recommendation.uplift import scores_table

__all__ = ["PairEffects", "pair_effects"]

LEAST_ANYWAY = 0.05  # an effect may not explain all purchases


@dataclass(frozen=True, slots=True, eq=False)
class PairEffects:
    """Effects of all pairs, float64, shape (n_users, n_items) each; -inf for pairs without a score.

    Attributes
    ----------
    value : as given
    relative : effect over the rate without treatment: lift - 1
    anyway : share of the pair's purchases that would have happened without treatment; 1 without a score
    """

    value: np.ndarray
    relative: np.ndarray
    anyway: np.ndarray


def pair_effects(scores: EffectScores, history: UserHistory, users: np.ndarray, items: np.ndarray) -> PairEffects:
    """Put the scores on the users and items of a model.

    A pair's rate is base + value * propensity, so the base is what its smoothed rate leaves.

    Raises
    ------
    DataError : scores of users or items that the model does not have.
    """
    value = np.full((len(users), len(items)), -np.inf)
    promoted = np.zeros_like(value)
    known_users, known_items, given = scores_table(scores, scores.value)
    place = np.ix_(codes_among(known_users, users, "users"), codes_among(known_items, items, "items"))
    value[place] = given
    treated = scores_table(scores, scores.propensity)[2]
    promoted[place] = np.where(np.isfinite(given), given, 0) * np.where(np.isfinite(treated), treated, 0)
    rate = np.maximum(smoothed_rates(history.bought, history.visits[:, None])[0], 1e-12)
    anyway = np.clip(1 - promoted / rate, LEAST_ANYWAY, None)
    return PairEffects(value, value / (rate * anyway), anyway)
