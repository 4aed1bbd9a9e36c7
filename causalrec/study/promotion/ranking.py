"""Stage 6: scores of users and items, and whom to promote what to."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np

from causalrec.data import Dataset, EffectScores, Ranking
from causalrec.estimation import score_pairs
from causalrec.evaluation import GainComparison, candidates, compare_gain, evaluate
from causalrec.recommendation import (
    ALSRecommender,
    JointRecommender,
    PopularityRecommender,
    PurchaseRateRecommender,
    rank_by_uplift,
    rank_under_budget,
)
from causalrec.study.promotion.data import TEST_WEEKS, TRAIN_WEEKS, load
from causalrec.study.promotion.effect import display_estimand, promotion_estimand
from causalrec.study.promotion.settings import Settings
from causalrec.study.stages import Study

__all__ = ["MODIFIERS", "joint_model", "rank", "score", "training_scores"]

MODIFIERS = ("department", "item_text", "bought_before")
LENGTHS = (10, 50, 100)
SLOTS_PER_HOUSEHOLD = 5  # the budget: half of ten promoted items a household, wherever they gain most


def score(study: Study[Settings], folder: Path) -> Mapping[str, object]:
    """Effects of promotion, and of a display alone, for each household and item, from the training weeks."""
    train = load(study).window(*TRAIN_WEEKS)
    found = {
        "promotion": score_pairs(promotion_estimand(study), train, MODIFIERS),
        "display": score_pairs(display_estimand(study), train, MODIFIERS),
    }
    for name, scores in found.items():
        scores.save(folder / f"{name}.parquet")
        study.kept[f"scores of {name}"] = scores
    return {name: _summary(scores) for name, scores in found.items()}


def training_scores(study: Study[Settings], treatment: str) -> EffectScores:
    """What the score stage left."""
    if f"scores of {treatment}" not in study.kept:
        study.kept[f"scores of {treatment}"] = EffectScores.load(study.folder("score") / f"{treatment}.parquet")
    return study.kept[f"scores of {treatment}"]


def rank(study: Study[Settings], folder: Path) -> Mapping[str, object]:
    """Rankings learned on the training weeks, and what treating their tops gained in the test weeks."""
    train, test = load(study).window(*TRAIN_WEEKS), load(study).window(*TEST_WEEKS)
    both = ("display", "mailer")
    allowed = candidates(test, both)
    rankings = _rankings(study, train, allowed)
    for name, ranking in rankings.items():
        ranking.save(folder / f"{name}.parquet")
    seed = study.settings.random_state
    gains = compare_gain(_full(rankings), test, treatments=both, k=LENGTHS, candidates=allowed, random_state=seed)
    budget = _budget_gain(rankings, test, allowed, seed)
    return {
        "n_candidates": len(allowed),
        "gains": _gains(gains),
        "differences": _differences(gains),
        "display_alone": _display_alone(study, rankings, test, seed),
        "budget": budget,
        "relevance": {name: evaluate(rankings[name], test, k=10) for name in _full(rankings)},
    }


def joint_model(study: Study[Settings]) -> JointRecommender:
    """The joint model that the rank stage fitted."""
    if "joint" not in study.kept:
        study.kept["joint"] = JointRecommender.load(study.folder("rank") / "joint")
    return study.kept["joint"]


def _rankings(study: Study[Settings], train: Dataset, allowed: np.ndarray) -> dict[str, Ranking]:
    seed, threads = study.settings.random_state, study.settings.n_threads
    scores = training_scores(study, "promotion")
    joint = JointRecommender(random_state=seed, n_threads=threads).fit(train, scores)
    study.kept["joint"] = joint
    models = {
        "popularity": PopularityRecommender().fit(train),
        "als": ALSRecommender(random_state=seed, n_threads=threads).fit(train),
        "purchase rate": PurchaseRateRecommender().fit(train),
        "joint": joint,
    }
    found = {name: model.recommend(k=max(LENGTHS), candidates=allowed) for name, model in models.items()}
    found["uplift"] = rank_by_uplift(scores, max(LENGTHS), candidates=allowed)
    found["display uplift"] = rank_by_uplift(training_scores(study, "display"), max(LENGTHS), candidates=allowed)
    n_users = train.tables["users"].num_rows
    found["budget"] = rank_under_budget(_only(scores, allowed), cost=1.0, budget=SLOTS_PER_HOUSEHOLD * n_users, k=10)
    return found
