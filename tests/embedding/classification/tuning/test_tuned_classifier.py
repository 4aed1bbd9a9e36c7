"""Each way learns with the weights that it names alone, and comes back from disk."""

import json
import shutil
import sys

import numpy as np
import pytest
import torch
from safetensors.torch import load_file

from causalrec.embedding import TextEncoder
from causalrec.embedding.classification import BottleneckAdapters, PromptTuning, TextClassifier
from causalrec.errors import DataError, MissingExtraError
from tests.embedding.classification.tuning.ways_by_hand import HEAD, PARAMETERS, WAYS

BESIDE = ["prompts", "prefixes", "adapters"]


@pytest.fixture(scope="module")
def fitted(tiny, shelves):
    """One fit of each way, which the tests only ask."""
    known = {}

    def of(name):
        if name != "adapters":
            pytest.importorskip("peft", reason="peft is not installed: pip install 'causalrec-toolkit[tune]'")
        if name not in known:
            known[name] = TextClassifier(tiny, tuning=WAYS[name][0], n_epochs=2, **PARAMETERS).fit(*shelves(60))
        return known[name]

    return of


@pytest.mark.parametrize("name", WAYS)
def test_so_many_weights_learn(fitted, tiny, name):
    record, (_, beside) = fitted(name).record_, WAYS[name]
    n_trunk = sum(weight.numel() for weight in load_file(tiny / "model.safetensors").values())
    assert record.n_learning == HEAD + beside
    assert record.n_weights == n_trunk + 17 * 3 + beside
    share = 100 * record.n_learning / record.n_weights
    assert f"{record.n_learning:,} of {record.n_weights:,} weights learned ({share:.3g}%)" in str(record)
    assert record.parameters["tuning"]["way"] == type(WAYS[name][0]).__name__


@pytest.mark.parametrize("name", BESIDE)
def test_the_trunk_is_as_it_was(fitted, tiny, tmp_path, name):
    from transformers import AutoModel

    saved = fitted(name).save(tmp_path / "out")
    before = load_file(tiny / "model.safetensors")
    inside = fitted(name).network_.bert.state_dict()
    assert all(torch.equal(before[key], inside[key]) for key in before if not key.startswith("pooler."))
    assert not torch.equal(before["pooler.dense.weight"], inside["pooler.dense.weight"])  # of the head
    trunk = AutoModel.from_pretrained(saved).state_dict()
    assert all(torch.equal(before[key], trunk[key]) for key in before)
    vectors = [TextEncoder(folder, precision="fp32", n_threads=1).encode(["salted butter"]) for folder in (tiny, saved)]
    assert np.array_equal(*vectors)


@pytest.mark.parametrize("name", WAYS)
def test_it_comes_back(fitted, shelves, tmp_path, monkeypatch, name):
    known, texts = fitted(name), shelves(12, seed=3)[0]
    saved = known.save(tmp_path / "out")
    monkeypatch.setitem(sys.modules, "peft", None)  # what has learned answers without it
    again = TextClassifier.load(saved)
    assert again.predict_logits(texts) == pytest.approx(known.predict_logits(texts), abs=1e-5)
    assert again.tuning == WAYS[name][0]
    assert again.record_ == known.record_
    assert {path.suffix for path in saved.rglob("*") if path.is_file()} <= {".safetensors", ".json", ".jinja", ".txt"}


def test_lora_is_an_ordinary_network_again(fitted, shelves, tmp_path):
    from transformers import AutoModelForSequenceClassification, AutoTokenizer

    known, texts = fitted("lora"), shelves(4, seed=3)[0]
    assert not any("lora" in name for name, _ in known.network_.named_parameters())
    saved = known.save(tmp_path / "out")
    network, tokenizer = (
        kind.from_pretrained(saved) for kind in (AutoModelForSequenceClassification, AutoTokenizer)
    )  # fmt: skip
    with torch.inference_mode():
        logits = [network.eval()(**tokenizer(text, return_tensors="pt")).logits[0].numpy() for text in texts]
    assert np.stack(logits) == pytest.approx(known.predict_logits(texts), abs=1e-5)


