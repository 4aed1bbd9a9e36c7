"""A classifier learns what the words tell, says how sure it is, and answers the same whatever the rows' order."""

import numpy as np
import pyarrow as pa
import pytest
from sklearn.metrics import log_loss

from causalrec.embedding import TextEncoder
from causalrec.embedding.classification import TextClassifier
from causalrec.embedding.classification.labelled_texts import Parts, labelled_texts
from causalrec.embedding.classification.network import n_stored_weights
from causalrec.embedding.classification.task import balanced_weights
from causalrec.errors import DataError, EstimationError, MissingDataError, NotFittedError, ShapeError

WORDS = ["salted", "butter", "milk", "crackers", "frozen", "pizza", "family", "size", "chicken", "noodle", "soup"]
FAST = {"n_epochs": 2, "learning_rate": 5e-3, "n_threads": 1, "precision": "fp32"}


def test_it_learns_what_the_words_tell(learned, shelves):
    texts, labels = shelves(300, seed=1)
    scores = learned.evaluate(texts, labels)
    assert scores.accuracy > 0.95
    assert scores.macro_f1 > 0.94
    assert learned.score(texts, labels) == scores.accuracy
    assert learned.classes_.tolist() == ["dairy", "frozen", "soup"]


def test_probabilities_are_of_the_classes_and_the_answer_is_the_largest(learned, shelves):
    texts, _ = shelves(40, seed=2)
    probabilities = learned.predict_proba(texts)
    assert probabilities.shape == (40, 3)
    assert probabilities.sum(axis=1) == pytest.approx(1)
    assert learned.predict(texts).tolist() == learned.classes_[probabilities.argmax(axis=1)].tolist()
    assert len(set(learned.predict(texts))) == 3


def test_random_labels_teach_nothing(tiny, shelves):
    texts, labels = shelves(240)
    shuffled = np.random.default_rng(0).permutation(labels).tolist()
    known = TextClassifier(tiny, **FAST).fit(texts, shuffled)
    assert known.evaluate(*shelves(300, seed=1)).accuracy < 0.65


def test_the_order_of_the_rows_changes_nothing(tiny, shelves):
    texts, labels = shelves(80)
    order = np.random.default_rng(3).permutation(80)
    first = TextClassifier(tiny, **FAST).fit(texts, labels)
    again = TextClassifier(tiny, **FAST).fit([texts[k] for k in order], [labels[k] for k in order])
    asked, _ = shelves(20, seed=1)
    assert np.array_equal(first.predict_logits(asked), again.predict_logits(asked))


def test_an_answer_does_not_depend_on_the_other_texts(learned, shelves):
    texts, _ = shelves(30, seed=4)
    together = learned.predict_proba(texts)
    alone = np.concatenate([learned.predict_proba([text]) for text in texts])
    assert together == pytest.approx(alone, abs=1e-5)


def test_seeds_decide(tiny, shelves):
    texts, labels = shelves(60)
    logits = [
        TextClassifier(tiny, **FAST, random_state=seed).fit(texts, labels).predict_logits(texts[:5])
        for seed in (0, 0, 1)
    ]
    assert np.array_equal(logits[0], logits[1])
    assert not np.array_equal(logits[0], logits[2])


@pytest.mark.parametrize(
    ("names", "kind"),
    [([10, 30, 20], "i"), (["dairy", "frozen", "soup"], "U"), ([True, False, True], "b")],
)
def test_classes_are_strings_or_whole_numbers(tiny, shelves, names, kind):
    texts, labels = shelves(90)
    of = dict(zip(("dairy", "frozen", "soup"), names, strict=True))
    known = TextClassifier(tiny, **FAST).fit(texts, [of[label] for label in labels])
    assert known.classes_.dtype.kind == kind
    assert known.classes_.tolist() == sorted(set(names))
    assert set(known.predict(texts[:9]).tolist()) <= set(names)


