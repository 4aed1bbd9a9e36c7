"""Texts that do not fit in memory: the same vectors, block by block."""

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import causalrec
from causalrec.embedding import TextEncoder, embed_table
from causalrec.embedding.text_blocks import open_table
from causalrec.errors import DataError, MissingDataError, OutputError

from .conftest import save_bert, save_tokenizer
from .test_text_encoder import sentences

ROOT = str(Path(causalrec.__file__).parents[1])


class TestBlocks:
    @pytest.mark.parametrize("block_texts", [1, 7, 30, 1000])
    def test_blocks_are_the_whole(self, tiny, block_texts):
        texts = [*sentences(29), None]
        encoder = TextEncoder(tiny, precision="fp32")
        blocks = list(encoder.encode_stream((text for text in texts), block_texts=block_texts))
        assert [len(block) for block in blocks[:-1]] == [block_texts] * (len(blocks) - 1)
        np.testing.assert_array_equal(np.concatenate(blocks), encoder.encode(texts))

    def test_texts_are_read_when_their_turn_comes(self, tiny):
        read = []
        texts = (read.append(number) or f"milk {number}" for number in range(100))
        stream = TextEncoder(tiny).encode_stream(texts, block_texts=10)
        assert read == []
        next(stream)
        assert len(read) == 10

    def test_no_text_no_block(self, tiny):
        assert list(TextEncoder(tiny).encode_stream([])) == []

    def test_an_error_counts_from_the_first_text(self, tiny):
        stream = TextEncoder(tiny).encode_stream(["milk", "soup", "a\ud800"], block_texts=2)
        next(stream)
        with pytest.raises(DataError, match="Entry 2 is not valid Unicode"):
            next(stream)

    def test_equal_texts_of_two_blocks_are_encoded_once_with_a_cache(self, tiny, tmp_path, monkeypatch):
        from causalrec.embedding.transformer import Transformer

        seen, read = [], Transformer.windows
        monkeypatch.setattr(
            Transformer, "windows", lambda self, texts, *how: read(self, seen.extend(texts) or texts, *how)
        )
        stream = TextEncoder(tiny, cache=tmp_path, precision="fp32").encode_stream(["milk", "soup"] * 4, block_texts=2)
        assert len(list(stream)) == 4
        assert seen == ["milk", "soup"]

    @pytest.mark.parametrize(
        ("texts", "block_texts", "message"),
        [("milk", 5, "got a str"), (7, 5, "got a int"), (["milk"], 0, "block_texts is 0"), ([], 1.5, "1.5")],
    )
    def test_refused_before_the_first_block(self, tiny, texts, block_texts, message):
        with pytest.raises(DataError, match=message):
            TextEncoder(tiny).encode_stream(texts, block_texts=block_texts)

    def test_a_missing_model_is_told_at_once(self):
        with pytest.raises(MissingDataError):
            TextEncoder("./none").encode_stream(["milk"])


MEMORY = """
import sys
from pathlib import Path
import numpy as np
from causalrec.embedding import TextEncoder
model, cache, n = sys.argv[1], sys.argv[2] or None, int(sys.argv[3])

def held():
    lines = Path("/proc/self/status").read_text().splitlines()
    return sum(int(line.split()[1]) for line in lines if line.startswith("RssAnon")) / 1024

def texts():
    for number in range(n):
        yield f"milk butter {'pizza' * (number % 3)} soup {number} " + "the milk " * 200

encoder = TextEncoder(model, max_tokens=6, cache=cache, precision="fp32", n_threads=1)
seen = []
for block in encoder.encode_stream(texts(), block_texts=1000):
    seen.append(held())
print(len(seen), min(seen[:4]), min(seen[-4:]))
"""


@pytest.fixture(scope="module")
def wide(tmp_path_factory):
    """A model whose vectors are long and whose work is short."""
    folder = tmp_path_factory.mktemp("wide")
    save_tokenizer(folder)
    save_bert(folder, hidden_size=512, num_hidden_layers=1, intermediate_size=16)
    return folder


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="the system does not say what memory is held")
@pytest.mark.parametrize("cached", [False, True])
def test_memory_does_not_grow_with_the_number_of_texts(wide, tmp_path, cached):
    n = 16_000  # texts of 30 MB whose vectors take 33 MB
    run = [sys.executable, "-c", MEMORY, str(wide), str(tmp_path / "cache") if cached else "", str(n)]
    # Memory that is given back goes to the system at once, so that what is held shows.
    env = os.environ | {name: "65536" for name in ("MALLOC_MMAP_THRESHOLD_", "MALLOC_TRIM_THRESHOLD_")}
    env |= {"MALLOC_ARENA_MAX": "1", "ARROW_DEFAULT_MEMORY_POOL": "system"}
    out = subprocess.run(run, cwd=ROOT, env=env, capture_output=True, text=True, check=True).stdout
    n_blocks, first, last = map(float, out.split())
    assert n_blocks == 16
    assert last - first < 15


