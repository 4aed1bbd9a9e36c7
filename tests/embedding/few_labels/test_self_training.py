import numpy as np
import pytest

from causalrec.embedding.classification import TextClassifier
from causalrec.embedding.classification.labelled_texts import labelled_texts
from causalrec.embedding.few_labels import SelfTraining
from causalrec.embedding.few_labels.folds import text_folds
from causalrec.errors import DataError, EstimationError, NotFittedError, ShapeError

N_SEEDS = 5


def soups(n, seed):
    """Texts in the tiny model's words."""
    rng = np.random.default_rng(seed)
    labels = ["dairy", "soup"] * (n // 2)
    words = {"dairy": ["salted butter", "butter milk", "milk"], "soup": ["chicken soup", "noodle soup", "crackers"]}
    rest = ["the", "a", "of", "ounce", "family", "size"]
    return [f"{rng.choice(words[label])} {' '.join(rng.choice(rest, 3))}" for label in labels], labels


@pytest.fixture
def taught(classifier, words):
    def fit(known, unlabelled, **changed):
        return SelfTraining(classifier, **{"encoder": words, "n_folds": 4} | changed).fit(*known, unlabelled)

    return fit


@pytest.mark.parametrize("seed", range(N_SEEDS))
def test_unlabelled_texts_of_two_clusters_help(seed, taught, texts_of, classifier):
    """Sixteen labelled texts show half of the words; the others stand beside them in unlabelled texts."""
    known, test = texts_of(16, seed), texts_of(400, 200 + seed)
    found = taught(known, texts_of(600, 100 + seed)[0])
    before = classifier.fit(*known).score(*test)
    assert before < 0.96
    assert found.score(*test) > 0.99
    assert found.rounds_.kept > 0
    first, last = found.rounds_.each[0], found.rounds_.each[found.rounds_.kept]
    assert last.held_out.log_loss < first.held_out.log_loss
    assert (first.n_taken, last.n_taken) == (0, 600)
    assert "is kept: log loss of labels held out" in str(found.rounds_)


@pytest.mark.parametrize("seed", range(N_SEEDS))
def test_text_of_another_kind_is_found_and_nothing_of_it_stays(
    seed, taught, texts_of, texts_of_another_kind, classifier
):
    known, test = texts_of(16, seed), texts_of(400, 200 + seed)
    found = taught(known, texts_of_another_kind(600, 300 + seed))
    assert found.rounds_.kept == 0
    assert found.rounds_.verdict == "Round 0 is kept: unlabelled texts do not better the log loss of labels held out."
    assert all(one.held_out.log_loss > found.rounds_.each[0].held_out.log_loss for one in found.rounds_.each[1:])
    np.testing.assert_array_equal(found.predict(test[0]), classifier.fit(*known).predict(test[0]))


def test_with_as_many_labels_of_each_other_text_pseudo_labels_are_the_true_ones(taught, texts_of):
    """What the held-out score says holds for the texts that were asked about too."""
    unlabelled, truth = texts_of(600, 7)
    found = taught(texts_of(30, 3), unlabelled)
    assert (found.predict(unlabelled) == np.array(truth)).mean() > 0.99
    assert found.rounds_.each[1].confidence > 0.9


def test_confidence_is_calibrated_on_labels_held_out(taught, texts_of, words):
    """A third of the labels are wrong: no confidence may be near 1, though texts and clusters are clear."""
    texts, labels = texts_of(300, 11)
    rng = np.random.default_rng(0)
    noisy = [str(rng.choice(["dairy", "garden"])) if rng.random() < 2 / 3 else label for label in labels]
    found = taught((texts, noisy), texts_of(300, 12)[0])
    for one in found.rounds_.each[1:]:
        assert one.confidence < 0.8
    asked, truth = texts_of(400, 13)
    wrong = [label if rng.random() < 1 / 3 else str(rng.choice(["dairy", "garden"])) for label in truth]
    assert found.evaluate(asked, wrong).calibration_error < 0.1


def test_a_threshold_takes_the_sure_ones_and_none_where_nobody_is_sure(taught, texts_of):
    known, unlabelled = texts_of(16, 0), texts_of(200, 1)[0]
    every, few = taught(known, unlabelled, n_rounds=1), taught(known, unlabelled, n_rounds=1, threshold=0.9)
    assert every.rounds_.each[1].n_taken == 200 > few.rounds_.each[1].n_taken > 0
    assert few.rounds_.each[1].confidence >= 0.9
    none = taught(known, unlabelled, threshold=0.9999)
    assert len(none.rounds_) == 1
    assert none.rounds_.verdict.endswith("no unlabelled text was answered surely enough to learn from.")


def test_the_order_of_rows_and_repeated_texts_change_nothing_and_seeds_do(taught, texts_of):
    texts, labels = texts_of(16, 2)
    unlabelled, asked = texts_of(100, 3)[0], texts_of(50, 4)[0]
    first = taught((texts, labels), unlabelled)
    order = np.random.default_rng(0).permutation(16)
    again = taught(
        ([texts[k] for k in order], [labels[k] for k in order]), [*unlabelled[::-1], unlabelled[0], texts[0]]
    )
    np.testing.assert_array_equal(first.predict_proba(asked), again.predict_proba(asked))
    assert str(first.rounds_) == str(again.rounds_)
    other = taught((texts, labels), unlabelled, random_state=1)
    assert str(first.rounds_) != str(other.rounds_)


def test_the_classifier_given_is_untouched_and_probabilities_are_its_kept_copy_s(taught, texts_of, classifier):
    known, asked = texts_of(16, 5), texts_of(20, 6)[0]
    found = taught(known, texts_of(100, 7)[0])
    assert not hasattr(found.classifier, "classes_")
    logits = np.log(found.classifier_.predict_proba(asked)) / found.temperature_
    expected = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    np.testing.assert_allclose(found.predict_proba(asked), expected, rtol=1e-9)
    assert found.classes_.tolist() == ["dairy", "garden"]


@pytest.mark.parametrize("monitor", ["loss", "accuracy", "macro_f1"])
def test_the_kept_round_is_the_best_by_the_monitor_the_earlier_of_two_alike(monitor, taught, texts_of):
    rounds = taught(texts_of(16, 0), texts_of(300, 1)[0], monitor=monitor).rounds_
    figures = [one.figure(monitor) * (-1 if monitor == "loss" else 1) for one in rounds]
    assert rounds.kept == figures.index(max(figures))
    assert rounds.to_dict()["kept"] == rounds.kept
    name = {"loss": "log_loss"}.get(monitor, monitor)
    assert rounds.each[1].figure(monitor) == pytest.approx(getattr(rounds.each[1].held_out, name))


def test_a_frozen_head_is_fitted_from_vectors_that_are_computed_once(tiny, monkeypatch):
    from causalrec.embedding import text_encoder

    computed = []
    plain = text_encoder.computed_vectors

    def counted(transformer, texts, *rest):
        computed.extend(texts)
        return plain(transformer, texts, *rest)

    monkeypatch.setattr(text_encoder, "computed_vectors", counted)
    texts, labels = soups(60, seed=1)
    unlabelled = soups(120, seed=2)[0]
    head = TextClassifier(tiny, tuning="frozen", n_epochs=3, n_threads=1, precision="fp32")
    found = SelfTraining(head, n_rounds=1, n_folds=2).fit(texts, labels, unlabelled)
    assert len(computed) == len(set(computed)) == len({*texts, *unlabelled})
    assert found.classifier_.cache is None is head.cache
    assert found.evaluate(*soups(40, seed=3)).n_texts == 40


def test_a_trunk_that_learns_keeps_checkpoints_of_each_fit_apart(tiny, tmp_path):
    texts, labels = soups(40, seed=1)
    tuned = TextClassifier(
        tiny, n_epochs=1, n_threads=1, precision="fp32", validation_share=0.2, checkpoint_folder=tmp_path / "kept"
    )
    found = SelfTraining(tuned, n_rounds=1, n_folds=2).fit(texts, labels, soups(60, seed=2)[0])
    assert sorted(path.name for path in (tmp_path / "kept").iterdir()) == [
        f"round {number}, chain {chain}" for number in range(2) for chain in range(3)
    ]
    assert found.predict(texts[:3]).shape == (3,)


KNOWN = ["milk a", "milk b", "milk c", "soil a", "soil b", "soil c"], ["dairy"] * 3 + ["garden"] * 3


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"threshold": 1.0}, "threshold is 1.0"),
        ({"n_rounds": 0}, "n_rounds is 0"),
        ({"consistency": "dropout"}, "consistency is 'dropout'; it is one of 'neighbours', None"),
        ({"n_neighbors": 2.5}, "n_neighbors is 2.5"),
        ({"spreading": 1}, "spreading is 1"),
        ({"n_folds": 1}, "n_folds is 1"),
        ({"monitor": "f1"}, "monitor is 'f1'"),
        ({"random_state": -1}, "random_state is -1"),
        ({"encoder": None}, "encoder is None"),
        ({"encoder": "minilm"}, "encoder is 'minilm'"),
        ({"classifier": TextClassifier}, "give a TextClassifier, or an object with"),
    ],
)
def test_wrong_parameters_are_refused_by_name(changed, said, classifier, words):
    with pytest.raises(DataError, match=said):
        SelfTraining(**{"classifier": classifier, "encoder": words} | changed).fit(*KNOWN, ["milk d"])


