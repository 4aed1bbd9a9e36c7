"""A tiny network learns how planted bars lie, alike however it is asked, saved and resumed."""

import json

import numpy as np
import pytest
import torch

from causalrec.embedding.pictures import Augmentation, PictureClassifier, PictureEncoder, ResNetShape
from causalrec.errors import DataError, EstimationError, MissingDataError, NotFittedError, OutputError, ShapeError
from causalrec.training import Callback

TINY = ResNetShape(size=16, widths=(4, 8))
QUICK = {"n_epochs": 2, "batch_size": 16, "learning_rate": 1e-2, "n_threads": 1, "precision": "fp32"}


class Stop(Exception):
    pass


class StopAt(Callback):
    def __init__(self, step):
        self.step = step

    def on_step(self, step, loss, learning_rate):
        if step == self.step:
            raise Stop


def weights(classifier):
    return classifier._learned.whole.state_dict()


def same(first, second):
    return all(torch.equal(first[name], second[name]) for name in first)


def test_directions_of_bars_are_learned(learned, bars):
    pictures, labels = bars(200, seed=5)
    scores = learned.evaluate(pictures, labels)
    assert scores.accuracy > 0.9
    assert learned.classes_.tolist() == ["lying", "standing"]
    assert (learned.predict(pictures) == np.array(labels)).mean() == scores.accuracy == learned.score(pictures, labels)
    chances = learned.predict_proba(pictures)
    assert np.allclose(chances.sum(axis=1), 1)
    assert learned.validation_.accuracy > 0.8
    assert learned.record_.n_learning == learned.record_.n_weights


def test_labels_drawn_by_lot_are_not_learned(bars):
    pictures, _ = bars(160)
    labels = np.random.default_rng(1).integers(0, 2, 160)
    scores = PictureClassifier(TINY, **QUICK).fit(pictures[:80], labels[:80]).evaluate(pictures[80:], labels[80:])
    assert abs(scores.accuracy - 0.5) < 4 * scores.accuracy_stderr
    assert scores.classes.tolist() == [0, 1]


def test_a_turned_bar_is_of_the_other_class(learned, bars):
    pictures, labels = bars(100, seed=6)
    turned = np.rot90(pictures, axes=(1, 2)).copy()
    assert (learned.predict(turned) != np.array(labels)).mean() > 0.9


def test_the_order_of_the_rows_changes_nothing(bars):
    pictures, labels = bars(60)
    order = np.random.default_rng(0).permutation(60)
    first = PictureClassifier(TINY, **QUICK).fit(pictures, labels)
    second = PictureClassifier(TINY, **QUICK).fit(pictures[order], [labels[row] for row in order])
    assert same(weights(first), weights(second))
    assert first.temperature_ == second.temperature_


def test_a_frozen_trunk_stays_and_the_head_stands_in_the_network(bars):
    pictures, labels = bars(120)
    classifier = PictureClassifier(TINY, **{**QUICK, "n_epochs": 30}, tuning="frozen").fit(pictures, labels)
    random = PictureEncoder(TINY, n_threads=1)
    assert same(random_weights(), classifier.network_.trunk.state_dict())
    assert classifier.record_.n_learning == 2 * 8 + 2 < classifier.record_.n_weights
    head = classifier._learned.whole.classifier[1]
    expected = random.encode(pictures) @ head.weight.detach().numpy().T + head.bias.detach().numpy()
    assert np.allclose(classifier.predict_logits(pictures), expected, atol=1e-3)
    # A logistic regression on the standardised vectors says the same of nearly every picture.
    assert classifier.score(pictures, labels) > 0.6


def random_weights():
    from causalrec.embedding.pictures.network_building import build_network

    return build_network(TINY, 0).trunk.state_dict()


def test_it_starts_from_known_weights_and_leaves_them(pretrained, bars, tmp_path):
    pictures, labels = bars(40)
    before = {name: tensor.clone() for name, tensor in pretrained.network_.trunk.state_dict().items()}
    first = PictureClassifier(pretrained.network_, **QUICK).fit(pictures, labels)
    assert same(before, pretrained.network_.trunk.state_dict())
    second = PictureClassifier(pretrained.save(tmp_path / "turns"), **QUICK).fit(pictures, labels)
    assert same(weights(first), weights(second))


