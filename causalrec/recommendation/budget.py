"""Where to spend what a treatment costs."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from causalrec.data import EffectScores, Ranking
from causalrec.errors import DataError, ShapeError
from causalrec.recommendation.uplift import in_order

__all__ = ["rank_under_budget"]


def rank_under_budget(
    scores: EffectScores, cost: float | np.ndarray | Mapping[str, float], budget: float, k: int = 10
) -> Ranking:
    """The pairs of users and items to treat so that a budget gains most.

    Pairs are taken by effect per cost while the budget lasts, at most k of one user, none whose effect is
    not positive. With one cost for all pairs this is the optimum. With several costs, and no limit k that
    binds, it is the optimum of the fractional problem up to the first pair that does not fit: what is lost
    is less than the effect of that pair (Dantzig 1957, Operations Research 5(2)).

    Parameters
    ----------
    scores : EffectScores
    cost : float, array of shape (n_pairs,), or mapping of item to float
        Of treating a pair; above 0.
    budget : float
        In the unit of `cost`.
    k : int
        Most items of one user.

    Returns
    -------
    Ranking
        Score: effect per cost. A user without a pair is not in it.

    Raises
    ------
    DataError : a cost that is not above 0, an item without a cost, a negative budget, k below 1.

    Examples
    --------
    >>> pairs = {"user": np.array(["u", "u", "v"]), "item": np.array(["milk", "rye", "milk"])}
    >>> noise = {"stderr": np.full(3, 0.01), "propensity": np.full(3, 0.2)}
    >>> scores = EffectScores(**pairs, value=np.array([0.01, 0.02, 0.03]), **noise)
    >>> found = rank_under_budget(scores, cost=1.0, budget=2.0, k=1)
    >>> [found.of(user) for user in ("u", "v")]
    [['rye'], ['milk']]
    """
    if k < 1 or not budget >= 0:
        raise DataError(f"k is {k} and the budget {budget}; give 1 or more, and 0 or more.")
    costs = _costs(scores, cost)
    ratio = scores.value / costs
    users, user = in_order(scores.user)
    order = np.argsort(-ratio, kind="stable")
    order = order[ratio[order] > 0]
    order = order[_nth_of_user(user[order]) < k]
    chosen = order[_fits(costs[order], budget)]
    chosen = chosen[np.argsort(user[chosen], kind="stable")]
    rank = _nth_of_user(user[chosen]) + 1
    return Ranking(users[user[chosen]], scores.item[chosen].astype(str), rank, ratio[chosen])


def _costs(scores: EffectScores, cost: float | np.ndarray | Mapping[str, float]) -> np.ndarray:
    if isinstance(cost, Mapping):
        items, item = in_order(scores.item)
        missing = [name for name in items.tolist() if name not in cost]
        if missing:
            raise DataError(f"{len(missing)} items have no cost, the first {missing[:3]}.")
        cost = np.array([cost[name] for name in items.tolist()], dtype=float)[item]
    costs = np.asarray(cost, dtype=float)
    if costs.ndim and costs.shape != scores.value.shape:
        raise ShapeError(f"{len(scores):,} pairs need as many costs, or one; the costs have shape {costs.shape}.")
    if not np.all(costs > 0):
        raise DataError(f"Every cost must be above 0; the smallest is {costs.min()}.")
    return np.broadcast_to(costs, scores.value.shape)


def _nth_of_user(user: np.ndarray) -> np.ndarray:
    """How many rows of the same user come before each row; int64."""
    order = np.argsort(user, kind="stable")
    ordered = user[order]
    nth = np.empty(len(user), dtype=np.int64)
    nth[order] = np.arange(len(user)) - np.searchsorted(ordered, ordered)
    return nth


def _fits(costs: np.ndarray, budget: float) -> np.ndarray:
    """Whether each pair still fits, taken in turn; one that does not is passed over for cheaper ones."""
    if len(costs) and np.all(costs == costs[0]):
        return np.arange(1, len(costs) + 1) * costs[0] <= budget * (1 + 1e-12)
    fits, left, least = np.zeros(len(costs), dtype=bool), budget * (1 + 1e-12), costs.min(initial=np.inf)
    for at, cost in enumerate(costs.tolist()):
        if cost <= left:
            fits[at], left = True, left - cost
            if left < least:
                break
    return fits
