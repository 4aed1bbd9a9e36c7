"""A saved model loads in all that reads ordinary models, with the pooling of its source."""

import json
import shutil

import numpy as np
import pytest
import torch

from causalrec.embedding import TextEncoder
from causalrec.embedding.classification import TextClassifier
from causalrec.embedding.pretraining import ContrastivePretraining, MaskedLanguageModel
from causalrec.errors import OutputError
from causalrec.training import RunRecord

TEXTS = ["salted butter", "the oat milk the motor oil", "tulip bulbs", "frozen pizza a"]
QUICK = {"batch_size": 8, "precision": "fp32", "n_threads": 1, "learning_rate": 3e-3}


@pytest.fixture(scope="module")
def saved(adapted, tmp_path_factory):
    return adapted.save(tmp_path_factory.mktemp("saved") / "adapted")


@pytest.fixture(scope="module")
def contrasted(trunk, ruled):
    return ContrastivePretraining(trunk, **QUICK).fit(ruled(60))


def token_means(network, tokenizer):
    with torch.inference_mode():
        hidden = [network(**tokenizer(text, return_tensors="pt")).last_hidden_state[0] for text in TEXTS]
    return np.stack([tokens.mean(dim=0).numpy() for tokens in hidden])


@pytest.mark.parametrize("which", ["adapted", "contrasted"])
def test_every_reader_gives_the_same_vectors(which, request, tmp_path):
    from sentence_transformers import SentenceTransformer
    from transformers import AutoModel, AutoTokenizer

    learned = request.getfixturevalue(which)
    folder = learned.save(tmp_path / "model")
    trunk = getattr(learned.network_, learned.network_.base_model_prefix, learned.network_)
    tokenizer = AutoTokenizer.from_pretrained(folder)
    expected = token_means(trunk.eval(), tokenizer)
    assert token_means(AutoModel.from_pretrained(folder).eval(), tokenizer) == pytest.approx(expected, abs=1e-5)
    ours = TextEncoder(folder, normalize=False, precision="fp32", n_threads=1).encode(TEXTS)
    assert ours == pytest.approx(expected, abs=1e-5)
    theirs = SentenceTransformer(str(folder), device="cpu").encode(TEXTS)
    assert theirs == pytest.approx(expected, abs=1e-5)


def test_transformers_guesses_the_same_words(adapted, saved):
    from transformers import AutoModelForMaskedLM, AutoTokenizer

    network = AutoModelForMaskedLM.from_pretrained(saved).eval()
    given = AutoTokenizer.from_pretrained(saved)("salted [MASK] the oat [MASK]", return_tensors="pt")
    with torch.inference_mode():
        assert torch.allclose(network(**given).logits, adapted.network_(**given).logits, atol=1e-5)
    assert network.get_output_embeddings().weight is network.get_input_embeddings().weight


def test_it_goes_on_from_its_own_head(adapted, saved, ruled):
    """The texts held out are the same, so what was "after" is "before" now."""
    given = {"n_epochs": 1, "batch_size": 32, "precision": "fp32", "n_threads": 1, "learning_rate": 1e-9}
    again = MaskedLanguageModel(saved, **given).fit(ruled(800))
    assert again.comparison_["loss"].before == pytest.approx(adapted.comparison_["loss"].after, abs=1e-5)
    assert again.comparison_.before_is.startswith("the model as it came")


def test_a_classifier_learns_on_it_and_the_sources_pooler_is_there(adapted, saved, trunk):
    from safetensors.torch import load_file

    pooler = "bert.pooler.dense.weight"
    assert torch.equal(
        load_file(saved / "model.safetensors")[pooler], load_file(trunk / "model.safetensors")[pooler[5:]]
    )
    texts, labels = ["salted butter", "motor oil", "oat milk", "motor oil the"] * 4, ["food", "car"] * 8
    given = {"validation_share": 0, "n_epochs": 1, "precision": "fp32", "n_threads": 1}
    for tuning in ("full", "frozen"):
        classifier = TextClassifier(saved, tuning=tuning, **given).fit(texts, labels)
        assert set(classifier.predict(TEXTS)) <= {"food", "car"}


def test_record_and_comparison_stand_beside_it(adapted, saved):
    facts = json.loads((saved / "pretraining.json").read_text())
    assert facts["comparison"] == json.loads(json.dumps(adapted.comparison_.to_dict()))
    assert facts["parameters"]["n_epochs"] == 25
    assert "model" not in facts["parameters"]
    assert RunRecord.from_dict(json.loads((saved / "run.json").read_text())) == adapted.record_
    assert not list(saved.glob("*.bin"))
    assert not list(saved.parent.glob(".*"))


def test_the_pooling_of_the_source_is_kept(trunk, ruled, tmp_path):
    source = tmp_path / "source"
    shutil.copytree(trunk, source)
    kinds = [("Transformer", ""), ("Pooling", "1_Pooling"), ("Normalize", "2_Normalize")]
    modules = [
        {"idx": k, "name": str(k), "path": path, "type": f"sentence_transformers.models.{kind}"}
        for k, (kind, path) in enumerate(kinds)
    ]
    (source / "modules.json").write_text(json.dumps(modules))
    (source / "1_Pooling").mkdir()
    pooling = {"word_embedding_dimension": 32, "pooling_mode_cls_token": True, "pooling_mode_mean_tokens": False}
    (source / "1_Pooling" / "config.json").write_text(json.dumps(pooling))
    for kind, given in ((MaskedLanguageModel, {"n_epochs": 1}), (ContrastivePretraining, {"pooling": "cls"})):
        folder = kind(source, **QUICK | given).fit(ruled(20)).save(tmp_path / kind.__name__)
        assert json.loads((folder / "modules.json").read_text()) == modules
        assert json.loads((folder / "1_Pooling" / "config.json").read_text()) == pooling


def test_a_source_without_pooling_gets_the_one_that_learned(trunk, ruled, tmp_path):
    folder = ContrastivePretraining(trunk, pooling="cls", **QUICK).fit(ruled(20)).save(tmp_path / "model")
    pooling = json.loads((folder / "1_Pooling" / "config.json").read_text())
    assert pooling["pooling_mode_cls_token"]
    assert not pooling["pooling_mode_mean_tokens"]


def test_it_writes_over_its_own_and_over_nothing_else(contrasted, tmp_path):
    folder = contrasted.save(tmp_path / "model")
    contrasted.save(folder)
    assert (folder / "model.safetensors").is_file()
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "thesis.txt").write_text("mine")
    with pytest.raises(OutputError, match="holds something that is no pretrained model"):
        contrasted.save(tmp_path / "other")
    assert [path.name for path in (tmp_path / "other").iterdir()] == ["thesis.txt"]
