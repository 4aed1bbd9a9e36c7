"""A saved classifier loads here, in transformers and in sentence-transformers, and answers the same."""

import json
import os

import numpy as np
import pytest
import torch

from causalrec.embedding import TextEncoder
from causalrec.embedding.classification import TextClassifier
from causalrec.errors import DataError, MissingDataError, OutputError

TEXTS = ["salted butter", "frozen pizza family size", "chicken noodle soup", "a milk"]


@pytest.fixture(scope="module")
def saved(learned, tmp_path_factory):
    return learned.save(tmp_path_factory.mktemp("saved") / "shelves")


def test_it_comes_back(learned, saved):
    again = TextClassifier.load(saved)
    assert np.array_equal(again.predict_proba(TEXTS), learned.predict_proba(TEXTS))
    assert again.predict(TEXTS).tolist() == learned.predict(TEXTS).tolist()
    assert again.record_ == learned.record_
    assert again.temperature_ == learned.temperature_
    assert again.get_params() | {"model": 0} == learned.get_params() | {"model": 0}


def test_transformers_classifies_the_same(learned, saved):
    from transformers import AutoModelForSequenceClassification, AutoTokenizer

    network = AutoModelForSequenceClassification.from_pretrained(saved).eval()
    tokenizer = AutoTokenizer.from_pretrained(saved)
    with torch.inference_mode():
        logits = np.concatenate([network(**tokenizer(text, return_tensors="pt")).logits.numpy() for text in TEXTS])
    assert logits == pytest.approx(learned.predict_logits(TEXTS), abs=1e-5)
    assert [network.config.id2label[k] for k in logits.argmax(axis=1)] == learned.predict(TEXTS).tolist()


def test_encoders_read_its_trunk(learned, saved):
    from sentence_transformers import SentenceTransformer
    from transformers import AutoModel, AutoTokenizer

    trunk, tokenizer = AutoModel.from_pretrained(saved).eval(), AutoTokenizer.from_pretrained(saved)
    with torch.inference_mode():
        hidden = [trunk(**tokenizer(text, return_tensors="pt")).last_hidden_state[0] for text in TEXTS]
    means = np.stack([tokens.mean(dim=0).numpy() for tokens in hidden])
    ours = TextEncoder(saved, normalize=False, precision="fp32", n_threads=1).encode(TEXTS)
    theirs = SentenceTransformer(str(saved), device="cpu").encode(TEXTS)
    assert ours == pytest.approx(means, abs=1e-5)
    assert theirs == pytest.approx(means, abs=1e-5)


def test_the_pooling_of_the_source_is_kept(copied, shelves, tmp_path):
    folder, _ = copied
    modules = [{"idx": 0, "name": "0", "path": "", "type": "sentence_transformers.models.Transformer"}]
    modules += [{"idx": 1, "name": "1", "path": "1_Pooling", "type": "sentence_transformers.models.Pooling"}]
    (folder / "modules.json").write_text(json.dumps(modules))
    (folder / "1_Pooling").mkdir()
    (folder / "1_Pooling" / "config.json").write_text(
        json.dumps({"word_embedding_dimension": 16, "pooling_mode_cls_token": True, "pooling_mode_mean_tokens": False})
    )
    out = TextClassifier(folder, n_epochs=1, n_threads=1).fit(*shelves(30)).save(tmp_path / "out")
    assert json.loads((out / "1_Pooling" / "config.json").read_text())["pooling_mode_cls_token"]


def test_it_is_safetensors_and_json_alone(saved):
    suffixes = {path.suffix for path in saved.rglob("*") if path.is_file()}
    assert suffixes <= {".safetensors", ".json", ".jinja", ".txt"}
    record = json.loads((saved / "run.json").read_text())
    assert {"parameters", "versions", "epochs", "data"} <= set(record)
    assert record["parameters"]["random_state"] == 0