def test_tables_columns_serve(tiny, shelves):
    import pandas as pd

    texts, labels = shelves(60)
    plain = TextClassifier(tiny, **FAST).fit(texts, labels).predict_logits(texts[:4])
    table = TextClassifier(tiny, **FAST).fit(pa.array(texts), pa.array(labels)).predict_logits(pa.array(texts[:4]))
    frame = TextClassifier(tiny, **FAST).fit(pd.Series(texts, index=range(60, 0, -1)), pd.Categorical(labels))
    assert np.array_equal(plain, table)
    assert np.array_equal(plain, frame.predict_logits(pd.Series(texts[:4])))


def test_the_head_alone_learns_from_cached_vectors(tiny, tmp_path):
    rng = np.random.default_rng(0)
    texts = [" ".join(rng.choice(WORDS, 6)) for _ in range(400)]
    vectors = TextEncoder(tiny, precision="fp32", n_threads=1).encode(texts)
    labels = np.where(vectors[:, 3] > np.median(vectors[:, 3]), "high", "low")
    known = TextClassifier(
        tiny, tuning="frozen", n_epochs=30, learning_rate=0.02, n_threads=1, precision="fp32", cache=tmp_path
    ).fit(texts[:300], labels[:300])
    assert known.score(texts[300:], labels[300:]) > 0.9
    assert known.record_.n_learning == 17 * 2
    assert known.record_.n_weights == 17 * 2 + n_stored_weights(tiny)
    assert list(tmp_path.glob("*/*.arrow"))


def test_the_head_alone_is_logistic_regression(tiny, shelves):
    from sklearn.linear_model import LogisticRegression

    texts, labels = shelves(300)
    labels = np.where(np.random.default_rng(0).random(300) < 0.4, "soup", labels)  # so that no weight is infinite
    vectors = TextEncoder(tiny, precision="fp32", n_threads=1).encode(texts) * 4  # the root of 16 dimensions
    theirs = LogisticRegression(C=np.inf, max_iter=5_000).fit(vectors, labels)
    known = TextClassifier(
        tiny, tuning="frozen", n_epochs=150, learning_rate=0.2, batch_size=30, n_threads=1, precision="fp32",
        validation_share=0, weight_decay=0,
    ).fit(texts, labels)  # fmt: skip
    ours = log_loss(labels, known.predict_proba(texts))
    assert ours == pytest.approx(log_loss(labels, theirs.predict_proba(vectors)), abs=0.02)


def test_class_weights_find_the_rare_class(tiny):
    # "family" speaks a little for the rare class: it never pays to say so, unless each class counts the same.
    rng = np.random.default_rng(0)
    rare = rng.random(600) < 0.1
    says = rng.random(600) < np.where(rare, 0.8, 0.2)
    texts = [f"{'family' if said else 'size'} {rng.choice(WORDS[:3])}" for said in says]
    recall = {}
    for weight in (None, "balanced"):
        known = TextClassifier(
            tiny, tuning="frozen", n_epochs=20, learning_rate=0.1, class_weight=weight, validation_share=0,
            n_threads=1, precision="fp32",
        ).fit(texts, rare.tolist())  # fmt: skip
        recall[weight] = known.predict([text for text, is_rare in zip(texts, rare, strict=True) if is_rare]).mean()
    assert recall[None] < 0.2
    assert recall["balanced"] > 0.5


def test_balanced_classes_weigh_the_same(tiny, shelves):
    data = labelled_texts(*shelves(200))
    rows = np.arange(0, 200, 2)
    weights = balanced_weights(data.targets, Parts(rows, np.arange(1, 200, 2)), len(data.classes))
    counts = np.bincount(data.targets[rows])
    assert len(set(counts)) == 3
    assert weights * counts == pytest.approx(np.full(3, 100 / 3))
    assert weights[data.targets[rows]].mean() == pytest.approx(1)


