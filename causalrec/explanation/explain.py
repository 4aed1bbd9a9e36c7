"""`explain`: one explanation for each row of a ranking."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from causalrec.data import EffectScores, Ranking
from causalrec.errors import DataError
from causalrec.explanation.additive import Additive, additive
from causalrec.explanation.explanation import Explanation, PairEffect, Removal
from causalrec.explanation.paths import causal_paths
from causalrec.explanation.sentence import sentence
from causalrec.graph import CausalGraph
from causalrec.identification import Estimand
from causalrec.recommendation import ALSRecommender, JointRecommender
from causalrec.recommendation.contract import codes_among, require_fitted

__all__ = ["explain"]

Model = ALSRecommender | JointRecommender

TOLERANCE = 1e-6  # relative, between the ranking's score and the sum of its parts


def explain(
    model: Model, ranking: Ranking, *, graph: CausalGraph | None = None, estimand: Estimand | None = None,
    scores: EffectScores | None = None, names: Mapping[str, str] | None = None,
) -> list[Explanation]:  # fmt: skip
    """Explain each row of a ranking that `model` made.

    Parameters
    ----------
    model : ALSRecommender or JointRecommender
    ranking : Ranking
    graph, estimand : optional
        Both, for the causal paths.
    scores : EffectScores, optional
        For the effect of treating the pair.
    names : mapping of str to str, optional
        Name of each item.

    Raises
    ------
    DataError : the model did not make the ranking, or has no explanation.
    """
    require_fitted(model)
    names = names or {}
    paths = causal_paths(graph, estimand) if graph is not None and estimand is not None else ()
    places = {item: at for at, item in enumerate(model.items_.tolist())}
    effects = _effects(scores, ranking)
    found = []
    for user in dict.fromkeys(ranking.user.tolist()):
        rows = np.flatnonzero(ranking.user == user)
        listed = [places[item] for item in ranking.item[rows]]
        parts = _matching(model, user, listed, ranking.score[rows])
        for row, item in zip(rows, listed, strict=True):
            found.append(_explanation(model, parts, user, item, listed, effects[row], paths, names))
    return found


def _explanation(model, parts: Additive, user, item, listed, effect, paths, names) -> Explanation:
    own = parts.parts(item)
    removal = _removal(model, parts, item, listed, own)
    ids = model.items_
    named: list[tuple[str, float]] = [
        (part if isinstance(part, str) else f"bought {names.get(ids[part], ids[part])}", value) for part, value in own
    ]
    return Explanation(
        user=str(user), item=str(ids[item]), score=float(parts.scores[item]), scale=parts.scale,
        contributions=tuple(named), removal=removal, effect=effect, paths=paths,
        sentence=sentence(str(user), str(ids[item]), named, removal, effect, names),
    )  # fmt: skip


def _removal(model, parts: Additive, item: int, listed: list[int], own) -> Removal | None:
    """Take out the history item with the largest part; the pair's own purchases count as one item."""
    if not len(parts.history):
        return None
    weight = {part: value for part, value in own if not isinstance(part, str)}
    if item in parts.history:
        weight[item] = weight.get(item, 0.0) + sum(value for part, value in own if str(part).startswith("bought it"))
    strongest = max(weight, key=lambda part: weight[part])
    scores = parts.without(strongest)
    # The list is as long as before, among the items that a list could hold.
    new = np.argsort(-scores, kind="stable")[: len(listed)].tolist()
    before = set(np.argsort(-parts.scores, kind="stable")[: len(listed)].tolist())
    enters = tuple(str(model.items_[at]) for at in new if at not in before)
    return Removal(str(model.items_[strongest]), item in new, enters)


def _matching(model, user: str, listed: list[int], score: np.ndarray) -> Additive:
    """The parts by which the ranking was made: by relevance, or by uplift."""
    row = int(codes_among([user], model.users_, "users")[0])
    for by in ("uplift", "relevance") if getattr(model, "relative_", None) is not None else ("relevance",):
        parts = additive(model, row, by)
        made = parts.scores[listed] if parts.scale == "score" else np.exp(parts.scores[listed])
        if np.allclose(made, score, rtol=TOLERANCE, atol=0):
            return parts
    raise DataError(f"The ranking's scores for user {user!r} are not this model's; explain the ranking that it made.")


def _effects(scores: EffectScores | None, ranking: Ranking) -> list[PairEffect | None]:
    """The effect of each row's pair."""
    if scores is None:
        return [None] * len(ranking)
    wanted = set(ranking.user.tolist())
    rows = np.flatnonzero(np.isin(scores.user.astype(str), [str(user) for user in wanted])).tolist()
    place = {(str(scores.user[row]), str(scores.item[row])): row for row in rows}
    pairs = zip(ranking.user.tolist(), ranking.item.tolist(), strict=True)
    return [PairEffect.of(scores, place[pair]) if pair in place else None for pair in pairs]
