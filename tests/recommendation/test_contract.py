"""What every recommender does; a new one is one more name here."""

import numpy as np
import pytest

from causalrec.errors import DataError, NotFittedError, ShapeError
from causalrec.recommendation import ALSRecommender, JointRecommender, Recommender

NAMES = ("popularity", "purchase rate", "als", "joint", "joint with effects")


@pytest.fixture(params=NAMES)
def model(request, models):
    return models[request.param]


def test_it_is_a_recommender(model):
    assert isinstance(model, Recommender)


def test_lists_are_sorted_whole_and_hold_no_item_twice(model):
    ranking = model.recommend(k=7)
    assert len(ranking) == 7 * len(model.users_)
    for user in model.users_[:5]:
        rows = ranking.user == user
        assert ranking.rank[rows].tolist() == list(range(1, 8))
        assert (np.diff(ranking.score[rows]) <= 0).all()
        assert len(set(ranking.of(user))) == 7


def test_the_list_of_one_user_does_not_depend_on_the_others(model):
    alone = model.recommend([model.users_[3]], k=5)
    assert alone.of(model.users_[3]) == model.recommend(k=5).of(model.users_[3])


def test_more_than_all_items_is_all_items(model):
    assert len(model.recommend([model.users_[0]], k=10_000)) == len(model.items_)


def test_candidates_restrict_the_list(model):
    some = model.items_[[4, 9, 2]].tolist()
    assert set(model.recommend([model.users_[0]], k=10, candidates=some).of(model.users_[0])) == set(some)


def test_what_was_bought_can_be_left_out(model, lifted_world):
    history = lifted_world.data.histories()
    user = model.users_[0]
    bought = set(history.items[history.counts[[0]].toarray()[0] > 0])
    assert bought
    assert not bought & set(model.recommend([user], k=len(model.items_), exclude_seen=True).of(user))


def test_pairs_have_the_score_that_ranks_them(model):
    user = model.users_[2]
    by = {"by": "relevance"} if isinstance(model, JointRecommender) else {}
    ranking = model.recommend([user], k=6, **by)
    assert np.allclose(model.predict([user] * 6, ranking.item.tolist()).score, ranking.score)


def test_unknown_users_and_items_are_named(model):
    with pytest.raises(DataError, match="nobody"):
        model.recommend(["nobody"])
    with pytest.raises(DataError, match="nothing"):
        model.recommend(candidates=["nothing"])
    with pytest.raises(ShapeError):
        model.predict([model.users_[0]], [])
    with pytest.raises(DataError, match="k is 0"):
        model.recommend(k=0)


@pytest.mark.parametrize("kind", [ALSRecommender, JointRecommender])
def test_a_model_that_learned_nothing_says_so(kind):
    with pytest.raises(NotFittedError, match="fit"):
        kind().recommend()


@pytest.mark.parametrize("name", ["als", "joint", "joint with effects"])
def test_saved_and_loaded_it_is_the_same(name, models, tmp_path):
    model = models[name]
    loaded = type(model).load(model.save(tmp_path / "model"))
    assert loaded.recommend(k=5).score.tolist() == model.recommend(k=5).score.tolist()
    assert loaded.recommend(k=5).item.tolist() == model.recommend(k=5).item.tolist()
    assert not list((tmp_path / "model").glob("*.pkl"))
    with pytest.raises(DataError):
        (ALSRecommender if name != "als" else JointRecommender).load(tmp_path / "model")
