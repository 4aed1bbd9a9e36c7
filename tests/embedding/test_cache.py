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
from causalrec.embedding import EmbeddingCache, TextEncoder, text_encoder
from causalrec.embedding.segments import read_segment
from causalrec.embedding.transformer import Transformer
from causalrec.errors import OutputError, ShapeError

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

    def test_hit_loads_no_model(self, tiny, tmp_path):
        code = """
import sys
from causalrec.embedding import TextEncoder
vectors = TextEncoder(sys.argv[1], cache=sys.argv[2]).encode(["milk", None, "salted butter"])
print(vectors.tobytes().hex(), {"torch", "transformers"} & set(sys.modules) or "light")
"""
        run = [sys.executable, "-c", code, str(tiny), str(tmp_path)]
        vectors = TextEncoder(tiny, cache=tmp_path).encode(["milk", None, "salted butter"])
        second = subprocess.run(run, cwd=ROOT, capture_output=True, text=True, check=True).stdout.split()
        assert second == [vectors.tobytes().hex(), "light"]

    def test_only_new_texts_are_encoded(self, tiny, tmp_path, monkeypatch):
        TextEncoder(tiny, cache=tmp_path).encode(TEXTS[:30])
        seen = []
        tokens = Transformer.tokens
        monkeypatch.setattr(Transformer, "tokens", lambda self, texts, n: tokens(self, seen.extend(texts) or texts, n))
        np.testing.assert_array_equal(TextEncoder(tiny, cache=tmp_path).encode(TEXTS), TextEncoder(tiny).encode(TEXTS))
        assert seen == [*TEXTS[30:], *TEXTS]

    @pytest.mark.parametrize(
        "other", [{"pooling": "cls"}, {"normalize": False}, {"max_tokens": 3}, {"precision": "bf16"}]
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

    def test_keys_that_end_in_zero_bytes(self, tmp_path):
        ending = [text for text in map(str, range(2000)) if hashed(text).endswith(b"\0")]
        assert ending
        cache = EmbeddingCache(tmp_path)
        cache.store("f", ending, np.arange(len(ending), dtype=np.float32)[:, None])
        assert cache.lookup("f", ending).vectors[:, 0].tolist() == list(range(len(ending)))


def hashed(text):
    return hashlib.sha256(text.encode()).digest()


class TestInterruption:
    def test_resumes_where_it_was_interrupted(self, tiny, tmp_path, monkeypatch):
        monkeypatch.setattr(text_encoder, "_STORED_AT_ONCE", 8)
        calls = []
        original = TextEncoder._batch_vectors

        def interrupted(self, *given):
            calls.append(1)
            if len(calls) == 6:
                raise KeyboardInterrupt
            return original(self, *given)

        monkeypatch.setattr(TextEncoder, "_batch_vectors", interrupted)
        with pytest.raises(KeyboardInterrupt):
            TextEncoder(tiny, cache=tmp_path, batch_tokens=16, n_threads=1).encode(TEXTS)
        kept = sum(len(read_segment(path).keys) for path in segments(tmp_path))
        assert 0 < kept < len(TEXTS)
        resumed = TextEncoder(tiny, cache=tmp_path).encode(TEXTS)
        np.testing.assert_array_equal(resumed, TextEncoder(tiny).encode(TEXTS))

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
        assert len(segments(tmp_path)) == 1
        cached = cache.lookup("f", [f"text {number}" for number in range(36)])
        assert cached.found.tolist() == [True] * 35 + [False]
        np.testing.assert_array_equal(cached.vectors[:35, 0], np.arange(35))

    def test_only_broken_files_do_not_merge(self, tmp_path):
        (tmp_path / "f").mkdir()
        for number in range(40):
            (tmp_path / "f" / f"{number}.arrow").write_bytes(b"no")
        EmbeddingCache(tmp_path).merge("f")
        assert EmbeddingCache(tmp_path).lookup("f", ["a"]).vectors.shape == (1, 0)

    def test_nothing_known(self, tmp_path):
        cached = EmbeddingCache(tmp_path / "none").lookup("f", ["a", "b"])
        assert cached.found.tolist() == [False, False]
        assert not (tmp_path / "none").exists()

    def test_shapes_must_agree(self, tmp_path):
        with pytest.raises(ShapeError, match="2 texts need"):
            EmbeddingCache(tmp_path).store("f", ["a", "b"], np.ones((3, 4), dtype=np.float32))

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
