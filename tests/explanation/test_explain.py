"""Explanations: parts that sum, exact removals, paths, sentences, refusals."""

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest

from causalrec.errors import DataError
from causalrec.explanation import causal_paths, explain
from causalrec.explanation.additive import additive
from causalrec.graph import CausalGraph, load_graph
from causalrec.identification import identify
from causalrec.recommendation import PurchaseRateRecommender
from causalrec.recommendation.als import user_factors
from causalrec.recommendation.joint import _past

CASES = {"als": None, "joint": None, "joint with effects": "uplift"}


@pytest.mark.parametrize("name", CASES)
def test_contributions_sum_to_the_score(name, models):
    model = models[name]
    ranking = model.recommend(model.users_[:6].tolist(), k=4)
    for row, one in enumerate(explain(model, ranking)):
        assert sum(value for _, value in one.contributions) == pytest.approx(one.score, abs=1e-9)
        shown = one.score if one.scale == "score" else np.exp(one.score)
        assert shown == pytest.approx(ranking.score[row], rel=1e-9)
        assert (one.user, one.item) == (ranking.user[row], ranking.item[row])


def test_als_without_an_item_equals_refitting_the_user(models):
    model = models["als"]
    for row in range(5):
        parts = additive(model, row, "relevance")
        for item in parts.history[:3]:
            confidence = model.confidence_.copy().tolil()
            confidence[row, item] = 0
            confidence = confidence.tocsr()
            confidence.eliminate_zeros()
            refitted = user_factors(model.item_factors_, confidence, model.l2)[row] @ model.item_factors_.T
            assert np.abs(parts.without(int(item)) - refitted).max() < 1e-10


def test_joint_without_an_item_equals_a_past_without_it(models, lifted_world):
    import pyarrow.compute as pc

    model = models["joint"]
    parts = additive(model, 0, "relevance")
    item = int(parts.history[0])
    gone = (pc.field("user") == model.users_[0]) & (pc.field("item") == model.items_[item])
    tables = lifted_world.data.tables
    less = replace(lifted_world.data, tables={**tables, "purchases": tables["purchases"].filter(~gone)})
    new, old = _past(less, np.ones((len(model.users_), len(model.items_)))), model.past_
    # The item rates and the prior's weight are held fixed, so they are taken from the fitted model.
    history = np.log1p(less.histories().counts[[0]].toarray()[0])
    assert np.allclose(new.history[0], history / max(np.sqrt((history**2).sum()), 1))
    own = old.own[:, 0].copy()
    own[:, item] = old.absent[:, 0]
    expected = (
        old.base + model.weights_.bias + model.weights_.own @ own + new.history[0] @ model.weights_.interactions()
    )
    assert np.abs(parts.without(item) - expected).max() < 1e-12


def test_removal_names_what_leaves_and_what_enters(models):
    model = models["als"]
    ranking = model.recommend(model.users_[:10].tolist(), k=3)
    for one in explain(model, ranking):
        listed = ranking.of(one.user)
        assert one.removal.stays or one.removal.enters
        assert not set(one.removal.enters) & set(listed)


def test_effects_paths_and_names_are_told(models, effects):
    model = models["joint with effects"]
    graph = load_graph("promotion")
    estimand = identify(graph, "display", "purchased")
    ranking = model.recommend([model.users_[0]], k=2)
    names = {item: f"thing {item}" for item in model.items_.tolist()}
    first = explain(model, ranking, graph=graph, estimand=estimand, scores=effects, names=names)[0]
    assert first.paths == ("display -> purchased",)
    assert first.effect.lower < first.effect.value < first.effect.upper
    assert first.sentence.startswith(f"thing {first.item} is listed for {first.user}")
    assert "Display adds" in first.sentence
    assert first.to_dict()["effect"]["treatment"] == "display"
    assert first.scale in str(first)


def test_paths_are_few_and_shortest_first():
    layers = [[f"n{depth}{k}" for k in range(6)] for depth in range(6)]
    edges = [("t", node) for node in layers[0]] + [(node, "y") for node in layers[-1]] + [("t", "y")]
    edges += [(a, b) for upper, lower in pairwise(layers) for a in upper for b in lower]
    graph = CausalGraph(edges)
    found = causal_paths(graph, identify(graph, "t", "y"))
    assert found[0] == "t -> y"
    assert len(found) <= 5


def test_a_ranking_of_another_model_is_refused(models):
    ranking = models["als"].recommend([models["als"].users_[0]], k=2)
    with pytest.raises(DataError, match="are not this model's"):
        explain(models["joint"], ranking)


def test_a_model_without_parts_is_refused(lifted_world):
    model = PurchaseRateRecommender().fit(lifted_world.data)
    with pytest.raises(DataError, match="no explanation"):
        explain(model, model.recommend([model.users_[0]], k=1))
