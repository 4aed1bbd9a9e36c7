"""The joint model: it finds planted tastes, uses text, and consumes effects."""

from dataclasses import replace

import numpy as np
import pytest

from causalrec.data import Column, Dataset, EffectScores
from causalrec.errors import DataError
from causalrec.recommendation import JointRecommender, PopularityRecommender
from tests.recommendation.conftest import SETTINGS

N_USERS, N_ITEMS, N_WEEKS = 150, 60, 20


def tastes(seed: int) -> tuple[Dataset, np.ndarray]:
    """Half of the users buy one department, half the other; a sixth of the items is new in the last weeks."""
    import pyarrow as pa

    rng = np.random.default_rng(seed)
    users, items = np.array([f"u{k}" for k in range(N_USERS)]), np.array([f"i{k}" for k in range(N_ITEMS)])
    kind = np.arange(N_ITEMS) % 2
    likes = np.arange(N_USERS)[:, None] % 2 == kind
    chance = np.where(likes, 0.15, 0.01)
    user, week = np.nonzero(rng.random((N_USERS, N_WEEKS)) < 0.7)
    bought = rng.random((len(user), N_ITEMS)) < chance[user]
    bought[:, N_ITEMS - 10 :] &= (week >= N_WEEKS - 4)[:, None]
    visit, item = np.nonzero(bought)

    def context(weeks):
        return {"store": np.full(len(weeks), "s"), "week": weeks.astype(np.int16)}

    data = Dataset.from_visits(
        visits=pa.table({"user": users[user], **context(week)}),
        purchases=pa.table({"user": users[user[visit]], "item": items[item], **context(week[visit])}),
        treatments=pa.table({"item": items[:1], **context(np.zeros(1)), "display": [1]}),
        items=pa.table({"item": items, "department": np.array(["tea", "coffee"])[kind]}),
        users=pa.table({"user": users}),
        columns={"item_text": Column("department")},
    )
    return data, likes


def share_liked(model, likes, candidates) -> float:
    """Share of the top five that the user likes."""
    ranking = model.recommend(k=5, candidates=candidates)
    user = np.array([int(name[1:]) for name in ranking.user])
    item = np.array([int(name[1:]) for name in ranking.item])
    return likes[user, item].mean()


def test_it_learns_tastes_that_popularity_cannot():
    data, likes = tastes(0)
    everything = data.tables["items"]["item"].to_pylist()
    joint = share_liked(JointRecommender(**SETTINGS).fit(data), likes, everything)
    assert joint > 0.9
    assert share_liked(PopularityRecommender().fit(data), likes, everything) < 0.6


def test_what_an_item_is_tells_of_items_that_nobody_has_bought():
    data, likes = tastes(1)
    early = data.window(0, N_WEEKS - 5)  # nobody has bought the new items yet
    new = data.tables["items"]["item"].to_pylist()[-10:]
    known = share_liked(JointRecommender(**SETTINGS).fit(early), likes, new)
    unknown = share_liked(JointRecommender(**(SETTINGS | {"attributes": ()})).fit(early), likes, new)
    assert known > 0.9
    assert unknown < 0.7


def test_one_seed_gives_one_model(models, lifted_world):
    again = JointRecommender(**SETTINGS).fit(lifted_world.data)
    assert again.recommend(k=5).score.tolist() == models["joint"].recommend(k=5).score.tolist()


def test_uplift_is_relevance_times_the_lift_less_one(models, effects):
    model = models["joint with effects"]
    ranking = model.recommend(k=5, by="uplift")
    relevance = model.predict(ranking.user.tolist(), ranking.item.tolist()).score
    lift = dict(zip(zip(effects.user, effects.item, strict=True), effects.value / effects.base, strict=True))
    expected = [lift[pair] for pair in zip(ranking.user, ranking.item, strict=True)]
    assert np.allclose(ranking.score, relevance * np.maximum(expected, 1e-6))


def test_purchases_that_treatment_brought_are_taken_out(models, effects, lifted_world):
    base = models["joint"].predict(models["joint"].users_.tolist(), ["i000"] * len(models["joint"].users_)).score
    strong = replace(effects, propensity=np.full(len(effects), 0.9), value=np.full(len(effects), 0.05))
    freed = JointRecommender(**SETTINGS).fit(lifted_world.data, strong)
    left = freed.predict(freed.users_.tolist(), ["i000"] * len(freed.users_)).score
    # The treatment brought .9 * .05 of every .05 + .9 * .05 purchases.
    assert np.mean(left) / np.mean(base) == pytest.approx(0.05 / 0.095, rel=0.25)


def test_uplift_without_effects_is_refused(models):
    with pytest.raises(DataError, match="without effects"):
        models["joint"].recommend(by="uplift")
    with pytest.raises(DataError, match="by is"):
        models["joint"].recommend(by="luck")


def test_effects_that_lack_pairs_or_bases_are_refused(lifted_world, effects):
    columns = ("user", "item", "value", "stderr", "propensity", "base")
    half = EffectScores(**{name: getattr(effects, name)[::2] for name in columns})
    with pytest.raises(DataError, match="lack 3,000 of 6,000 pairs"):
        JointRecommender(**SETTINGS).fit(lifted_world.data, half)
    with pytest.raises(DataError, match="no column `base`"):
        JointRecommender(**SETTINGS).fit(lifted_world.data, replace(effects, base=None))


def test_too_few_weeks_and_flat_tables_are_refused(lifted_world):
    with pytest.raises(DataError, match="too few"):
        JointRecommender(**SETTINGS).fit(lifted_world.data.window(0, 3))
    with pytest.raises(DataError, match="forward in time"):
        JointRecommender(**SETTINGS).fit(Dataset.from_frames({"user": ["u"], "item": ["i"]}))