def test_a_frozen_one_comes_back_with_its_trunk_as_it_was(tiny, shelves, tmp_path):
    from transformers import AutoModel

    known = TextClassifier(tiny, tuning="frozen", n_epochs=3, n_threads=1, precision="fp32").fit(*shelves(60))
    saved = known.save(tmp_path / "frozen")
    assert np.array_equal(TextClassifier.load(saved).predict_logits(TEXTS), known.predict_logits(TEXTS))
    before, after = (AutoModel.from_pretrained(folder).state_dict() for folder in (tiny, saved))
    assert all(torch.equal(before[name], after[name]) for name in before)
    (saved / "head.safetensors").write_bytes(b"torn")
    with pytest.raises(DataError, match="cannot be loaded"):
        TextClassifier.load(saved)


def test_whole_numbers_stay_whole_numbers(tiny, shelves, tmp_path):
    texts, labels = shelves(60)
    codes = [{"dairy": 7, "frozen": 3, "soup": 5}[label] for label in labels]
    known = TextClassifier(tiny, n_epochs=1, n_threads=1).fit(texts, codes)
    again = TextClassifier.load(known.save(tmp_path / "codes"))
    assert again.classes_.tolist() == [3, 5, 7]
    assert again.predict(TEXTS).dtype == known.predict(TEXTS).dtype


def test_numpys_numbers_serve(tiny, shelves, tmp_path):
    known = TextClassifier(tiny, n_epochs=np.int64(1), batch_size=np.int32(8), max_tokens=np.int64(9), n_threads=1)
    known.checkpoint_folder = tmp_path / "checkpoints"
    known.fit(*shelves(30)).save(tmp_path / "out")
    assert TextClassifier.load(tmp_path / "out").max_tokens == 9


def test_saving_again_replaces_it_and_leaves_nothing_beside(learned, tmp_path):
    for _ in range(2):
        learned.save(tmp_path / "shelves")
    assert os.listdir(tmp_path) == ["shelves"]


def test_a_folder_of_something_else_is_left_alone(learned, tmp_path):
    (tmp_path / "notes.txt").write_text("mine")
    with pytest.raises(OutputError, match="holds something that is no classifier"):
        learned.save(tmp_path)
    assert os.listdir(tmp_path) == ["notes.txt"]


def test_a_place_that_cannot_be_written(learned, tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(OutputError, match="Cannot write the classifier"):
        learned.save(tmp_path / "file" / "out")


def test_a_full_disk_leaves_the_old_one(learned, tmp_path):
    resource = pytest.importorskip("resource")
    saved = learned.save(tmp_path / "shelves")
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1024, before[1]))
    try:
        with pytest.raises(OutputError, match=r"Cannot write the classifier .*File too large"):
            learned.save(saved)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert os.listdir(tmp_path) == ["shelves"]
    assert TextClassifier.load(saved).predict(TEXTS).tolist() == learned.predict(TEXTS).tolist()


def test_no_classifier_there(tiny, tmp_path):
    for folder in (tiny, tmp_path / "absent"):
        with pytest.raises(MissingDataError, match=r"classifier\.json is not there"):
            TextClassifier.load(folder)


@pytest.mark.parametrize("name", ["classifier.json", "run.json", "model.safetensors"])
def test_a_torn_file_is_named(learned, tmp_path, name):
    saved = learned.save(tmp_path / "shelves")
    path = saved / name
    path.write_bytes(path.read_bytes()[:40])
    with pytest.raises(DataError, match="cannot be loaded"):
        TextClassifier.load(saved)


def test_where_it_learned_need_not_be_here(learned, tmp_path, caplog):
    saved = learned.save(tmp_path / "shelves")
    facts = json.loads((saved / "classifier.json").read_text())
    facts["parameters"]["device"] = "cuda:99"
    (saved / "classifier.json").write_text(json.dumps(facts))
    again = TextClassifier.load(saved)
    assert again.device == "auto"
    assert again.predict(TEXTS).tolist() == learned.predict(TEXTS).tolist()
    assert "'cuda:99', which is not here" in caplog.text
