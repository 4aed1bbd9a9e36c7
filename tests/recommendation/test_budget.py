"""Spending a budget: brute force, limits, refusals."""

from itertools import combinations

import numpy as np
import pytest

from causalrec.data import EffectScores
from causalrec.errors import DataError
from causalrec.recommendation import rank_by_uplift, rank_under_budget


def some_scores(seed: int, n_users: int = 3, n_items: int = 4) -> EffectScores:
    rng = np.random.default_rng(seed)
    user = np.repeat([f"u{k}" for k in range(n_users)], n_items)
    item = np.tile([f"i{k}" for k in range(n_items)], n_users)
    noise = {"stderr": np.ones(len(user)), "propensity": np.full(len(user), 0.5)}
    return EffectScores(user, item, value=rng.normal(0.1, 1, len(user)), **noise)


@pytest.mark.parametrize("seed", range(20))
@pytest.mark.parametrize(("budget", "k"), [(2, 1), (4, 2), (5, 4)])
def test_one_cost_gives_the_best_set(seed, budget, k):
    scores = some_scores(seed)
    best = 0.0
    for size in range(1, budget + 1):
        for chosen in combinations(range(len(scores)), size):
            users = scores.user[list(chosen)].tolist()
            if max(users.count(user) for user in set(users)) <= k:
                best = max(best, scores.value[list(chosen)].sum())
    found = rank_under_budget(scores, cost=1.0, budget=budget, k=k)
    assert found.score.sum() == pytest.approx(best)


@pytest.mark.parametrize("seed", range(10))
def test_several_costs_stay_within_the_budget(seed):
    scores = some_scores(seed)
    cost = np.random.default_rng(seed).uniform(0.5, 2, len(scores))
    price = dict(zip(zip(scores.user, scores.item, strict=True), cost, strict=True))
    found = rank_under_budget(scores, cost=cost, budget=3.0, k=4)
    assert sum(price[pair] for pair in zip(found.user, found.item, strict=True)) <= 3.0
    assert (found.score > 0).all()


def test_ranking_by_uplift_is_sorting_by_value():
    scores = some_scores(0)
    ranking = rank_by_uplift(scores, k=4)
    for user in np.unique(scores.user):
        rows = scores.user == user
        assert ranking.of(user) == scores.item[rows][np.argsort(-scores.value[rows])].tolist()


def test_costs_and_budgets_that_make_no_sense_are_refused():
    scores = some_scores(0)
    with pytest.raises(DataError, match="above 0"):
        rank_under_budget(scores, cost=0.0, budget=1.0)
    with pytest.raises(DataError, match="budget"):
        rank_under_budget(scores, cost=1.0, budget=-1.0)
    with pytest.raises(DataError, match="no cost"):
        rank_under_budget(scores, cost={"i0": 1.0}, budget=1.0)