def test_the_macro_f1_chooses_the_epoch(tiny, shelves):
    # An unbalanced table: the loss and the accuracy are best at other epochs than the macro-F1.
    texts, labels = shelves(300)
    common = {"tuning": "frozen", "n_epochs": 12, "learning_rate": 0.3, "validation_share": 0.3, "n_threads": 1}
    chosen = {}
    for monitor in ("macro_f1", "loss"):
        known = TextClassifier(tiny, monitor=monitor, class_weight="balanced", **common).fit(texts, labels)
        figures = [epoch.validation[monitor] for epoch in known.record_.epochs]
        best = max(figures) if monitor == "macro_f1" else min(figures)
        assert known.record_.best_epoch == figures.index(best) + 1
        chosen[monitor] = known.record_.best_epoch
        confusion = known.validation_.confusion
        hits = 2 * np.diag(confusion) / (confusion.sum(axis=0) + confusion.sum(axis=1))
        f1 = known.record_.epochs[known.record_.best_epoch - 1].validation["macro_f1"]
        assert f1 == pytest.approx(hits.mean()) == pytest.approx(known.validation_.macro_f1)
    assert len(set(chosen.values())) == 2


def test_the_temperature_makes_the_validation_honest(learned):
    assert learned.temperature_ > 0
    assert learned.validation_.n_texts == learned.record_.data["n_validation"]
    assert learned.validation_.log_loss < 0.2
    assert learned.validation_.calibration_error < 0.1


def test_the_record_says_what_was_done(learned):
    record = learned.record_
    assert record.parameters["learning_rate"] == 1e-2
    assert record.parameters["random_state"] == 0
    assert record.data["n_texts"] == 240
    assert {"loss", "accuracy", "macro_f1"} == set(record.epochs[0].validation)
    assert record.n_learning == record.n_weights
    assert "TextClassifier: " in str(record)


def test_without_validation_nothing_is_calibrated(tiny, shelves):
    known = TextClassifier(tiny, **FAST, validation_share=0).fit(*shelves(40))
    assert known.temperature_ == 1.0
    assert known.validation_ is None


def test_scikit_learn_clones_it(tiny):
    from sklearn.base import clone

    known = TextClassifier(tiny, n_epochs=3, optimizer="sgd")
    copied = clone(known)
    assert copied.get_params() == known.get_params()
    assert repr(copied) == f"TextClassifier(model={tiny!r}, n_epochs=3, optimizer='sgd')"
    assert copied.set_params(n_epochs=5).n_epochs == 5
    with pytest.raises(DataError, match="no parameter 'epochs'"):
        copied.set_params(epochs=5)


def test_sgd_learns_too(tiny, shelves):
    known = TextClassifier(tiny, n_epochs=12, learning_rate=0.1, optimizer="sgd", n_threads=1, precision="fp32")
    assert known.fit(*shelves(240)).evaluate(*shelves(200, seed=1)).accuracy > 0.85


def test_nothing_learned_yet(tiny):
    with pytest.raises(NotFittedError, match="call `fit"):
        TextClassifier(tiny).predict(["butter"])


BAD = {
    "one label too few": (["butter", "milk"], ["a"], ShapeError, "2 texts need as many labels, and there are 1"),
    "one class": (["butter", "milk"], ["a", "a"], EstimationError, "all 2 labels are 'a'"),
    "no rows": ([], [], EstimationError, "there are no rows"),
    "null texts": (["butter", None, " "], ["a", "b", "b"], DataError, r"2 of 3 texts are null or blank \(rows 1, 2\)"),
    "null labels": (["butter", "milk"], ["a", None], DataError, r"1 of 2 labels are null \(rows 1\)"),
    "NaN labels": (["butter", "milk"], ["a", float("nan")], DataError, "1 of 2 labels are null"),
    "numbers with a point": (["butter", "milk"], [0.5, 1.5], DataError, "Labels are float"),
    "two types": (["butter", "milk"], ["a", 1], DataError, "Labels are int, str"),
    "no labels": (["butter", "milk"], None, DataError, "Labels are a NoneType"),
    "one string": (["butter", "milk"], "ab", DataError, "Labels are a str"),
    "a set": (["butter", "milk"], {"a", "b"}, DataError, "Labels are a set"),
    "lists": (["butter", "milk"], [["a"], ["b"]], DataError, "Labels are list"),
    "a class with one row": (
        ["butter", "milk", "soup"], ["a", "a", "b"], EstimationError, "Class 'b' has one distinct text"
    ),
    "a class with one text": (
        ["butter", "milk", "soup", "soup"], ["a", "a", "b", "b"], EstimationError, "Class 'b' has one distinct text"
    ),
    "one text": ("butter", ["a"], DataError, "one text"),
    "numbers for texts": ([1, 2], ["a", "b"], DataError, "not a text"),
}  # fmt: skip


