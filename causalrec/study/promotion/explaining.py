"""Stage 7: why each item, for ten households."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np

from causalrec.data import Ranking
from causalrec.explanation import Explanation, explain
from causalrec.graph import read_dagitty
from causalrec.study.promotion.data import TRAIN_WEEKS, load
from causalrec.study.promotion.effect import promotion_estimand
from causalrec.study.promotion.ranking import joint_model, training_scores
from causalrec.study.promotion.settings import Settings
from causalrec.study.stages import Study

__all__ = ["Told", "explanations"]

N_HOUSEHOLDS = 10
N_ITEMS = 5
MIN_VISITS = 20


@dataclass(frozen=True, slots=True)
class Told:
    """What the report shows of an explanation."""

    user: str
    item: str
    score: float
    contributions: list[tuple[str, float]]
    sentence: str


def explanations(study: Study[Settings], folder: Path) -> Mapping[str, object]:
    """Explain the top of the joint model's ranking for ten households drawn at random."""
    train = load(study).window(*TRAIN_WEEKS)
    history = train.histories()
    often = history.users[history.n_visits >= MIN_VISITS]
    drawn = np.random.default_rng(study.settings.random_state).choice(often, N_HOUSEHOLDS, replace=False)
    model = joint_model(study)
    ranking = model.recommend(users=sorted(drawn.tolist(), key=int), k=N_ITEMS, by="uplift")
    names = dict(zip(history.items.tolist(), _names(train), strict=True))
    found = explain(
        model, ranking, graph=read_dagitty(study.settings.graph_text), estimand=promotion_estimand(study),
        scores=training_scores(study, "promotion"), names=names,
    )  # fmt: skip
    ranking.save(folder / "ranking.parquet")
    return {"households": ranking_rows(ranking, names), "explanations": [told(one) for one in found]}