@pytest.mark.parametrize(
    ("texts", "labels", "unlabelled", "error", "said"),
    [
        (*KNOWN, [], DataError, "no text in `unlabelled`"),
        (*KNOWN, ["milk a"], DataError, "no text in `unlabelled` that is not labelled too"),
        (*KNOWN, ["milk d", None], DataError, r"unlabelled: 1 of 2 texts are null or blank \(rows 1\)"),
        (*KNOWN, "milk", DataError, "unlabelled"),
        (KNOWN[0], KNOWN[1][:5], ["milk d"], ShapeError, "6"),
        (KNOWN[0][:5], KNOWN[1][:5], ["milk d"], EstimationError, "Class 'garden' has 2 distinct labelled texts"),
        (KNOWN[0][:3], KNOWN[1][:3], ["milk d"], EstimationError, "two classes"),
    ],
)
def test_wrong_texts_are_refused_with_what_is_wrong(texts, labels, unlabelled, error, said, classifier, words):
    with pytest.raises(error, match=said):
        SelfTraining(classifier, encoder=words).fit(texts, labels, unlabelled)


def test_a_class_whose_texts_all_have_another_label_too_and_stand_in_one_fold_is_refused(classifier, words):
    milk, soil = ([f"{first} word{k}" for k in range(6)] for first in ("milk", "soil"))
    data = labelled_texts([*milk, *soil], ["dairy"] * 6 + ["garden"] * 6)
    fold = dict(zip(data.texts, text_folds(data, 2, 0), strict=True))
    both = [text for text in milk if fold[text] == 0][:3]
    labels = ["dairy"] * 6 + ["drinks"] * 3 + ["garden"] * 6
    with pytest.raises(EstimationError, match=r"Class 'drinks' .* other labels too"):
        SelfTraining(classifier, encoder=words, n_folds=2).fit([*milk, *both, *soil], labels, ["milk"])


def test_what_are_no_texts_to_evaluate_is_refused_as_when_they_are_asked(taught, texts_of):
    found = taught(texts_of(16, 0), texts_of(20, 1)[0], n_rounds=1)
    for texts in (None, "milk", iter([None])):
        with pytest.raises(DataError):
            found.evaluate(texts, ["dairy"])
    assert found.evaluate(iter(["milk a"]), ["dairy"]).n_texts == 1


def test_it_says_that_it_was_not_fitted(classifier):
    for ask in (
        lambda one: one.predict(["milk"]), lambda one: one.predict_proba(["milk"]),
        lambda one: one.evaluate(["milk"], ["dairy"]),
    ):  # fmt: skip
        with pytest.raises(NotFittedError, match=r"call `fit\(texts, labels, unlabelled\)` first"):
            ask(SelfTraining(classifier))
