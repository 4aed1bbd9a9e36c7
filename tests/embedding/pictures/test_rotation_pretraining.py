"""A tiny network learns which way up planted landscapes are, and only where there is something to learn."""

import json

import numpy as np
import pytest
import torch

from causalrec.embedding.pictures import PictureEncoder, ResNetShape, RotationPretraining
from causalrec.errors import DataError, EstimationError, MissingDataError, NotFittedError, OutputError
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


def weights(pretraining):
    return pretraining.network_.trunk.state_dict()


def same(first, second):
    return all(torch.equal(first[name], second[name]) for name in first)


def test_turns_of_landscapes_are_learned(pretrained, landscapes):
    scores = pretrained.evaluate(landscapes(100, seed=9))
    assert scores.accuracy > 0.9
    assert scores.accuracy_stderr < 0.03
    assert scores.confusion.sum(axis=1).tolist() == [100] * 4
    record = pretrained.record_
    assert record.epochs[-1].validation["accuracy"] > 0.9
    assert (record.data["n_pictures"], record.data["n_validation"]) == (160, 8)


def test_where_nothing_tells_the_turn_nothing_is_told():
    # Noise looks the same in every turn: an answer better than chance would betray the turning itself.
    rng = np.random.default_rng(0)
    noise = rng.integers(0, 256, (240, 16, 16, 3), dtype=np.uint8)
    pretraining = RotationPretraining(TINY, **QUICK).fit(noise[:120])
    scores = pretraining.evaluate(noise[120:])
    assert abs(scores.accuracy - 0.25) < 4 * scores.accuracy_stderr


def test_vectors_know_more_than_random_ones(pretrained, landscapes):
    """The height of the horizon, which nobody told, by a linear fit."""
    pictures = landscapes(300, seed=4)
    height = (pictures.mean(axis=(2, 3)) > 105).sum(axis=1)
    vectors = PictureEncoder(pretrained.network_, n_threads=1).encode(pictures)
    columns = np.column_stack([np.ones(300), vectors])
    fitted = columns[200:] @ np.linalg.lstsq(columns[:200], height[:200], rcond=None)[0]
    assert 1 - ((height[200:] - fitted) ** 2).mean() / height[200:].var() > 0.3


def test_the_order_of_pictures_and_the_caller_change_nothing(landscapes):
    pictures = landscapes(48)
    kept = pictures.copy()
    torch.manual_seed(3)
    first = RotationPretraining(TINY, **QUICK).fit(pictures)
    second = RotationPretraining(TINY, **QUICK).fit(pictures[::-1].copy())
    assert same(weights(first), weights(second))
    assert np.array_equal(pictures, kept)
    third = RotationPretraining(TINY, **QUICK, random_state=1).fit(pictures)
    assert not same(weights(first), weights(third))


def test_stopped_and_resumed_to_the_same_bits(landscapes, tmp_path):
    pictures = landscapes(80)
    unbroken = RotationPretraining(TINY, **QUICK).fit(pictures)
    again = {**QUICK, "checkpoint_folder": tmp_path, "checkpoint_steps": 2}
    for step in (3, 8):
        with pytest.raises(Stop):
            RotationPretraining(TINY, **again, callbacks=[StopAt(step)]).fit(pictures)
    resumed = RotationPretraining(TINY, **again).fit(pictures)
    assert resumed.record_.resumed == (2, 6)
    assert same(weights(unbroken), weights(resumed))
    assert [epoch.loss for epoch in unbroken.record_.epochs] == [epoch.loss for epoch in resumed.record_.epochs]


def test_resumed_in_bf16_too(landscapes, tmp_path):
    pictures, parameters = landscapes(48), {**QUICK, "precision": "bf16"}
    unbroken = RotationPretraining(TINY, **parameters).fit(pictures)
    with pytest.raises(Stop):
        RotationPretraining(
            TINY, **parameters, checkpoint_folder=tmp_path, checkpoint_steps=1, callbacks=[StopAt(2)]
        ).fit(pictures)
    resumed = RotationPretraining(TINY, **parameters, checkpoint_folder=tmp_path).fit(pictures)
    assert same(weights(unbroken), weights(resumed))