def test_stopped_and_resumed_to_the_same_bits(bars, tmp_path):
    pictures, labels = bars(80)
    unbroken = PictureClassifier(TINY, **QUICK).fit(pictures, labels)
    again = {**QUICK, "checkpoint_folder": tmp_path, "checkpoint_steps": 2}
    for step in (3, 8):
        with pytest.raises(Stop):
            PictureClassifier(TINY, **again, callbacks=[StopAt(step)]).fit(pictures, labels)
    resumed = PictureClassifier(TINY, **again).fit(pictures, labels)
    assert resumed.record_.resumed == (2, 6)
    assert same(weights(unbroken), weights(resumed))
    assert unbroken.temperature_ == resumed.temperature_
    with pytest.raises(DataError, match="batch_size was 16 and is 8"):
        PictureClassifier(TINY, **{**again, "batch_size": 8}).fit(pictures, labels)


def test_saved_and_loaded_equal(learned, bars, tmp_path):
    from transformers import AutoModelForImageClassification

    pictures, _ = bars(20, seed=8)
    folder = learned.save(tmp_path / "bars")
    loaded = PictureClassifier.load(folder)
    assert np.array_equal(loaded.predict_proba(pictures), learned.predict_proba(pictures))
    assert loaded.classes_.dtype == learned.classes_.dtype
    assert {**loaded.get_params(), "model": TINY} == learned.get_params()
    assert loaded.record_ == type(learned.record_).from_dict(json.loads((folder / "run.json").read_text()))
    assert same(AutoModelForImageClassification.from_pretrained(folder).state_dict(), weights(learned))
    vectors = PictureEncoder(folder, n_threads=1).encode(pictures)
    assert np.array_equal(vectors, PictureEncoder(learned.network_, n_threads=1).encode(pictures))
    assert not list(folder.glob("*.bin"))
    loaded.save(folder)  # over itself


def test_saved_on_a_device_that_is_not_here(learned, bars, tmp_path):
    if torch.cuda.is_available():
        pytest.skip("this machine has the device that is meant to be absent")
    folder = learned.save(tmp_path / "bars")
    for name, changes in (("run.json", {"device": "cuda", "precision": "bf16"}), ("classifier.json", {})):
        content = json.loads((folder / name).read_text()) | changes
        if name == "classifier.json":
            content["parameters"]["device"] = "cuda"
        (folder / name).write_text(json.dumps(content))
    loaded, pictures = PictureClassifier.load(folder), bars(20, seed=8)[0]
    assert loaded.device != "cuda"
    assert np.array_equal(loaded.predict_proba(pictures), learned.predict_proba(pictures))


def test_whole_numbers_as_classes_come_back(bars, tmp_path):
    pictures, labels = bars(40)
    numbers = [7 if label == "lying" else -2 for label in labels]
    classifier = PictureClassifier(TINY, **QUICK, augmentation=Augmentation(crop=0.1)).fit(pictures, numbers)
    loaded = PictureClassifier.load(classifier.save(tmp_path / "numbers"))
    assert loaded.predict(pictures[:3]).dtype == np.int64
    assert loaded.augmentation == Augmentation(crop=0.1)


def test_broken_folders_are_refused(learned, tmp_path, pretrained):
    with pytest.raises(MissingDataError, match="holds no classifier"):
        PictureClassifier.load(tmp_path)
    with pytest.raises(MissingDataError, match="holds no classifier"):
        PictureClassifier.load(pretrained.save(tmp_path / "turns"))
    folder = learned.save(tmp_path / "bars")
    weights_file = folder / "model.safetensors"
    weights_file.write_bytes(weights_file.read_bytes()[:-8])
    with pytest.raises(DataError, match="cannot be loaded"):
        PictureClassifier.load(folder)
    learned.save(folder)
    (folder / "classifier.json").write_text("{")
    with pytest.raises(DataError, match="cannot be loaded"):
        PictureClassifier.load(folder)
    learned.save(folder)
    facts = json.loads((folder / "classifier.json").read_text())
    of_texts = {**facts, "parameters": {k: v for k, v in facts["parameters"].items() if k != "augmentation"}}
    for broken in ({**facts, "classes": None}, {"parameters": facts["parameters"]}, of_texts):
        (folder / "classifier.json").write_text(json.dumps(broken))
        with pytest.raises(DataError, match="cannot be loaded"):
            PictureClassifier.load(folder)
    with pytest.raises(OutputError, match="Cannot write"):
        learned.save(weights_file / "below")