@pytest.mark.parametrize("case", BAD)
def test_bad_rows_are_named(tiny, case):
    texts, labels, error, message = BAD[case]
    with pytest.raises(error, match=message):
        TextClassifier(tiny, **FAST).fit(texts, labels)


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"batch_size": 0}, "batch_size is 0"),
        ({"max_tokens": 1.5}, "max_tokens is 1.5"),
        ({"max_tokens": 2}, "max_tokens is 2, and this model needs 2 for itself"),
        ({"precision": "fp64"}, "precision is 'fp64'"),
        ({"monitor": "f1"}, "monitor is 'f1'"),
        ({"class_weight": "equal"}, "class_weight is 'equal'"),
        ({"validation_share": 1.0}, "validation_share is 1.0"),
        ({"optimizer": "adam"}, "optimizer is 'adam'"),
        ({"device": "abacus"}, "device is 'abacus'"),
        ({"device": None}, "device is None"),
        ({"checkpoint_folder": 3}, "checkpoint_folder is 3"),
        ({"callbacks": None}, "callbacks is None"),
        ({"callbacks": [3]}, r"callbacks is \[3\]; .*on_start, on_step, on_epoch, on_end"),
        ({"n_epochs": 0}, "n_epochs is 0"),
        ({"tuning": "lora"}, r"tuning is 'lora'; it is one of 'full', 'frozen', LoRA\(\.\.\.\)"),
        ({"tuning": None}, "tuning is None"),
        ({"tuning": 8}, "tuning is 8"),
        ({"n_threads": 0}, "n_threads is 0"),
        ({"random_state": -1}, "random_state is -1"),
    ],
)
def test_parameters_out_of_range_are_named(tiny, shelves, wrong, message):
    with pytest.raises(DataError, match=message):
        TextClassifier(tiny, **wrong).fit(*shelves(20))


def test_a_folder_without_weights(copied, shelves):
    folder, _ = copied
    (folder / "model.safetensors").unlink()
    with pytest.raises(MissingDataError, match="weights are missing"):
        TextClassifier(folder).fit(*shelves(20))
    (folder / "pytorch_model.bin").write_bytes(b"")
    with pytest.raises(DataError, match="pickle"):
        TextClassifier(folder).fit(*shelves(20))


def test_no_such_folder(shelves):
    with pytest.raises(MissingDataError, match="no folder 'no/such/folder'"):
        TextClassifier("no/such/folder").fit(*shelves(20))


def test_a_class_that_was_not_learned(learned):
    with pytest.raises(DataError, match="and not 'bakery'"):
        learned.evaluate(["butter", "bread"], ["dairy", "bakery"])
    for texts in (None, "butter"):
        with pytest.raises(DataError, match="takes a sequence of texts"):
            learned.evaluate(texts, ["dairy"])


def test_null_texts_have_no_answer(learned):
    with pytest.raises(DataError, match="1 of 2 texts are null or blank"):
        learned.predict(["butter", None])


def test_no_texts_have_no_answers(learned):
    assert learned.predict([]).tolist() == []
    assert learned.predict_proba([]).shape == (0, 3)
