"""Each way learns beside a real trunk, and broken off or killed it resumes to the same bits."""

import signal
import subprocess
import sys

import pytest
import torch

from causalrec.embedding.classification import PrefixTuning, TextClassifier
from causalrec.errors import DataError
from causalrec.training import Callback
from tests.embedding.classification import killed
from tests.embedding.classification.tuning.ways_by_hand import PARAMETERS, WAYS

FOODS = ["salted butter", "whole milk", "cheddar cheese", "greek yogurt", "heavy cream", "sour cream", "cottage cheese"]
PARTS = ["motor oil", "brake pads", "spark plugs", "air filter", "wiper blades", "oil filter", "jumper cables"]


@pytest.mark.parametrize("name", WAYS)
def test_it_learns_beside_a_trunk_that_knows_words(minilm, name):
    if name != "adapters":
        pytest.importorskip("peft")
    known = TextClassifier(
        minilm,
        tuning=type(WAYS[name][0])(),
        validation_share=0,
        batch_size=7,
        n_epochs=8,
        n_threads=1,
        precision="fp32",
    ).fit([*FOODS, *PARTS], ["food"] * 7 + ["part"] * 7)
    asked = ["skim milk", "string cheese", "vanilla yogurt", "car wax", "headlight bulb", "oil pump"]
    assert known.predict(asked).tolist() == ["food"] * 3 + ["part"] * 3
    assert known.record_.n_learning < 0.02 * known.record_.n_weights


class Stopped(Exception):
    pass


class Stop(Callback):
    def on_step(self, step, loss, learning_rate):
        if step == 15:
            raise Stopped


@pytest.mark.parametrize("name", WAYS)
def test_broken_off_it_resumes_to_the_same_bits(tiny, tmp_path, name):
    if name != "adapters":
        pytest.importorskip("peft")

    def fit(folder, callbacks=()):
        return TextClassifier(
            tiny, tuning=WAYS[name][0], n_epochs=4, batch_size=2, checkpoint_steps=4, checkpoint_folder=folder,
            callbacks=callbacks, **PARAMETERS,
        ).fit(killed.TEXTS, killed.LABELS)  # fmt: skip

    unbroken = fit(tmp_path / "unbroken")
    with pytest.raises(Stopped):
        fit(tmp_path / "stopped", [Stop()])
    resumed = fit(tmp_path / "stopped")
    assert resumed.record_.resumed == (14,)
    weights = [known.network_.state_dict() for known in (unbroken, resumed)]
    assert all(torch.equal(weights[0][key], weights[1][key]) for key in weights[0])
    with pytest.raises(DataError, match="holds checkpoints of another run: tuning was "):
        TextClassifier(
            tiny, n_epochs=4, batch_size=2, checkpoint_folder=tmp_path / "stopped", **PARAMETERS
        ).fit(killed.TEXTS, killed.LABELS)  # fmt: skip


def test_killed_with_prefixes_it_resumes_to_the_same_bits(tiny, tmp_path):
    pytest.importorskip("peft")
    way = PrefixTuning(2)
    unbroken = killed.fitted(tiny, tmp_path / "unbroken", tuning=way)
    command = [sys.executable, killed.__file__, str(tiny), str(tmp_path / "killed"), "6", "prefixes:2"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == -signal.SIGKILL, done.stderr
    resumed = killed.fitted(tiny, tmp_path / "killed", tuning=way)
    assert resumed.record_.resumed == (4,)
    assert torch.equal(unbroken.network_.prompt_embeddings, resumed.network_.prompt_embeddings)
