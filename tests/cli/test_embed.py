"""`causalrec embed` on files, and what it says of files that are none."""

import gzip
import os
import sys

import numpy as np
import pyarrow as pa
import pyarrow.csv as pc
import pyarrow.feather as pf
import pyarrow.parquet as pq
import pytest

from causalrec.cli import main
from causalrec.embedding import TextEncoder
from tests.embedding.conftest import copied, remembered, tiny  # noqa: F401

TITLES = ["salted butter", None, "milk", "  ", "frozen pizza", "salted butter", "chicken noodle soup"]
ASKED = ("--text", "title", "--precision", "fp32")


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    path = tmp_path_factory.mktemp("embed")
    table = pa.table({"item": np.arange(7), "title": TITLES, "price": np.linspace(1, 2, 7)})
    pq.write_table(table, path / "items.parquet", row_group_size=2)
    pc.write_csv(table, path / "items.csv")
    pf.write_feather(table, path / "items.feather")
    pq.write_table(table.rename_columns(["item", "title", "vector"]), path / "taken.parquet")
    (path / "broken.parquet").write_bytes((path / "items.parquet").read_bytes()[:200])
    codes = pa.array([0, 1, None, 1, 0, 0, 1], pa.int32())
    coded = pa.DictionaryArray.from_arrays(codes, pa.array(["milk", "soup"]))
    pq.write_table(pa.table({"title": coded, "none": pa.nulls(7)}), path / "coded.parquet")
    wrong = pa.Array.from_buffers(pa.string(), 2, [None, pa.py_buffer(np.int32([0, 2, 4])), pa.py_buffer(b"ok\xffa")])
    pq.write_table(pa.table({"title": wrong}), path / "latin.parquet")
    pq.write_table(table.slice(0, 0), path / "empty.parquet")
    return path


@pytest.fixture
def inside(folder, tiny, tmp_path, capsys, monkeypatch):  # noqa: F811
    """Run in this process, through the same `main`, with vectors going to a folder of their own."""

    def run_inside(table, *words, out=tmp_path / "v" / "vectors.parquet", model=tiny):
        monkeypatch.chdir(folder)
        (tmp_path / "v").mkdir(exist_ok=True)
        words = [table, *words, "--out", str(out), "--model", str(model)]
        monkeypatch.setattr(sys, "argv", ["causalrec", "embed", *words])
        with pytest.raises(SystemExit) as ended:
            main()
        return ended.value.code, *capsys.readouterr()

    return run_inside


def vectors_of(path):
    table = pq.read_table(path)
    column = table.column("vector").combine_chunks()
    return table, column.flatten().to_numpy().reshape(len(table), -1)


@pytest.mark.parametrize("name", ["items.parquet", "items.csv", "items.feather"])
def test_vectors_beside_the_other_columns(inside, name, tmp_path, tiny):  # noqa: F811
    code, out, err = inside(name, *ASKED)
    assert code == 0, err
    table, vectors = vectors_of(tmp_path / "v" / "vectors.parquet")
    assert table.column_names == ["item", "price", "vector"]
    assert table.column("item").to_pylist() == list(range(7))
    assert table.schema.field("vector").type == pa.list_(pa.float32(), 16)
    np.testing.assert_array_equal(vectors, TextEncoder(tiny, precision="fp32").encode(TITLES))
    assert "7 vectors of 16 dimensions" in " ".join(out.split())
    assert "2 of them zeros" in " ".join(out.split())


def test_kept_columns_cache_and_the_same_again(inside, tmp_path):
    words = (*ASKED, "--keep", "title", "--cache", str(tmp_path / "cache"), "--threads", "1")
    for _ in range(2):
        code, _, err = inside("items.parquet", *words)
        assert code == 0, err
    table, vectors = vectors_of(tmp_path / "v" / "vectors.parquet")
    assert table.column("title").to_pylist() == TITLES
    assert len(list((tmp_path / "cache").rglob("*.arrow"))) == 1
    assert inside("items.parquet", *ASKED, "--cache", str(tmp_path / "cache"), "--chunks")[0] == 0
    np.testing.assert_array_equal(vectors_of(tmp_path / "v" / "vectors.parquet")[1], vectors)


