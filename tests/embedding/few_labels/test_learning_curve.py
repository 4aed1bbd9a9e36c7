import importlib

import numpy as np
import pytest

from causalrec.embedding.few_labels import LearningCurve, crossed_gain, learning_curve
from causalrec.errors import DataError, EstimationError


@pytest.fixture
def simulate(classifier, words):
    def run(pool, test, **changed):
        given = {"n_start": 4, "n_step": 6, "n_steps": 3, "n_seeds": 4, "encoder": words} | changed
        return learning_curve(classifier, *pool, *test, **given)

    return run


def rare_shelves(n, seed, share=0.04):
    """Few texts are of the second shelf, and each shelf's texts are alike: choosing them must pay."""
    rng = np.random.default_rng(seed)
    labels = np.where(rng.random(n) < share, "garden", "dairy")
    labels[:3] = "garden"
    texts = [" ".join(f"{label}{k}" for k in rng.integers(20, size=3)) for label in labels]
    return texts, labels.tolist()


def test_choosing_finds_a_rare_shelf_that_random_texts_miss(simulate):
    curve = simulate(rare_shelves(500, 0), rare_shelves(200, 1, share=0.5), n_steps=4)
    gain = curve.gain("margin")
    assert gain.lower > 0
    assert curve.verdict("margin").startswith("margin helps: +")
    assert curve.strategies == ("margin", "core set", "random")


def test_where_all_texts_are_alike_it_says_that_choosing_shows_no_difference(simulate, texts_of):
    rng = np.random.default_rng(0)
    noise = [str(rng.choice(["dairy", "garden"])) for _ in range(300)]
    curve = simulate((texts_of(200, 1)[0], noise[:200]), (texts_of(100, 2)[0], noise[200:]))
    assert "margin shows no difference to random texts: " in str(curve)
    assert "core set shows no difference to random texts: " in str(curve)


def planted(gain, n_draws=5, n_test=400):
    rng = np.random.default_rng(3)
    lot = rng.random((n_draws, 3, n_test)) < 0.6
    other = np.where(rng.random(lot.shape) < abs(gain), gain > 0, lot)
    other[:, 0] = lot[:, 0]
    return LearningCurve(("entropy", "random"), np.array([10, 20, 30]), np.stack([other, lot]))


@pytest.mark.parametrize(
    ("gain", "said"), [(0.3, "helps"), (-0.3, "is worse than random texts"), (0.0, "no difference")]
)
def test_the_verdict_follows_from_the_interval(gain, said):
    assert said in planted(gain).verdict("entropy")


def test_gains_are_paired_by_draw_and_text_and_leave_the_first_point_out():
    curve = planted(0.3)
    less = curve.right[0].astype(float) - curve.right[1]
    assert curve.gain("entropy", 20) == crossed_gain(less[:, 1])
    assert curve.gain("entropy") == crossed_gain((less[:, 1] + less[:, 2]) / 2)
    np.testing.assert_allclose(curve.accuracy, curve.right.mean(axis=3).mean(axis=1))
    found = curve.to_dict()
    assert found["gain"]["entropy"]["each"][1] == curve.gain("entropy", 30).to_dict()
    with pytest.raises(DataError, match="strategy is 'random'; it is one of 'entropy'"):
        curve.gain("random")
    with pytest.raises(DataError, match="n_labels is 15"):
        curve.gain("entropy", 15)


def test_all_strategies_start_from_the_same_texts_and_seeds_decide(simulate, texts_of):
    pool, test, small = texts_of(60, 1), texts_of(50, 2), {"n_seeds": 2, "n_steps": 2}
    curve, again = simulate(pool, test, **small), simulate(pool, test, **small)
    assert (curve.right[:, :, 0] == curve.right[-1, :, 0]).all()
    assert curve.n_labels.tolist() == [4, 10, 16]
    np.testing.assert_array_equal(curve.right, again.right)
    order = np.random.default_rng(0).permutation(60)
    turned = simulate(([pool[0][k] for k in order], [pool[1][k] for k in order]), test, **small)
    np.testing.assert_array_equal(curve.right, turned.right)
    assert (simulate(pool, test, random_state=1, **small).right != curve.right).any()


def test_labels_are_told_one_step_at_a_time_and_none_twice(texts_of, words, monkeypatch):
    # The package's own name for it is the function's.
    module, seen = importlib.import_module("causalrec.embedding.few_labels.learning_curve"), []
    plain = module.fitted_copy

    def watched(classifier, texts, labels, name):
        seen.append((name, list(texts), labels.tolist()))
        return plain(classifier, texts, labels, name)

    monkeypatch.setattr(module, "fitted_copy", watched)
    from tests.embedding.few_labels.conftest import word_classifier

    texts, labels = texts_of(80, 1)
    truth = dict(zip(texts, labels, strict=True))
    learning_curve(word_classifier(), texts, labels, *texts_of(20, 2), strategies=["entropy"], n_start=4, n_step=5,
                   n_steps=2, n_seeds=2, encoder=words)  # fmt: skip
    assert len(seen) == 2 * 2 * 3
    for place, (_, told, given) in enumerate(seen):
        assert len(told) == len(set(told)) == 4 + 5 * (place % 3)
        assert given == [truth[text] for text in told]
        if place % 3:
            assert seen[place - 1][1] == told[: len(seen[place - 1][1])]
        else:
            assert sorted(given) == ["dairy", "dairy", "garden", "garden"]


def test_it_is_drawn_with_the_verdict_as_its_title():
    figure = planted(0.3).draw()
    (axes,) = figure.axes
    assert [text.get_text() for text in axes.get_legend().get_texts()] == ["random", "entropy"]
    assert figure.texts[0].get_text().startswith("entropy helps")


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"strategies": "margin"}, "strategies is 'margin'; give a list"),
        ({"strategies": []}, "give a list"),
        ({"strategies": 5}, "strategies is 5; give a list"),
        ({"strategies": ["random"]}, "strategies is 'random'; it is one of"),
        ({"n_start": 3}, "n_start is 3; give a whole number of 4 or more"),
        ({"n_step": 0}, "n_step is 0"),
        ({"n_seeds": 1}, "n_seeds is 1"),
        ({"n_steps": 50}, "50 steps end with 304 labels, and the pool has 60 texts"),
        ({"encoder": None}, "encoder is None"),
    ],
)
def test_wrong_parameters_are_refused_by_name(changed, said, simulate, texts_of):
    with pytest.raises(DataError, match=said):
        simulate(texts_of(60, 1), texts_of(20, 2), **changed)


def test_wrong_texts_are_refused(simulate, texts_of):
    pool = texts_of(60, 1)
    with pytest.raises(EstimationError, match="two classes or more"):
        simulate((pool[0], ["dairy"] * 60), pool)
    with pytest.raises(EstimationError, match="Class 'garage' has 1 distinct text"):
        simulate(([*pool[0], "motor oil"], [*pool[1], "garage"]), pool)
    with pytest.raises(DataError, match="'garage'"):
        simulate(pool, (["motor oil", "milk"], ["garage", "dairy"]))
    with pytest.raises(DataError, match="1 test texts; give two"):
        simulate(pool, (["milk"], ["dairy"]))