def test_checkpoints_of_another_run_are_refused(landscapes, tmp_path):
    pictures = landscapes(32)
    RotationPretraining(TINY, **QUICK, checkpoint_folder=tmp_path).fit(pictures)
    with pytest.raises(DataError, match="pictures was"):
        RotationPretraining(TINY, **QUICK, checkpoint_folder=tmp_path).fit(pictures[1:])
    with pytest.raises(DataError, match="weights was"):
        RotationPretraining(ResNetShape(16, (4, 4)), **QUICK, checkpoint_folder=tmp_path).fit(pictures)


def test_saved_and_read_again(pretrained, landscapes, tmp_path):
    from transformers import AutoModel, AutoModelForImageClassification

    folder = pretrained.save(tmp_path / "turns")
    pictures = landscapes(5, seed=2)
    known = PictureEncoder(pretrained.network_, n_threads=1).encode(pictures)
    assert np.array_equal(PictureEncoder(folder, n_threads=1).encode(pictures), known)
    assert same(AutoModel.from_pretrained(folder).state_dict(), weights(pretrained))
    assert AutoModelForImageClassification.from_pretrained(folder).config.id2label[1] == "90 degrees"
    assert json.loads((folder / "run.json").read_text())["parameters"]["model"]["widths"] == [4, 8]
    pretrained.save(folder)  # over itself
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "letter.txt").write_text("mine")
    with pytest.raises(OutputError, match="holds something that is no run"):
        pretrained.save(tmp_path / "other")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["other", "turns"]


def test_it_goes_on_from_known_weights(pretrained, landscapes):
    before = {name: tensor.clone() for name, tensor in weights(pretrained).items()}
    pictures, parameters = landscapes(64, seed=3), {**QUICK, "n_epochs": 1}
    further = RotationPretraining(pretrained.network_, **parameters).fit(pictures)
    assert same(before, weights(pretrained))
    afresh = RotationPretraining(TINY, **parameters).fit(pictures)
    assert further.record_.epochs[0].validation["loss"] < afresh.record_.epochs[0].validation["loss"] - 0.1


def test_what_cannot_be_learned_from_is_refused(landscapes):
    pictures = landscapes(1)
    with pytest.raises(EstimationError, match="no pictures"):
        RotationPretraining(TINY).fit([])
    with pytest.raises(EstimationError, match="one distinct picture only"):
        RotationPretraining(TINY).fit(np.concatenate([pictures, pictures]))
    with pytest.raises(DataError, match=r"1 of 2 pictures are null \(rows 1\)"):
        RotationPretraining(TINY).fit([pictures[0], None])
    with pytest.raises(NotFittedError, match="learned nothing yet"):
        RotationPretraining(TINY).evaluate(pictures)
    with pytest.raises(NotFittedError):
        RotationPretraining(TINY).save("nowhere")
    with pytest.raises(MissingDataError):
        RotationPretraining("nowhere").fit(pictures)


def test_nothing_to_evaluate_is_refused(pretrained):
    with pytest.raises(EstimationError, match="no pictures to score"):
        pretrained.evaluate([])


@pytest.mark.parametrize(
    "change",
    [
        {"n_epochs": 0}, {"learning_rate": -1}, {"batch_size": 0.5}, {"weight_decay": "a"}, {"warmup": 1},
        {"optimizer": "adam"}, {"augmentation": 0.2}, {"precision": "fp16"}, {"validation_share": 1},
        {"patience": 0}, {"checkpoint_folder": 3}, {"checkpoint_steps": 0}, {"callbacks": [1]}, {"device": "abacus"},
        {"random_state": -1},
    ],
)  # fmt: skip
def test_parameters_out_of_range_are_named(change, landscapes):
    with pytest.raises(DataError, match=next(iter(change))):
        RotationPretraining(TINY, **change).fit(landscapes(2))


def test_parameters_by_name():
    pretraining = RotationPretraining(TINY, n_epochs=3)
    assert pretraining.get_params()["n_epochs"] == 3
    assert repr(pretraining.set_params(n_epochs=4)) == f"RotationPretraining(model={TINY!r}, n_epochs=4)"
