"""Checkpoints are whole, of one run, and hold no pickle."""

import os

import pytest
import torch

from causalrec.errors import DataError, OutputError
from causalrec.training import Checkpoints, Optimisation, train
from causalrec.training.checkpoints import Checkpoint


def checkpoint(value=0.0, **identity):
    return Checkpoint({"weights.w": torch.full((3,), value)}, {"identity": identity})


def test_the_newest_is_read_and_two_are_kept(tmp_path):
    kept = Checkpoints(tmp_path / "run")
    for step in range(1, 5):
        kept.write(step, checkpoint(float(step), seed=0))
    assert kept.latest({"seed": 0}).tensors["weights.w"].tolist() == [4.0] * 3
    assert sorted(os.listdir(tmp_path / "run")) == ["step-000000003", "step-000000004"]


def test_an_empty_folder_has_none(tmp_path):
    assert Checkpoints(tmp_path).latest({}) is None
    assert Checkpoints(tmp_path / "absent").latest({}) is None


@pytest.mark.parametrize("name", ["tensors.safetensors", "checkpoint.json"])
def test_a_torn_one_is_passed_over(tmp_path, name, caplog):
    kept = Checkpoints(tmp_path)
    kept.write(1, checkpoint(1.0))
    kept.write(2, checkpoint(2.0))
    path = tmp_path / "step-000000002" / name
    path.write_bytes(path.read_bytes()[:10])
    assert kept.latest({}).tensors["weights.w"][0] == 1
    assert "not a whole checkpoint" in caplog.text


def test_what_a_killed_writer_left_is_cleaned_away(tmp_path):
    (tmp_path / ".step-000000001.4.part").mkdir()
    kept = Checkpoints(tmp_path)
    assert kept.latest({}) is None
    kept.write(2, checkpoint())
    assert os.listdir(tmp_path) == ["step-000000002"]


def test_another_runs_folder_is_refused(tmp_path):
    kept = Checkpoints(tmp_path)
    kept.write(1, checkpoint(learning_rate=0.1, seed=1))
    with pytest.raises(DataError, match=r"learning_rate was 0.1 and is 0.2\. Give a folder of its own"):
        kept.latest({"learning_rate": 0.2, "seed": 1})


def test_a_run_of_other_settings_is_refused(circle, tmp_path):
    train(circle(), Optimisation(n_epochs=1, learning_rate=0.1), n_threads=1, checkpoints=Checkpoints(tmp_path))
    with pytest.raises(DataError, match="n_epochs was 1 and is 2"):
        train(circle(), Optimisation(n_epochs=2, learning_rate=0.1), n_threads=1, checkpoints=Checkpoints(tmp_path))


def test_steps_between_are_whole_numbers(tmp_path):
    with pytest.raises(DataError, match="n_steps is 0"):
        Checkpoints(tmp_path, 0)


def test_a_folder_that_cannot_be_made(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(OutputError, match="Cannot write the checkpoint"):
        Checkpoints(tmp_path / "file" / "run").write(1, checkpoint())


def test_a_full_disk_leaves_nothing_half_written(tmp_path, monkeypatch):
    import safetensors.torch

    def full(*given):
        raise OSError(28, "No space left on device")

    kept = Checkpoints(tmp_path)
    kept.write(1, checkpoint(1.0))
    monkeypatch.setattr(safetensors.torch, "save_file", full)
    with pytest.raises(OutputError, match="No space left"):
        kept.write(2, checkpoint(2.0))
    assert os.listdir(tmp_path) == ["step-000000001"]


def test_no_file_is_a_pickle(circle, tmp_path):
    train(circle(), Optimisation(n_epochs=1, learning_rate=0.1), n_threads=1, checkpoints=Checkpoints(tmp_path, 2))
    files = {path.name for path in tmp_path.rglob("*") if path.is_file()}
    assert files == {"tensors.safetensors", "checkpoint.json"}
