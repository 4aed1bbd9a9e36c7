"""Stage 7: why each item, for ten households."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np

from causalrec.data import Dataset
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
    """Explain the top of the joint model's ranking by uplift, for ten households drawn at random."""
    train = load(study).window(*TRAIN_WEEKS)
    history = train.histories()
    often = history.users[history.n_visits >= MIN_VISITS]
    drawn = np.random.default_rng(study.settings.random_state).choice(often, N_HOUSEHOLDS, replace=False)
    model = joint_model(study)
    ranking = model.recommend(users=sorted(drawn.tolist()), k=N_ITEMS, by="uplift")
    names = dict(zip(history.items.tolist(), _names(train), strict=True))
    graph = read_dagitty(study.settings.graph_text)
    estimand, scores = promotion_estimand(study), training_scores(study, "promotion")
    found = explain(model, ranking, graph=graph, estimand=estimand, scores=scores, names=names)
    ranking.save(folder / "ranking.parquet")
    return {
        "explanations": [asdict(_told(one, names)) for one in found],
        "full": [one.to_dict() for one in found],
        "largest gap": max(abs(sum(value for _, value in one.contributions) - one.score) for one in found),
    }


def _told(one: Explanation, names: Mapping[str, str]) -> Told:
    contributions = [(name, float(value)) for name, value in one.contributions]
    through = f" It works through {'; '.join(one.paths)}." if one.paths else ""
    return Told(one.user, names[one.item], one.score, contributions, one.sentence + through)


def _names(data: Dataset) -> list[str]:
    """The items' kind and size, as a shopper would say it."""
    kinds, brands, sizes = (data.item_column(name).tolist() for name in ("type", "brand", "size"))
    found = []
    for kind, brand, size in zip(kinds, brands, sizes, strict=True):
        about = [part.lower() for part in (f"{brand} brand", size) if "unknown" not in part.lower()]
        found.append(f"{kind.lower()} ({', '.join(about)})" if about else kind.lower())
    return found