def test_rare_classes_count_as_much(bars):
    pictures, labels = bars(200)
    rows = [k for k, label in enumerate(labels) if label == "lying" or k % 12 == 0]
    few, told = pictures[rows], [labels[row] for row in rows]
    chosen = [
        PictureClassifier(TINY, **QUICK, class_weight=weight, validation_share=0).fit(few, told).predict_proba(few)
        for weight in (None, "balanced")
    ]
    assert chosen[1][:, 1].mean() > chosen[0][:, 1].mean() + 0.1


def test_equal_pictures_are_not_learned_and_validated(bars):
    pictures, labels = bars(20)
    twice = np.concatenate([pictures, pictures])
    classifier = PictureClassifier(TINY, **QUICK, validation_share=0.3).fit(twice, labels + labels)
    assert classifier.record_.data["n_validation"] % 2 == 0


def test_pictures_with_two_labels_that_would_all_be_held_out_are_refused(bars):
    pictures, _ = bars(2)
    twice, labels = np.concatenate([pictures, pictures]), ["a", "a", "b", "b"]
    one, other = (PictureClassifier(TINY, **QUICK, random_state=seed, class_weight="balanced") for seed in (0, 2))
    assert one.fit(twice, labels).record_.data["n_validation"] == 2
    with pytest.raises(EstimationError, match="All pictures of 'a', 'b' would validate"):
        other.fit(twice, labels)


def test_early_stopping_keeps_the_best_epoch(bars):
    pictures, labels = bars(60)
    parameters = {**QUICK, "n_epochs": 30, "patience": 1, "learning_rate": 0.1, "optimizer": "sgd"}
    record = PictureClassifier(TINY, **parameters).fit(pictures, labels).record_
    losses = [epoch.validation["loss"] for epoch in record.epochs]
    assert record.stopped_early
    assert record.best_epoch == 1 + int(np.argmin(losses))


def test_what_cannot_be_learned_is_refused(bars, learned):
    pictures, labels = bars(6)
    refused = [
        (EstimationError, "all 6 labels are 'hat'", pictures, ["hat"] * 6),
        (EstimationError, "no pictures", [], []),
        (EstimationError, "one distinct picture of 'lone' only", pictures, [*["a"] * 5, "lone"]),
        (ShapeError, "6 pictures need as many labels, and there are 5", pictures, labels[:5]),
        (DataError, r"1 of 6 labels are null \(rows 0\)", pictures, [None, *labels[1:]]),
        (DataError, r"1 of 6 pictures are null \(rows 5\)", [*pictures[:5], None], labels),
        (DataError, "Labels are a str", pictures, "lying!"),
        (DataError, "Labels are a NoneType", pictures, None),
        (DataError, "Pictures are a int", 6, labels),
    ]
    for error, message, given, told in refused:
        with pytest.raises(error, match=message):
            PictureClassifier(TINY, **QUICK).fit(given, told)
    with pytest.raises(DataError, match="learned 'lying', 'standing', and not 'hat'"):
        learned.evaluate(pictures, ["hat"] * 6)
    with pytest.raises(ShapeError, match="6 pictures need as many labels, and there are 5"):
        learned.evaluate(pictures, labels[:5])
    with pytest.raises(DataError, match="Pictures are a int"):
        learned.evaluate(6, labels)
    with pytest.raises(DataError, match="pictures are null"):
        learned.predict([None])
    with pytest.raises(NotFittedError, match="learned nothing yet"):
        PictureClassifier(TINY).predict(pictures)
    assert learned.predict([]).shape == (0,)


@pytest.mark.parametrize(
    "change",
    [{"monitor": "auc"}, {"class_weight": "even"}, {"tuning": "half"}, {"augmentation": None}, {"n_epochs": 1.5}],
)
def test_parameters_out_of_range_are_named(change, bars):
    with pytest.raises(DataError, match=next(iter(change))):
        PictureClassifier(TINY, **change).fit(*bars(8))
