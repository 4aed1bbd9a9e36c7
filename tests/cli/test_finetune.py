"""`causalrec finetune` on files, and what it says of files that do not serve."""

import json
import subprocess
import sys

import numpy as np
import pyarrow as pa
import pyarrow.csv as pc
import pyarrow.parquet as pq
import pytest

from tests.embedding.conftest import save_bert, save_tokenizer


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    """A folder with tables and a model of 2 layers."""
    folder = tmp_path_factory.mktemp("finetune")
    save_tokenizer(folder / "model")
    save_bert(folder / "model")
    rng = np.random.default_rng(0)
    shelf = rng.choice(["dairy", "frozen"], 120)
    words = {"dairy": ["butter", "milk"], "frozen": ["pizza", "frozen"]}
    title = [f"{rng.choice(['the', 'a'])} {rng.choice(words[s])}" for s in shelf]
    table = pa.table({"title": title, "shelf": shelf})
    pq.write_table(table, folder / "items.parquet")
    pc.write_csv(table.slice(0, 40), folder / "asked.csv")
    pq.write_table(pa.table({"title": title, "shelf": ["dairy"] * 120}), folder / "one.parquet")
    pq.write_table(pa.table({"title": [None, *title[1:]], "shelf": shelf}), folder / "null.parquet")
    wrong = pa.Array.from_buffers(pa.string(), 2, [None, pa.py_buffer(np.int32([0, 2, 4])), pa.py_buffer(b"ok\xffa")])
    pq.write_table(pa.table({"title": wrong, "shelf": ["dairy", "frozen"]}), folder / "latin.parquet")
    codes = [f"{100 + k},{shelf[k]}" for k in range(20)]
    (folder / "codes.csv").write_text("\n".join(["title,shelf", *codes]))
    return folder


def run(*words, cwd):
    command = [sys.executable, "-c", "from causalrec.cli import main; main()", "finetune", *words]
    return subprocess.run(command, capture_output=True, text=True, cwd=cwd, check=False)


COLUMNS = ("--text", "title", "--label", "shelf", "--model", "model", "--threads", "1")


def test_a_classifier_from_files(place):
    asked = ("--epochs", "8", "--learning-rate", "0.01", "--test", "asked.csv", "--out", "out/shelves", "--json")
    done = run("items.parquet", *COLUMNS, *asked, cwd=place)
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert found["test"]["accuracy"] > 0.9
    assert found["record"]["parameters"]["n_epochs"] == 8
    assert (place / "out" / "shelves" / "model.safetensors").is_file()


def test_it_prints_epochs_and_scores(place):
    done = run("items.parquet", *COLUMNS, "--tuning", "frozen", "--epochs", "3", "--out", "frozen", cwd=place)
    assert done.returncode == 0, done.stderr
    assert "34 of " in done.stdout
    assert "validation (the epoch was chosen on it): accuracy" in done.stdout
    assert done.stdout.endswith("written to frozen\n")


def test_texts_of_a_text_file_are_texts_whatever_they_look_like(place):
    done = run("codes.csv", *COLUMNS, "--tuning", "frozen", "--epochs", "1", "--out", "codes", cwd=place)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("one.parquet",), "all 120 labels are 'dairy'"),
        (("null.parquet",), "1 of 120 texts are null or blank (rows 0)"),
        (("items.parquet", "--label", "class"), "has no column 'class'"),
        (("absent.parquet",), "no file 'absent.parquet'"),
        (("items.parquet", "--model", "nowhere/at/all"), "no folder 'nowhere/at/all'"),
        (("latin.parquet",), "Row 1 of column 'title' is not valid UTF-8"),
        (("items.parquet", "--out", "."), "holds something that is no classifier"),
    ],
)
def test_what_does_not_serve_is_named(place, words, said):
    done = run(words[0], *COLUMNS, "--out", "refused", *words[1:], cwd=place)
    assert done.returncode == 1
    assert said in done.stderr
    assert "Traceback" not in done.stderr
    assert not (place / "refused").exists()
