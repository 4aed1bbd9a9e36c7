from dataclasses import replace

import numpy as np
import pytest

from causalrec import CausalGraph, identify
from causalrec.data import text
from causalrec.errors import DataError, EstimationError
from causalrec.estimation.heterogeneity.linear_learners import LinearDRLearner, LinearRLearner
from causalrec.estimation.text_modifier import text_modifier
from causalrec.estimation.text_modifier.text_words import commoner_words
from tests.estimation.planted import exact_interval
from tests.estimation.text_modifier.modifier_worlds import BY_TITLE, EFFECT, Mentions, world

N_RUNS = 80
CHEAP = {"n_words": 0, "n_directions": 2, "n_folds": 3}


def found(seed, data=None, estimand=BY_TITLE, **given):
    return text_modifier(estimand, data or world(seed).data, "title", random_state=seed, **{**CHEAP, **given})


@pytest.fixture(scope="module")
def varying():
    """A world whose effect varies, and what is found in it."""
    made = world(3, 1500, slope=0.5)
    return made, text_modifier(BY_TITLE, made.data, "title")


def test_the_effects_at_both_ends_are_covered():
    held = 0
    for seed in range(N_RUNS):
        made = world(seed, 240, slope=0.5, confounded=0.3)
        for end in (lambda one: (one.low, one.high))(
            found(seed, made.data, n_directions=1, learner=LinearDRLearner(n_folds=2)).directions[0]
        ):
            truth = np.array(list(made.effect.values()))[end_titles(made, end)].mean()
            held += abs(end.effect - truth) <= 1.96 * end.stderr
    low, high = exact_interval(held, 2 * N_RUNS)
    assert low <= 0.95 <= high, held / (2 * N_RUNS)


def end_titles(made, end):
    """Places, among the world's titles, of the titles at an end."""
    names = list(made.effect)
    order = sorted(range(len(names)), key=names.__getitem__)
    return [order[place] for place in end.places]


def test_the_planted_direction_is_recovered(varying):
    made, one = varying
    truth = made.of(one.texts)
    assert one.varies
    assert one.p_value < 1e-6
    assert np.corrcoef(truth, one.predicted)[0, 1] > 0.9
    slope = one.directions[0]
    assert np.corrcoef(truth, slope.position)[0, 1] > 0.9
    assert slope.p_value < 1e-4
    assert slope.difference > 0.6
    assert abs(one.calibration.slope - 1) < 3 * one.calibration.slope_stderr
    assert (np.diff(one.fifths.value)[[0, -1]] > -3 * one.fifths.stderr.max()).all()


def test_titles_and_words_at_the_ends_are_those_of_the_planted_kinds(varying):
    _, one = varying
    slope = one.directions[0]
    assert [word.word for word in slope.high.words][:1] == ["organic"]
    assert [word.word for word in slope.low.words][:1] == ["frozen"]
    assert all("organic" in title for title in slope.high.examples)
    assert all("frozen" in title for title in slope.low.examples)
    assert slope.high.words[0].share > 0.9 > 0.3 > slope.high.words[0].other_share


def test_the_ends_hold_none_of_the_texts_that_were_learned_from(varying):
    made, one = varying
    again = text_modifier(BY_TITLE, made.data, "title")
    assert str(again) == str(one)
    sizes = {len(end.places) for d in one.directions for end in (d.low, d.high)}
    assert sizes == {150}  # a fifth of one half
    # Outcomes of the tested half move no direction: it is learned on the other half.
    names, tested = list(one.texts), np.concatenate([one.directions[0].low.places, one.directions[0].high.places])
    table = made.data.tables["interactions"]
    sold, rows = np.array(table["sold"]), np.isin(table["name"].to_pylist(), [names[place] for place in tested])
    noise = np.random.default_rng(0).normal(size=len(sold))
    changed = table.set_column(table.column_names.index("sold"), "sold", [np.where(rows, noise, sold)])
    moved = text_modifier(BY_TITLE, replace(made.data, tables={"interactions": changed}), "title")
    assert np.corrcoef(moved.directions[0].position, one.directions[0].position)[0, 1] > 0.95
    assert abs(moved.directions[0].difference) < 0.5 * one.directions[0].difference


def test_titles_of_the_items_are_those_of_the_table():
    here, beside = (world(1, 300, slope=0.5, n_rows=2, beside=where) for where in (False, True))
    one, other = found(1, here.data), found(1, beside.data)
    assert one.texts == other.texts
    np.testing.assert_allclose(other.predicted, one.predicted, atol=1e-8)
    assert other.directions[0].p_value == pytest.approx(one.directions[0].p_value)


def test_rows_in_another_order_give_the_same():
    made = world(2, 300, slope=0.5)
    table = made.data.tables["interactions"]
    mixed = table.take(np.random.default_rng(0).permutation(table.num_rows))
    one, other = found(2, made.data), found(2, replace(made.data, tables={"interactions": mixed}))
    np.testing.assert_allclose(other.predicted, one.predicted, atol=1e-10)
    assert other.p_value == pytest.approx(one.p_value)
    assert other.directions[0].low.examples == one.directions[0].low.examples