@pytest.mark.filterwarnings("ignore:.is_gradient_checkpointing. is deprecated:FutureWarning")  # asked by peft
@pytest.mark.parametrize("name", ["prompts", "prefixes"])
def test_peft_reads_it(fitted, shelves, tmp_path, name):
    from peft import PeftModel
    from transformers import AutoModelForSequenceClassification, AutoTokenizer

    known, texts = fitted(name), shelves(4, seed=3)[0]
    saved = known.save(tmp_path / "out")
    plain = AutoModelForSequenceClassification.from_pretrained(saved)  # with a fresh head
    theirs = PeftModel.from_pretrained(plain, saved / "adapter").eval()
    assert torch.equal(theirs.prompt_encoder["default"].embedding.weight, known.network_.prompt_embeddings)
    assert theirs.active_peft_config.num_virtual_tokens == 4
    head = {"classifier": known.network_.classifier, "bert.pooler": known.network_.bert.pooler}
    for place, ours in head.items():
        copied = theirs.base_model.get_submodule(place).modules_to_save["default"].state_dict()
        assert all(torch.equal(copied[key], weight) for key, weight in ours.state_dict().items())
    if name == "prompts":  # peft 0.21 hands prefixes to an argument that transformers 5.2x has renamed
        tokenizer = AutoTokenizer.from_pretrained(saved)
        with torch.inference_mode():
            logits = [theirs(**tokenizer(text, return_tensors="pt")).logits[0].numpy() for text in texts]
        assert np.stack(logits) == pytest.approx(known.predict_logits(texts), abs=1e-5)


def test_prompts_take_room_from_the_texts(tiny, shelves):
    pytest.importorskip("peft")
    long = " ".join(["butter"] * 40)
    texts, labels = shelves(40)
    known = TextClassifier(tiny, tuning=PromptTuning(20), n_epochs=1, **PARAMETERS).fit(
        [long, *texts], ["dairy", *labels]
    )
    assert len(known.predict([long])) == 1
    with pytest.raises(DataError, match=r"PromptTuning\(n_tokens=30\) leaves no room for texts: the model reads 32"):
        TextClassifier(tiny, tuning=PromptTuning(30), n_epochs=1, **PARAMETERS).fit(texts, labels)


@pytest.mark.parametrize("name", ["lora", "prompts", "prefixes"])
def test_without_peft(tiny, shelves, monkeypatch, name):
    monkeypatch.setitem(sys.modules, "peft", None)
    with pytest.raises(MissingExtraError, match=r"causalrec-toolkit\[tune\]"):
        TextClassifier(tiny, tuning=WAYS[name][0]).fit(*shelves(20))


def test_bottlenecks_need_no_other_package(tiny, shelves, monkeypatch):
    monkeypatch.setitem(sys.modules, "peft", None)
    known = TextClassifier(tiny, tuning=BottleneckAdapters(2), n_epochs=1, **PARAMETERS).fit(*shelves(30))
    assert known.record_.n_learning == HEAD + 4 * ((16 + 1) * 2 + (2 + 1) * 16)


@pytest.mark.parametrize("name", BESIDE)
def test_half_precision_serves(tiny, shelves, name):
    if name != "adapters":
        pytest.importorskip("peft")
    known = TextClassifier(tiny, tuning=WAYS[name][0], n_epochs=1, n_threads=1, precision="bf16")
    assert np.isfinite(known.fit(*shelves(30)).predict_logits(["butter"])).all()


def test_a_broken_adapter_is_named(fitted, tmp_path):
    saved = fitted("adapters").save(tmp_path / "out")
    path = saved / "adapter" / "adapter_model.safetensors"
    whole = path.read_bytes()
    path.write_bytes(whole[:40])
    with pytest.raises(DataError, match="cannot be loaded"):
        TextClassifier.load(saved)
    path.write_bytes(whole)
    facts = json.loads((saved / "classifier.json").read_text())
    facts["parameters"]["tuning"]["size"] = 4
    (saved / "classifier.json").write_text(json.dumps(facts))
    with pytest.raises(DataError, match=r"are not those of this classifier: 'base_model\.bert"):
        TextClassifier.load(saved)
    facts["parameters"]["tuning"] = {"way": "Magic"}
    (saved / "classifier.json").write_text(json.dumps(facts))
    with pytest.raises(DataError, match="cannot be loaded"):
        TextClassifier.load(saved)
    shutil.rmtree(saved / "adapter")


def test_scikit_learn_clones_it(tiny):
    from sklearn.base import clone

    known = TextClassifier(tiny, tuning=PromptTuning(4))
    assert clone(known).tuning == PromptTuning(4)
    assert repr(known) == f"TextClassifier(model={tiny!r}, tuning=PromptTuning(n_tokens=4))"
