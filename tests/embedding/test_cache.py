"""The cache: exact, and whole whatever happens to those who write it."""

import hashlib
import logging
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

import causalrec
from causalrec.embedding import EmbeddingCache, TextEncoder, encoding
from causalrec.embedding.segments import read_segment
from causalrec.embedding.transformer import Transformer
from causalrec.errors import DataError, OutputError, ShapeError

from .conftest import WORDS

ROOT = str(Path(causalrec.__file__).parents[1])
TEXTS = [f"{first} {second}" for first in WORDS[:8] for second in WORDS[:5]]

WRITER = """
import sys
import numpy as np
from causalrec.embedding import EmbeddingCache
folder, first, last = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
cache = EmbeddingCache(folder)
for number in range(first, last):
    cache.store("f", [f"text {number}", "shared"], np.full((2, 300), [[number], [7]], dtype=np.float32))
    cache.merge("f")
    print(number, flush=True)
"""


def writer(folder, first, last):
    return subprocess.Popen(
        [sys.executable, "-c", WRITER, str(folder), str(first), str(last)], cwd=ROOT, stdout=subprocess.PIPE, text=True
    )


def segments(folder):
    return sorted(Path(folder).rglob("*.arrow"))


class TestExactness:
    def test_hit_equals_miss(self, tiny, tmp_path):
        encoder = TextEncoder(tiny, cache=tmp_path)
        miss = encoder.encode(TEXTS)
        np.testing.assert_array_equal(TextEncoder(tiny).encode(TEXTS), miss)
        np.testing.assert_array_equal(TextEncoder(tiny, cache=EmbeddingCache(tmp_path)).encode(TEXTS[::-1]), miss[::-1])

    def test_only_new_texts_are_encoded(self, tiny, tmp_path, monkeypatch):
        TextEncoder(tiny, cache=tmp_path).encode(TEXTS[:30])
        seen = []
        read = Transformer.windows
        monkeypatch.setattr(
            Transformer, "windows", lambda self, texts, *how: read(self, seen.extend(texts) or texts, *how)
        )
        np.testing.assert_array_equal(TextEncoder(tiny, cache=tmp_path).encode(TEXTS), TextEncoder(tiny).encode(TEXTS))
        assert seen == [*TEXTS[30:], *TEXTS]

    def test_files_stay_open_from_lookup_to_lookup(self, tmp_path, monkeypatch):
        cache = EmbeddingCache(tmp_path)
        for number in range(3):
            cache.store("f", [f"text {number}"], np.full((1, 2), number, dtype=np.float32))
        opened = []
        monkeypatch.setattr(
            "causalrec.embedding.cache.read_segment", lambda path: opened.append(path) or read_segment(path)
        )
        for _ in range(2):
            assert cache.lookup("f", ["text 2", "text 0", "text 9"]).found.tolist() == [True, True, False]
        assert len(opened) == 3
        cache.store("f", ["text 9"], np.full((1, 2), 9, dtype=np.float32))
        assert cache.lookup("f", ["text 9"]).vectors.tolist() == [[9, 9]]
        assert len(opened) == 4

    @pytest.mark.parametrize(
        "other",
        [
            {"pooling": "cls"},
            {"normalize": False},
            {"max_tokens": 3},
            {"precision": "bf16"},
            {"pooling": "weighted layers"},
            {"pooling": "weighted layers", "layer_weights": [0, 1, 2]},
        ],
    )
    def test_options_do_not_mix(self, tiny, tmp_path, other):
        given = {"precision": "fp32"}
        first = TextEncoder(tiny, cache=tmp_path, **given).encode(TEXTS)
        mixed = TextEncoder(tiny, cache=tmp_path, **(given | other)).encode(TEXTS)
        np.testing.assert_array_equal(mixed, TextEncoder(tiny, **(given | other)).encode(TEXTS))
        assert not np.array_equal(first, mixed)

    def test_other_weights_do_not_mix(self, copied, tmp_path):
        from safetensors.numpy import load_file, save_file

        folder, _ = copied
        first = TextEncoder(folder, cache=tmp_path / "c").encode(TEXTS)
        weights = load_file(folder / "model.safetensors")
        weights["embeddings.word_embeddings.weight"] = weights["embeddings.word_embeddings.weight"][::-1].copy()
        save_file(weights, folder / "model.safetensors", metadata={"format": "pt"})
        second = TextEncoder(folder, cache=tmp_path / "c").encode(TEXTS)
        assert not np.array_equal(first, second)

    def test_weights_that_change_under_an_encoder(self, copied, tmp_path):
        from .conftest import save_bert

        folder, _ = copied
        encoder = TextEncoder(folder, cache=tmp_path / "c", precision="fp32")
        first = encoder.encode(TEXTS[:5])
        save_bert(folder, initializer_range=0.3)
        second = encoder.encode(TEXTS[:5])
        assert not np.array_equal(first, second)
        np.testing.assert_array_equal(second, TextEncoder(folder, precision="fp32").encode(TEXTS[:5]))

    def test_keys_that_end_in_zero_bytes(self, tmp_path):
        ending = [text for text in map(str, range(2000)) if hashed(text).endswith(b"\0")]
        assert ending
        cache = EmbeddingCache(tmp_path)
        cache.store("f", ending, np.arange(len(ending), dtype=np.float32)[:, None])
        assert cache.lookup("f", ending).vectors[:, 0].tolist() == list(range(len(ending)))