class TestTables:
    def test_blocks_have_their_size_whatever_the_row_groups(self, tmp_path):
        pq.write_table(pa.table({"t": [str(k) for k in range(103)]}), tmp_path / "t.parquet", row_group_size=8)
        with open_table(tmp_path / "t.parquet", None, 20) as opened:
            assert opened.n_rows == 103
            blocks = list(opened.blocks(20))
        assert [len(block) for block in blocks] == [20] * 5 + [3]
        assert pa.concat_tables(blocks).column("t").to_pylist() == [str(k) for k in range(103)]

    def test_any_encoder_will_do(self, tmp_path):
        class Lengths:
            def encode(self, texts):
                return np.array([[len(text or ""), 1] for text in texts], dtype=np.float64)

        pq.write_table(pa.table({"t": ["milk", None, "soup!"]}), tmp_path / "t.parquet")
        told = embed_table(Lengths(), tmp_path / "t.parquet", tmp_path / "v.parquet", text="t", block_texts=2)
        assert told.to_dict() | {"path": ""} == {
            "path": "", "n_texts": 3, "n_without": 0, "n_dimensions": 2, "kept": ()
        }  # fmt: skip
        assert pq.read_table(tmp_path / "v.parquet").column("vector").to_pylist() == [[4, 1], [0, 1], [5, 1]]
        assert pq.ParquetFile(tmp_path / "v.parquet").num_row_groups == 2

    @pytest.mark.parametrize(
        ("encoder", "message"), [(object(), "no encoder"), (None, "no encoder"), ("minilm", "no encoder")]
    )
    def test_no_encoder(self, tmp_path, encoder, message):
        pq.write_table(pa.table({"t": ["milk"]}), tmp_path / "t.parquet")
        with pytest.raises(DataError, match=message):
            embed_table(encoder, tmp_path / "t.parquet", tmp_path / "v.parquet", text="t")

    def test_an_encoder_that_gives_too_few(self, tmp_path):
        class Half:
            def encode(self, texts):
                return np.zeros((1, 2), dtype=np.float32)

        pq.write_table(pa.table({"t": ["milk", "soup"]}), tmp_path / "t.parquet")
        with pytest.raises(DataError, match=r"an array \(1, 2\) for 2 texts"):
            embed_table(Half(), tmp_path / "t.parquet", tmp_path / "v.parquet", text="t")
        assert [path.name for path in tmp_path.iterdir()] == ["t.parquet"]

    def test_columns_that_depend_on_the_texts_beside(self, tmp_path):
        class Longest:
            def encode(self, texts):
                return np.zeros((len(texts), max(len(text or "a") for text in texts)), dtype=np.float32)

        pq.write_table(pa.table({"t": ["ab", "abc"]}), tmp_path / "t.parquet")
        for block_texts in (1, 2):
            with pytest.raises(DataError, match="dimensions for a block of"):
                embed_table(
                    Longest(), tmp_path / "t.parquet", tmp_path / "v.parquet", text="t", keep=[],
                    block_texts=block_texts,
                )  # fmt: skip
        assert [path.name for path in tmp_path.iterdir()] == ["t.parquet"]

    def test_a_full_disk_leaves_nothing(self, tiny, tmp_path, monkeypatch):
        def full(*_):
            raise OSError(28, "No space left on device")

        pq.write_table(pa.table({"t": ["milk", "soup"]}), tmp_path / "t.parquet")
        encoder = TextEncoder(tiny, precision="fp32")
        encoder.encode(["milk"])
        monkeypatch.setattr("os.fsync", full)
        with pytest.raises(OutputError, match=r"Cannot write .*No space left"):
            embed_table(encoder, tmp_path / "t.parquet", tmp_path / "v.parquet", text="t")
        assert [path.name for path in tmp_path.iterdir()] == ["t.parquet"]
        with pytest.raises(OutputError, match=r"\.arrow.*No space left"):
            embed_table(
                TextEncoder(tiny, precision="fp32", cache=tmp_path / "c"), tmp_path / "t.parquet",
                tmp_path / "v.parquet", text="t",
            )  # fmt: skip
        assert sorted(path.name for path in tmp_path.rglob("*") if path.is_file()) == ["t.parquet"]
