"""Ranking by what a treatment adds, not by what sells anyway."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from causalrec.data import EffectScores, Ranking
from causalrec.errors import DataError
from causalrec.recommendation.contract import rank_rows

__all__ = ["in_order", "rank_by_uplift", "scores_table"]


def rank_by_uplift(
    scores: EffectScores, k: int = 10, users: Sequence[str] | None = None, candidates: Sequence[str] | None = None
) -> Ranking:
    """The k items of each user whose treatment has the largest effect.

    The effects rank as they are: those of `score` are posterior means already, and shrinking them once
    more by their standard errors would move the same information twice.

    Parameters
    ----------
    scores : EffectScores
        Users and items keep the order in which they first occur; pairs that are missing are not ranked.
    k : int
    users, candidates : sequence of str, optional
        Default: all.

    Raises
    ------
    DataError : unknown users or items, k below 1, or a pair that occurs twice.

    Examples
    --------
    >>> pairs = {"user": np.array(["u", "u"]), "item": np.array(["milk", "rye"])}
    >>> noise = {"stderr": np.array([0.01, 0.01]), "propensity": np.array([0.2, 0.2])}
    >>> rank_by_uplift(EffectScores(**pairs, value=np.array([0.01, 0.02]), **noise), k=1).of("u")
    ['rye']
    """
    known_users, known_items, value = scores_table(scores, scores.value)
    return rank_rows(lambda user: value[user], known_users, known_items, users, k, candidates)


def scores_table(scores: EffectScores, column: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Users, items, and one column of the scores as float64, shape (n_users, n_items); -inf where there is none."""
    users, user = in_order(scores.user)
    items, item = in_order(scores.item)
    at = user * len(items) + item
    if len(np.unique(at)) != len(at):
        raise DataError("A pair of a user and an item occurs twice in the scores; keep one row of each.")
    table = np.full(len(users) * len(items), -np.inf)
    table[at] = column
    return users, items, table.reshape(len(users), len(items))


def in_order(values: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Distinct values in the order in which they occur, and the place of each row's; pyarrow is fast at text."""
    import pyarrow as pa

    encoded = pa.array(values.tolist() if values.dtype.kind == "U" else values, type=pa.string()).dictionary_encode()
    return np.array(encoded.dictionary.to_pylist()), encoded.indices.to_numpy().astype(np.int64)