def hashed(text):
    return hashlib.sha256(text.encode()).digest()


ENCODER = """
import sys
from causalrec.embedding import TextEncoder, encoding
model, cache, first, last = sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4])
encoding._STORED_AT_ONCE = 16
store = encoding._joined
def told(pieces):
    print("stored", flush=True)
    return store(pieces)
encoding._joined = told
words = "salted butter milk crackers frozen pizza family size ounce chicken".split()
texts = [" ".join(words[number // 10**k % 10] for k in range(5)) for number in range(first, last)]
encoder = TextEncoder(model, cache=cache, precision="fp32", batch_tokens=64, n_threads=1)
vectors = encoder.encode(texts)
print(vectors.sum(dtype="float64").hex(), flush=True)
"""


def encoding_process(model, cache, first, last):
    command = [sys.executable, "-c", ENCODER, str(model), str(cache), str(first), str(last)]
    return subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def encoded_here(model, cache, first, last):
    words = WORDS[:10]
    texts = [" ".join(words[number // 10**k % 10] for k in range(5)) for number in range(first, last)]
    return TextEncoder(model, cache=cache, precision="fp32").encode(texts).sum(dtype="float64").hex()


class TestRealProcesses:
    def test_killed_encoder_resumes_with_the_same_vectors(self, tiny, tmp_path):
        process = encoding_process(tiny, tmp_path, 0, 20_000)
        for _ in range(6):
            assert process.stdout.readline() == "stored\n"
        process.kill()
        process.communicate()
        assert process.returncode == -signal.SIGKILL
        kept = {key for path in segments(tmp_path) for key in read_segment(path).keys.tolist()}
        assert 4 * 16 <= len(kept) < 20_000
        assert encoded_here(tiny, tmp_path, 0, 2000) == encoded_here(tiny, None, 0, 2000)
        after = {key for path in segments(tmp_path) for key in read_segment(path).keys.tolist()}
        assert kept <= after
        assert len(after) >= 2000

    def test_two_encoders_at_once_agree(self, tiny, tmp_path):
        together = [encoding_process(tiny, tmp_path, *which) for which in ((0, 900), (0, 900))]
        for process in together:
            out, err = process.communicate()
            assert process.returncode == 0, err
            assert out.split()[-1] == encoded_here(tiny, None, 0, 900)
        assert encoded_here(tiny, tmp_path, 0, 900) == encoded_here(tiny, None, 0, 900)
        assert not [path for path in tmp_path.rglob("*.part")]

    def test_a_file_that_may_not_grow(self, tiny, tmp_path):
        code = f"""
import resource, sys
from causalrec.embedding import TextEncoder
from causalrec.errors import OutputError
encoder = TextEncoder(sys.argv[1], cache=sys.argv[2], precision="fp32")
encoder.encode(["milk"])
resource.setrlimit(resource.RLIMIT_FSIZE, (4096, 4096))
try:
    encoder.encode({TEXTS!r} * 2 + [f"{{k}} milk " * 5 for k in range(100)])
except OutputError as error:
    print(error)
"""
        run = [sys.executable, "-c", code, str(tiny), str(tmp_path / "cache")]
        out = subprocess.run(run, cwd=ROOT, capture_output=True, text=True, check=True).stdout
        assert out.startswith("Cannot write ")
        assert "File too large" in out
        (left,) = [path for path in (tmp_path / "cache").rglob("*") if path.is_file()]
        assert len(read_segment(left).keys) == 1


class TestInterruption:
    def test_resumes_where_it_was_interrupted(self, tiny, tmp_path, monkeypatch):
        monkeypatch.setattr(encoding, "_STORED_AT_ONCE", 8)
        calls = []
        original = encoding._batch

        def interrupted(*given):
            calls.append(1)
            if len(calls) == 6:
                raise KeyboardInterrupt
            return original(*given)

        monkeypatch.setattr(encoding, "_batch", interrupted)
        with pytest.raises(KeyboardInterrupt):
            TextEncoder(tiny, cache=tmp_path, batch_tokens=16, n_threads=1, precision="fp32").encode(TEXTS)
        kept = sum(len(read_segment(path).keys) for path in segments(tmp_path))
        assert 0 < kept < len(TEXTS)
        resumed = TextEncoder(tiny, cache=tmp_path, precision="fp32").encode(TEXTS)
        np.testing.assert_array_equal(resumed, TextEncoder(tiny, precision="fp32").encode(TEXTS))

    def test_killed_writer(self, tmp_path):
        process = writer(tmp_path, 0, 10**6)
        stored = [int(process.stdout.readline()) for _ in range(60)]
        os.kill(process.pid, signal.SIGKILL)
        stored += [int(line) for line in process.stdout.read().split()]
        assert process.wait() == -signal.SIGKILL
        cached = EmbeddingCache(tmp_path).lookup("f", [f"text {number}" for number in stored])
        assert cached.found.all()
        np.testing.assert_array_equal(cached.vectors, np.repeat(np.array(stored)[:, None], 300, axis=1))

    def test_two_writers_and_a_reader(self, tmp_path):
        processes = [writer(tmp_path, 0, 60), writer(tmp_path, 30, 90)]
        wanted = [f"text {number}" for number in range(90)]
        while any(process.poll() is None for process in processes):
            cached = EmbeddingCache(tmp_path).lookup("f", wanted)
            expected = np.where(cached.found, np.arange(90), 0)[:, None]
            assert (cached.vectors == expected).all()
        for process in processes:
            process.stdout.close()
            assert process.wait() == 0
        assert EmbeddingCache(tmp_path).lookup("f", [*wanted, "shared"]).found.all()

    @pytest.mark.parametrize("spoil", ["half", "empty", "zeros", "other"])
    def test_broken_file_is_passed_over(self, tiny, tmp_path, spoil, caplog):
        expected = TextEncoder(tiny, cache=tmp_path).encode(TEXTS)
        (path,) = segments(tmp_path)
        whole = path.read_bytes()
        spoiled = {"half": whole[: len(whole) // 2], "empty": b"", "zeros": bytes(len(whole)), "other": b"no Arrow"}
        path.write_bytes(spoiled[spoil])
        with caplog.at_level(logging.WARNING, logger="causalrec"):
            np.testing.assert_array_equal(TextEncoder(tiny, cache=tmp_path).encode(TEXTS), expected)
        assert "not a whole file" in caplog.text
        assert len(segments(tmp_path)) == 2

    def test_part_of_a_killed_writer_is_removed_once_old(self, tmp_path):
        cache = EmbeddingCache(tmp_path)
        cache.store("f", ["a"], np.ones((1, 2), dtype=np.float32))
        old, fresh = tmp_path / "f" / ".1.arrow.x.part", tmp_path / "f" / ".2.arrow.y.part"
        for path in (old, fresh):
            path.write_bytes(b"half")
        os.utime(old, (time.time() - 2 * 86400,) * 2)
        cache.store("f", ["b"], np.ones((1, 2), dtype=np.float32))
        assert fresh.exists()
        assert not old.exists()


class TestFiles:
    def test_many_small_files_become_one(self, tmp_path):
        cache = EmbeddingCache(tmp_path)
        for number in range(40):
            cache.store("f", [f"text {number % 35}"], np.full((1, 3), number % 35, dtype=np.float32))
        cache.merge("f")
        assert len(segments(tmp_path)) == 8  # 33 became one
        cached = cache.lookup("f", [f"text {number}" for number in range(36)])
        assert cached.found.tolist() == [True] * 35 + [False]
        np.testing.assert_array_equal(cached.vectors[:35, 0], np.arange(35))

    def test_only_broken_files_do_not_merge(self, tmp_path):
        (tmp_path / "f").mkdir()
        for number in range(40):
            (tmp_path / "f" / f"{number}-x.arrow").write_bytes(b"no")
        EmbeddingCache(tmp_path).merge("f")
        assert EmbeddingCache(tmp_path).lookup("f", ["a"]).vectors.shape == (1, 0)

    def test_nothing_known(self, tmp_path):
        cached = EmbeddingCache(tmp_path / "none").lookup("f", ["a", "b"])
        assert cached.found.tolist() == [False, False]
        assert not (tmp_path / "none").exists()

    def test_shapes_must_agree(self, tmp_path):
        with pytest.raises(ShapeError, match="2 texts need"):
            EmbeddingCache(tmp_path).store("f", ["a", "b"], np.ones((3, 4), dtype=np.float32))

    def test_lists_serve(self, tmp_path):
        assert EmbeddingCache(tmp_path).store("f", ["a"], [[1, 2]]).tolist() == [[1.0, 2.0]]

    def test_what_is_no_folder(self, tiny):
        with pytest.raises(DataError, match="folder is 3"):
            TextEncoder(tiny, cache=EmbeddingCache(3)).encode(["milk"])

    def test_folder_that_is_a_file(self, tiny, tmp_path):
        (tmp_path / "file").write_text("")
        with pytest.raises(OutputError, match="Cannot make the cache's folder"):
            TextEncoder(tiny, cache=tmp_path / "file").encode(["milk"])

    def test_full_disk(self, tiny, monkeypatch, tmp_path):
        def full(*_):
            raise OSError(28, "No space left on device")

        monkeypatch.setattr(os, "fsync", full)
        with pytest.raises(OutputError, match="No space left"):
            TextEncoder(tiny, cache=tmp_path).encode(["milk"])
        assert not [path for path in tmp_path.rglob("*") if path.is_file()]
