"""Stage 6: scores of users and items, and whom to promote what to."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, replace
from pathlib import Path

import numpy as np

from causalrec.data import Dataset, EffectScores, Ranking
from causalrec.estimation import score_pairs
from causalrec.evaluation import GainDifference, candidates, compare_gain, evaluate
from causalrec.recommendation import (
    ALSRecommender,
    JointRecommender,
    PopularityRecommender,
    PurchaseRateRecommender,
    Recommender,
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
SLOTS_PER_HOUSEHOLD = 5  # the budget, as a mean
MOST_SLOTS = 10  # of one household


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
    allowed = candidates(test, both).tolist()
    rankings = _rankings(study, train, allowed)
    for name, ranking in rankings.items():
        ranking.save(folder / f"{name}.parquet")
    study.kept["joint"].save(folder / "joint")
    seed = study.settings.random_state
    gains = compare_gain(_full(rankings), test, treatments=both, k=LENGTHS, candidates=allowed, random_state=seed)
    budget = _budget_gain(rankings, test, allowed, seed)
    return {
        "n_candidates": len(allowed),
        "gains": [asdict(gain) for gain in gains.gains()],
        "differences": [_said(difference) for difference in gains.differences()],
        "display_alone": _display_alone(study, train, test, seed),
        "budget": budget,
        "relevance": {name: evaluate(rankings[name], test, k=10) for name in _full(rankings)},
    }


def joint_model(study: Study[Settings]) -> JointRecommender:
    """The joint model that the rank stage fitted."""
    if "joint" not in study.kept:
        study.kept["joint"] = JointRecommender.load(study.folder("rank") / "joint")
    return study.kept["joint"]


def _rankings(study: Study[Settings], train: Dataset, allowed: list[str]) -> dict[str, Ranking]:
    seed, threads = study.settings.random_state, study.settings.n_threads
    scores = training_scores(study, "promotion")
    joint = JointRecommender(random_state=seed, n_threads=threads).fit(train, scores)
    study.kept["joint"] = joint
    models: dict[str, Recommender] = {
        "popularity": PopularityRecommender().fit(train),
        "als": ALSRecommender(random_state=seed, n_threads=threads).fit(train),
        "purchase rate": PurchaseRateRecommender().fit(train),
    }
    found = {name: model.recommend(k=max(LENGTHS), candidates=allowed) for name, model in models.items()}
    found["joint"] = joint.recommend(k=max(LENGTHS), candidates=allowed, by="relevance")
    found["joint uplift"] = joint.recommend(k=max(LENGTHS), candidates=allowed, by="uplift")
    found["uplift"] = rank_by_uplift(scores, max(LENGTHS), candidates=allowed)
    n_users = train.tables["users"].num_rows
    found["budget"] = rank_under_budget(
        _only(scores, allowed), cost=1.0, budget=SLOTS_PER_HOUSEHOLD * n_users, k=MOST_SLOTS
    )
    return found


def _full(rankings: Mapping[str, Ranking]) -> dict[str, Ranking]:
    """The rankings that list a hundred items for every household, the one in question first."""
    names = ("uplift", "purchase rate", "joint", "joint uplift", "als", "popularity")
    return {name: rankings[name] for name in names}


def _only(scores: EffectScores, items: list[str]) -> EffectScores:
    """The scores of some items."""
    kept = np.isin(scores.item, items)
    columns = {name: getattr(scores, name)[kept] for name in ("user", "item", "value", "stderr", "propensity", "base")}
    return replace(scores, **columns)


def _budget_gain(rankings: Mapping[str, Ranking], test: Dataset, allowed: list[str], seed: int) -> dict[str, object]:
    """The budget spent where it gains most, against the same number of slots for every household."""
    equal = rankings["uplift"]
    equal = Ranking(*(getattr(equal, f)[equal.rank <= SLOTS_PER_HOUSEHOLD] for f in ("user", "item", "rank", "score")))
    found = compare_gain(
        {"budget": rankings["budget"], "equal slots": equal}, test, k=None, candidates=allowed, random_state=seed
    )
    return {
        "n_pairs": len(rankings["budget"]),
        "gains": [asdict(gain) for gain in found.gains()],
        "difference": _said(found.difference("budget", "equal slots")),
    }


def _display_alone(study: Study[Settings], train: Dataset, test: Dataset, seed: int) -> list[dict[str, object]]:
    """Whether ranking by the display's own effect gains more from displays than relevance does."""
    allowed = candidates(test, ("display",)).tolist()
    chosen = {
        "display uplift": rank_by_uplift(training_scores(study, "display"), max(LENGTHS), candidates=allowed),
        "purchase rate": PurchaseRateRecommender().fit(train).recommend(k=max(LENGTHS), candidates=allowed),
    }
    found = compare_gain(chosen, test, treatments=("display",), k=LENGTHS, candidates=allowed, random_state=seed)
    return [_said(difference) for difference in found.differences()]


def _said(difference: GainDifference) -> dict[str, object]:
    """A difference with its sentence."""
    return asdict(difference) | {"sentence": str(difference), "is_clear": difference.is_clear}


def _summary(scores: EffectScores) -> dict[str, float]:
    """A few numbers of a table of scores."""
    shares = (0.01, 0.5, 0.99)
    return {f"value at {share:.0%}": float(np.quantile(scores.value, share)) for share in shares} | {
        "n_pairs": len(scores), "mean stderr": float(scores.stderr.mean()),
    }  # fmt: skip