def test_a_treatment_of_amounts_has_an_effect_of_one_more():
    made = world(4, 1000, slope=0.5, amounts=True)
    one = found(4, made.data)
    assert one.average.startswith("units weighted")
    assert one.calibration.mean == pytest.approx(EFFECT, abs=4 * one.calibration.mean_stderr)
    assert np.corrcoef(made.of(one.texts), one.predicted)[0, 1] > 0.9


def test_both_learners_agree_on_a_binary_treatment(varying):
    made, one = varying
    other = text_modifier(BY_TITLE, made.data, "title", learner=LinearRLearner(), n_words=0)
    assert one.average == "all units" != other.average
    assert np.corrcoef(one.predicted, other.predicted)[0, 1] > 0.95


def test_a_randomised_treatment_has_a_text_to_be_conditional_on():
    made = world(5, 800, slope=0.5, confounded=0.0)
    graph = CausalGraph([("shown", "sold"), ("title", "sold")])
    plain = identify(graph, treatment="shown", outcome="sold")
    with pytest.raises(DataError, match="conditional"):
        text_modifier(plain, made.data, "title")
    estimand = identify(graph, treatment="shown", outcome="sold", conditional=["title"])
    assert found(5, made.data, estimand).varies


def test_clusters_that_hold_texts_whole_share_a_part():
    made = world(6, 400)
    table = made.data.tables["interactions"].append_column("brand", [np.arange(400) // 4])
    one = text_modifier(
        BY_TITLE, replace(made.data, tables={"interactions": table}), "title", clusters="brand", **CHEAP
    )
    assert one.clusters == ("brand",)
    mixed = replace(made.data, tables={"interactions": table.take(np.random.default_rng(0).permutation(400))})
    other = text_modifier(BY_TITLE, mixed, "title", clusters="brand", **CHEAP)
    np.testing.assert_allclose(other.predicted, one.predicted, atol=1e-10)
    few = made.data.tables["interactions"].append_column("brand", [np.arange(400) // 40])
    with pytest.raises(EstimationError, match="10 clusters"):
        text_modifier(BY_TITLE, replace(made.data, tables={"interactions": few}), "title", clusters="brand")


def test_what_it_prints_and_saves(varying):
    import json

    _, one = varying
    said = str(one)
    for part in ("varies with title", "commoner: organic", "errors clustered by nothing"):
        assert part in said
    kept = json.loads(json.dumps(one.to_dict()))
    assert kept["directions"][0]["high"]["examples"] == list(one.directions[0].high.examples)
    assert kept["n_texts"] == 1500
    quiet = found(0, world(0, 240).data)
    assert not quiet.varies
    assert "was not found" in str(quiet)


@pytest.mark.parametrize(
    ("given", "message"),
    [({"n_directions": 0}, "n_directions"), ({"n_components": "all"}, "n_components"), ({"n_folds": 2}, "n_folds"),
     ({"n_examples": -1}, "n_examples"), ({"n_words": 1.5}, "n_words"), ({"random_state": -1}, "random_state"),
     ({"random_state": 0.5}, "random_state"),
     ({"learner": "forest"}, "LinearDRLearner"), ({"missing": "guess"}, "missing")],
)  # fmt: skip
def test_bad_options_are_named(given, message):
    with pytest.raises(DataError, match=message):
        text_modifier(BY_TITLE, world(0, 150).data, "title", **given)


def test_what_cannot_be_asked_is_refused():
    data = world(0, 150).data
    with pytest.raises(DataError, match="identify"):
        text_modifier("shown", data, "title")
    with pytest.raises(DataError, match="in no set"):
        text_modifier(BY_TITLE, data, "sold")
    with pytest.raises(DataError, match="not bound to a text"):
        text_modifier(BY_TITLE, replace(data, columns={}), "title")
    with pytest.raises(DataError, match="adjustment identifies"):
        text_modifier(replace(BY_TITLE, strategy="instrument", instruments=("item",)), data, "title")
    with pytest.raises(EstimationError, match="60 distinct texts"):
        text_modifier(BY_TITLE, world(0, 60, n_rows=5).data, "title")
    still = data.tables["interactions"].set_column(1, "shown", [np.zeros(150)])
    with pytest.raises(EstimationError, match="does not vary"):
        text_modifier(BY_TITLE, replace(data, tables={"interactions": still}), "title")


def test_texts_that_are_all_alike_to_the_encoder_are_refused():
    class Blank:
        def encode(self, texts):
            return np.ones((len(texts), 3))

    data = world(0, 150).data.with_columns({"title": text("name", model=Blank())})
    with pytest.raises(EstimationError, match="same columns"):
        text_modifier(BY_TITLE, data, "title")


def test_no_word_is_named_where_two_kinds_of_texts_are_alike():
    rng = np.random.default_rng(0)
    named = 0
    for _ in range(N_RUNS):
        both = [[" ".join(word for word in "abcdefgh" if rng.random() < 0.4) for _ in range(60)] for _ in range(2)]
        named += bool(commoner_words(*both))
    assert exact_interval(named, N_RUNS)[0] <= 0.05
    assert Mentions().encode(["organic soup"]).sum() == 2
