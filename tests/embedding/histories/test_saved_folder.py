"""A saved model comes back to the bit, without pickle, and broken folders are named."""

import json

import numpy as np
import pytest
from safetensors.torch import load_file, save_file

from causalrec.embedding.histories import HistoryModel
from causalrec.errors import DataError, MissingDataError, NotFittedError, OutputError
from tests.embedding.histories.conftest import QUICK
from tests.embedding.histories.languages import spoken

ASKED = [*spoken(5, 1, seed=2), [], [99]]


def test_it_comes_back_to_the_bit(quick, tmp_path):
    folder = quick.save(tmp_path / "model")
    again = HistoryModel.load(folder)
    assert np.array_equal(quick.scores(ASKED), again.scores(ASKED))
    assert np.array_equal(quick.encode(ASKED), again.encode(ASKED))
    assert again.items_ == quick.items_
    assert again.comparison_ == quick.comparison_
    assert again.record_ == quick.record_
    assert repr(again) == repr(quick)
    assert sorted(path.name for path in folder.iterdir()) == [
        "history_model.json", "items.json", "model.safetensors", "run.json",
    ]  # fmt: skip
    again.save(folder)
    assert np.array_equal(HistoryModel.load(folder).scores(ASKED), quick.scores(ASKED))


def test_ids_of_all_scripts_come_back(tmp_path):
    names = ["茶", "crème", "\ud800", "0"]
    histories = [[names[item % 4] for item in history] for history in spoken(20, 1)]
    model = HistoryModel(**QUICK).fit(histories)
    again = HistoryModel.load(model.save(tmp_path / "model"))
    assert again.items_ == sorted(names)
    assert np.array_equal(again.scores(histories), model.scores(histories))


def test_what_is_no_model_is_named(quick, tmp_path):
    with pytest.raises(MissingDataError, match="holds no model of histories"):
        HistoryModel.load(tmp_path)
    with pytest.raises(NotFittedError):
        HistoryModel().save(tmp_path / "model")
    (tmp_path / "thesis.txt").write_text("mine")
    with pytest.raises(OutputError, match="holds something that is no model of histories"):
        quick.save(tmp_path)


def test_broken_files_are_named(quick, tmp_path):
    for name, spoil in SPOILED.items():
        folder = quick.save(tmp_path / name)
        spoil(folder)
        with pytest.raises(DataError, match="cannot be loaded"):
            HistoryModel.load(folder)


def _fewer_items(folder):
    (folder / "items.json").write_text(json.dumps(json.loads((folder / "items.json").read_text())[1:]))


def _lost_weight(folder):
    weights = load_file(folder / "model.safetensors")
    save_file({name: weights[name] for name in weights if name != "bias"}, folder / "model.safetensors")


def _strange_parameter(folder):
    facts = json.loads((folder / "history_model.json").read_text())
    facts["parameters"]["n_heads"] = 0
    (folder / "history_model.json").write_text(json.dumps(facts))


SPOILED = {
    "half the weights": lambda folder: (folder / "model.safetensors").write_bytes(b"x" * 50),
    "no weights": lambda folder: (folder / "model.safetensors").unlink(),
    "a weight lost": _lost_weight,
    "fewer items": _fewer_items,
    "no JSON": lambda folder: (folder / "history_model.json").write_text("{"),
    "no record": lambda folder: (folder / "run.json").unlink(),
    "a strange parameter": _strange_parameter,
}
