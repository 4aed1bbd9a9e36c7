"""Heads of several kinds of model."""

import shutil

import pytest
import torch
from transformers import AutoConfig, AutoModel

from causalrec.embedding.classification import TextClassifier

KINDS = {
    "roberta": {"max_position_embeddings": 40},
    "distilbert": {"dim": 16, "n_layers": 1, "n_heads": 2, "hidden_dim": 32, "max_position_embeddings": 32},
    "gpt2": {"n_embd": 16, "n_layer": 1, "n_head": 2, "n_positions": 32, "bos_token_id": 2, "eos_token_id": 3},
}
SIZES = {"hidden_size": 16, "num_hidden_layers": 1, "num_attention_heads": 2, "intermediate_size": 32}


@pytest.fixture
def folder_of(tiny, tmp_path):
    def make(kind):
        shutil.copytree(tiny, tmp_path / kind)
        torch.manual_seed(0)
        common = {"vocab_size": 20, "pad_token_id": 0, **(SIZES if kind == "roberta" else {})}
        AutoModel.from_config(AutoConfig.for_model(kind, **common, **KINDS[kind])).save_pretrained(tmp_path / kind)
        return tmp_path / kind

    return make


@pytest.mark.parametrize("kind", KINDS)
def test_other_models_learn_and_come_back(folder_of, shelves, tmp_path, kind):
    texts, labels = shelves(40)
    known = TextClassifier(folder_of(kind), n_epochs=1, n_threads=1, precision="fp32").fit(texts, labels)
    again = TextClassifier.load(known.save(tmp_path / "out"))
    assert again.predict_logits(texts[:6]) == pytest.approx(known.predict_logits(texts[:6]), abs=1e-6)