def test_dictionary_and_null_columns(inside, tmp_path, tiny):  # noqa: F811
    assert inside("coded.parquet", *ASKED)[0] == 0
    expected = TextEncoder(tiny, precision="fp32").encode(["milk", "soup", None, "soup", "milk", "milk", "soup"])
    np.testing.assert_array_equal(vectors_of(tmp_path / "v" / "vectors.parquet")[1], expected)
    assert inside("coded.parquet", "--text", "none")[0] == 0
    assert not vectors_of(tmp_path / "v" / "vectors.parquet")[1].any()


@pytest.mark.parametrize("name", ["codes.csv", "codes.tsv.gz"])
def test_texts_of_a_text_file_are_texts_whatever_they_look_like(inside, folder, tmp_path, tiny, name):  # noqa: F811
    rows = "title,item\n12,a\nNA,b\n,c\nmilk,d\n".replace(",", "\t" if "tsv" in name else ",").encode()
    (folder / name).write_bytes(gzip.compress(rows) if name.endswith(".gz") else rows)
    code, _, err = inside(name, *ASKED, "--keep", "item", "--keep", "title")
    assert code == 0, err
    table, vectors = vectors_of(tmp_path / "v" / "vectors.parquet")
    assert table.column("title").to_pylist() == ["12", "NA", None, "milk"]
    np.testing.assert_array_equal(vectors, TextEncoder(tiny, precision="fp32").encode(["12", "NA", None, "milk"]))


def test_an_empty_table_gives_one(inside, tmp_path):
    code, out, _ = inside("empty.parquet", *ASKED)
    assert code == 0
    assert out.startswith("0 vectors")
    assert len(pq.read_table(tmp_path / "v" / "vectors.parquet")) == 0


BAD = {  # name: (table, further words, exit code, word of the message)
    "no file": ("none.parquet", (), 1, "There is no file 'none.parquet'"),
    "no table": ("broken.parquet", (), 1, "cannot be read as a table"),
    "no column": ("items.parquet", ("--text", "titel"), 1, "did you mean 'title'"),
    "kept column missing": ("items.parquet", ("--keep", "prize"), 1, "'prize'"),
    "numbers": ("items.parquet", ("--text", "price"), 1, "holds double, not texts"),
    "vector is there": ("taken.parquet", (), 1, "has a column 'vector' already"),
    "Latin-1": ("latin.parquet", (), 1, "Row 1 of column 'title' is not valid UTF-8"),
    "no such precision": ("items.parquet", ("--precision", "int4"), 1, "precision is 'int4'"),
    "no such pooling": ("items.parquet", ("--pooling", "max"), 1, "pooling is 'max'"),
    "no threads": ("items.parquet", ("--threads", "0"), 1, "n_threads is 0"),
    "tokens of text": ("items.parquet", ("--max-tokens", "many"), 2, "integer"),
}


@pytest.mark.parametrize(("table", "more", "code", "message"), BAD.values(), ids=BAD)
def test_bad_input_ends_with_a_message_and_leaves_no_file(inside, tmp_path, table, more, code, message):
    found, out, err = inside(table, *ASKED, *more)
    assert found == code, err
    assert message in " ".join(err.replace("│", "").split())
    assert "Traceback" not in err
    assert out == ""
    assert os.listdir(tmp_path / "v") == []


def test_a_folder_without_weights(inside, copied, tmp_path):  # noqa: F811
    copied[0].joinpath("model.safetensors").unlink()
    code, _, err = inside("items.parquet", *ASKED, model=copied[0])
    assert code == 1
    assert "the weights are missing" in " ".join(err.split())
    assert os.listdir(tmp_path / "v") == []


def test_places_that_cannot_be_written(inside, folder, tmp_path):
    code, _, err = inside("items.parquet", *ASKED, out=tmp_path / "none" / "x.parquet")
    assert code == 1
    assert "Cannot write" in err
    (tmp_path / "file").write_text("")
    code, _, err = inside("items.parquet", *ASKED, "--cache", str(tmp_path / "file"))
    assert code == 1
    assert err.startswith("causalrec: Cannot make the cache's folder")
    assert os.listdir(tmp_path / "v") == []
    before = (folder / "items.parquet").read_bytes()
    code, _, err = inside("items.parquet", *ASKED, out="items.parquet")
    assert code == 1
    assert "is the table itself" in err
    assert (folder / "items.parquet").read_bytes() == before
