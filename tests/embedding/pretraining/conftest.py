"""A tiny encoder with a mask token, whose tokenizer cuts words into pieces, and a language with a rule."""

import json

import numpy as np
import pytest

SPECIAL = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
FIRST = ["salted", "oat", "frozen", "chicken", "paper", "motor", "tulip", "orange"]
SECOND = ["butter", "milk", "pizza", "soup", "towel", "oil", "bulb", "juice"]
FILLERS = ["the", "a"]
SUFFIXES = ["##s", "##ed", "##milk"]  # "butters", "buttermilk": words of several pieces
VOCABULARY = [*SPECIAL, *FIRST, *SECOND, *FILLERS, *SUFFIXES]
SIZES = {"vocab_size": len(VOCABULARY), "hidden_size": 32, "num_hidden_layers": 2, "num_attention_heads": 2,
         "intermediate_size": 64, "max_position_embeddings": 32}  # fmt: skip


def save_tokenizer(folder, mask=True):
    from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, processors
    from transformers import PreTrainedTokenizerFast

    numbers = {piece: number for number, piece in enumerate(VOCABULARY)}
    tokenizer = Tokenizer(models.WordPiece(numbers, unk_token="[UNK]"))
    tokenizer.normalizer = normalizers.BertNormalizer()
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    tokenizer.post_processor = processors.TemplateProcessing(
        single="[CLS] $A [SEP]", special_tokens=[("[CLS]", 2), ("[SEP]", 3)]
    )
    named = {"mask_token": "[MASK]"} if mask else {}
    PreTrainedTokenizerFast(
        tokenizer_object=tokenizer, pad_token="[PAD]", unk_token="[UNK]", cls_token="[CLS]", sep_token="[SEP]",
        model_max_length=32, **named,
    ).save_pretrained(folder)  # fmt: skip


def save_bert(folder, kind="BertModel", **changes):
    import torch
    import transformers

    torch.manual_seed(0)
    transformers_class = getattr(transformers, kind)
    transformers_class(transformers_class.config_class(**SIZES | changes)).save_pretrained(folder)


@pytest.fixture(scope="session")
def trunk(tmp_path_factory):
    """Folder of a BERT without a head that guesses words."""
    folder = tmp_path_factory.mktemp("trunk")
    save_tokenizer(folder)
    save_bert(folder)
    return folder


@pytest.fixture(scope="session")
def whole(tmp_path_factory):
    """Folder of a BERT whose head is of its own files."""
    folder = tmp_path_factory.mktemp("whole")
    save_tokenizer(folder)
    save_bert(folder, "BertForMaskedLM")
    return folder


def ruled_texts(n, seed=0):
    """Three pairs of words, each of which tells its other half, one half sometimes longer by a piece."""
    rng = np.random.default_rng(seed)
    texts = []
    for _ in range(n):
        pairs = rng.choice(len(FIRST), 3)
        texts.append(" ".join(f"{FIRST[k]} {SECOND[k]}" for k in pairs))
    return texts


@pytest.fixture(scope="session")
def ruled():
    return ruled_texts


@pytest.fixture(scope="session")
def adapted(trunk):
    """A masked language model of the rule that the tests only ask."""
    from causalrec.embedding.pretraining import MaskedLanguageModel

    return MaskedLanguageModel(
        trunk, n_epochs=25, learning_rate=3e-3, head_learning_rate=1e-2, batch_size=32, n_threads=1, precision="fp32"
    ).fit(ruled_texts(800))  # fmt: skip


@pytest.fixture
def changed(trunk, tmp_path):
    """A copy of the trunk's folder with other values in its configuration."""
    import shutil

    def change(**values):
        folder = tmp_path / "changed"
        shutil.copytree(trunk, folder)
        path = folder / "config.json"
        path.write_text(json.dumps(json.loads(path.read_text()) | values))
        return folder

    return change
