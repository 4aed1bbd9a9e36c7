import numpy as np
import pytest

from causalrec.errors import DataError, EstimationError, ShapeError
from causalrec.estimation.text_treatment import Appeal, WordClass, discover_text_treatments
from causalrec.estimation.text_treatment.code_effects import effects_within
from causalrec.estimation.text_treatment.experiments import text_experiments
from causalrec.estimation.text_treatment.word_scores import word_scores
from tests.estimation.text_treatment.planted_headlines import PLANTED, Meanings, headlines

OPTIONS = {"min_texts": 8, "least_z": 2.0}


def test_the_planted_words_are_found():
    shown = headlines(0, 300, effect=np.log(1.2))
    found = discover_text_treatments(shown.texts, *shown.columns, **OPTIONS)
    raises = next(one for one in found.directions if one.name.startswith("raises"))
    assert len(set(raises.words) & set(PLANTED)) >= 4
    assert set(raises.words[:3]) <= set(PLANTED)


def test_searching_and_testing_the_same_experiments_would_err():
    """What the split is for: the planted world has no effect, and the search alone finds many."""
    alarms = 0
    for seed in range(20):
        shown = headlines(seed, 120, effect=0.0)
        found = discover_text_treatments(shown.texts, *shown.columns, random_state=seed, **OPTIONS)
        if not found.directions:
            continue
        seen = text_experiments(*(column[found.searched] for column in shown.columns))
        texts = [text for text, mine in zip(shown.texts, found.searched, strict=True) if mine]
        same = effects_within(found.codes(texts), seen, jointly=False, n_given=len(texts))
        alarms += bool(same.p_holm.min() < 0.05)
    assert alarms >= 10


def test_an_encoder_gathers_words_by_meaning_and_finds_a_direction():
    shown = headlines(1, 400, effect=np.log(1.25))
    found = discover_text_treatments(shown.texts, *shown.columns, encoder=Meanings(), **OPTIONS)
    classes = [one for one in found.directions if isinstance(one, WordClass)]
    appeal = found.directions[-1]
    assert isinstance(appeal, Appeal)
    planted = max(classes, key=lambda one: len(set(one.words) & set(PLANTED)))
    assert set(planted.words) <= set(PLANTED)
    assert len(planted.words) >= 4
    assert set(appeal.words[:4]) <= set(PLANTED)
    k = found.effects.names.index(appeal.name)
    assert found.effects.p_holm[k] < 0.01
    assert found.effects.coef[k] > 0
    for high, low in appeal.examples:
        assert appeal.score([high])[0] > appeal.score([low])[0]


def test_examples_are_of_one_experiment_and_of_the_part_that_was_searched():
    shown = headlines(2, 200, effect=np.log(1.25))
    found = discover_text_treatments(shown.texts, *shown.columns, **OPTIONS)
    place = {text: at for at, text in enumerate(shown.texts)}
    for one in found.directions:
        assert one.examples
        for pair in one.examples:
            high, low = (place[text] for text in pair)
            assert shown.experiments[high] == shown.experiments[low]
            assert found.searched[high]
            assert found.searched[low]
            assert one.score([pair[0]])[0] > one.score([pair[1]])[0]


def test_the_order_of_rows_changes_nothing():
    shown = headlines(3, 120, effect=np.log(1.3))
    order = np.random.default_rng(0).permutation(len(shown.texts))
    found = discover_text_treatments(shown.texts, *shown.columns, encoder=Meanings(), **OPTIONS)
    texts = [shown.texts[at] for at in order]
    again = discover_text_treatments(
        texts, *(column[order] for column in shown.columns), encoder=Meanings(), **OPTIONS
    )  # fmt: skip
    assert again.effects.names == found.effects.names
    np.testing.assert_array_equal(again.searched, found.searched[order])
    np.testing.assert_allclose(again.effects.coef, found.effects.coef, rtol=1e-7)
    assert [one.examples for one in again.directions] == [one.examples for one in found.directions]


def test_words_that_all_texts_of_their_experiments_have_are_not_scored():
    """What is left of their clicks is rounding error, and its share of its own spread is anything."""
    shown = headlines(10, 200)
    name = np.array([f"story{k % 9}" for k in shown.experiments])
    texts = [f"{text} {of}" for text, of in zip(shown.texts, name, strict=True)]
    scored = word_scores(texts, text_experiments(*shown.columns), 1000, 8).words
    assert set(PLANTED) <= set(scored)
    assert not set(name) & set(scored)


def test_experiments_that_share_a_text_go_to_one_side():
    shown = headlines(4, 60, effect=0.0)
    texts = list(shown.texts)
    for k in range(0, 60, 2):  # the first text of each second experiment stands in the next one, too
        texts[4 * (k + 1)] = texts[4 * k]
    for seed in range(5):
        found = discover_text_treatments(texts, *shown.columns, random_state=seed, **OPTIONS)
        side = found.searched.reshape(60, 4)
        assert (side == side[:, :1]).all()
        np.testing.assert_array_equal(side[::2, 0], side[1::2, 0])
        assert 0 < side.mean() < 1
    with pytest.raises(EstimationError, match="text in common"):
        discover_text_treatments(["the same", *texts[1:4]] * 60, *shown.columns)


def test_where_no_word_is_common_nothing_is_estimated():
    shown = headlines(5, 30)
    found = discover_text_treatments(shown.texts, *shown.columns, min_texts=1000)
    assert found.directions == ()
    assert found.effects is None
    assert "Nothing was found" in str(found)
    assert found.to_dict()["effects"] is None


def test_it_prints_what_it_found():
    shown = headlines(6, 200, effect=np.log(1.3))
    found = discover_text_treatments(shown.texts, *shown.columns, encoder=Meanings(), **OPTIONS)
    for part in ("raises:", "appeal:", " against ", "estimated on other experiments", "bundled with"):
        assert part in str(found)
    assert found.to_dict()["effects"]["n_experiments"] == found.effects.n_experiments


@pytest.mark.parametrize(
    ("options", "error", "message"),
    [
        ({"encoder": "minilm"}, DataError, "encoder is 'minilm'"),
        ({"n_classes": 0}, DataError, "n_classes is 0"),
        ({"n_words": 1.5}, DataError, "n_words is 1.5"),
        ({"min_texts": 0}, DataError, "min_texts is 0"),
        ({"least_z": -1}, DataError, "least_z is -1"),
        ({"search_share": 1.0}, DataError, "search_share is 1.0"),
        ({"random_state": -1}, DataError, "random_state is -1"),
        ({"search_share": 0.001}, EstimationError, "too few on a side"),
        ({"texts": ["a"]}, ShapeError, "1 texts"),
        ({"texts": "a"}, DataError, "sequence of texts"),
    ],
)
def test_bad_input_is_refused_by_name(options, error, message):
    shown = headlines(7, 20)
    texts = options.pop("texts", shown.texts)
    with pytest.raises(error, match=message):
        discover_text_treatments(texts, *shown.columns, **options)
