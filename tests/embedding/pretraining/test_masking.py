"""Whole words are hidden, special tokens never, at the stated shares."""

import numpy as np
import pytest

from causalrec.embedding.pretraining.masking import Masking, masking
from causalrec.embedding.pretraining.network import load_encoder
from causalrec.embedding.pretraining.tokens import TextTokens, read_tokens
from causalrec.errors import DataError
from tests.embedding.pretraining.conftest import SPECIAL, VOCABULARY, save_bert, save_tokenizer

N = 2000
MASK = SPECIAL.index("[MASK]")


@pytest.fixture(scope="module")
def read(trunk):
    transformer = load_encoder(trunk, 0)
    return transformer, lambda texts, most=32: read_tokens(transformer, texts, most)


def test_words_are_what_stands_between_spaces(read):
    _, tokens = read
    (text,) = tokens(["the salted buttermilk butters"])
    assert [VOCABULARY[k] for k in text.ids] == ["[CLS]", "the", "salted", "butter", "##milk", "butter", "##s", "[SEP]"]
    assert text.words.tolist() == [-1, 0, 1, 2, 2, 3, 3, -1]


def test_all_pieces_of_a_word_or_none_and_never_a_special_token(read):
    transformer, tokens = read
    (text,) = tokens(["the salted buttermilk butters [SEP] a salteds quince oat"])
    masks = masking(transformer.tokenizer, 0.4, "")
    shown = [VOCABULARY[k] for k in text.ids[text.words == -1]]
    assert shown == ["[CLS]", "[SEP]", "[UNK]", "[SEP]"]  # the marker in the text is a special token too
    for seed in range(200):
        found = masks.masked(text, [seed])
        hidden = set(found.places.tolist())
        for word in np.unique(text.words):
            pieces = set(np.flatnonzero(text.words == word).tolist())
            assert pieces <= hidden if word >= 0 and pieces & hidden else not pieces & hidden
        untouched = np.setdiff1d(np.arange(len(text.ids)), found.places)
        assert np.array_equal(found.ids[untouched], text.ids[untouched])
        assert np.array_equal(found.hidden, text.ids[found.places])


def test_shares_are_the_stated_ones():
    text = TextTokens(np.arange(100, 130), np.r_[-1, np.arange(28), -1])
    masks = Masking(0.15, 4, np.arange(1000, 2000))
    found = [masks.masked(text, [0, seed]) for seed in range(N)]
    n_hidden = np.array([len(one.places) for one in found])
    assert set(n_hidden) == {4, 5}  # 4.2 words
    assert n_hidden.mean() == pytest.approx(0.15 * 28, abs=4 * n_hidden.std() / np.sqrt(N))
    now = np.concatenate([one.ids[one.places] for one in found])
    kept = now == np.concatenate([one.hidden for one in found])
    for share, expected in (((now == 4).mean(), 0.8), ((now >= 1000).mean(), 0.1), (kept.mean(), 0.1)):
        assert share == pytest.approx(expected, abs=4 * np.sqrt(expected * (1 - expected) / len(now)))
    asked = np.bincount(np.concatenate([one.places for one in found]), minlength=30)[1:-1]
    assert asked.min() > 0.85 * asked.mean()  # every word alike


def test_a_short_text_has_one_word_hidden(read):
    transformer, tokens = read
    (text,) = tokens(["salted butter"])
    assert all(len(masking(transformer.tokenizer, 0.15, "").masked(text, [k]).places) == 1 for k in range(50))


def test_seeds_decide(read):
    transformer, tokens = read
    (text,) = tokens(["the salted butter the oat milk the motor oil"])
    masks = masking(transformer.tokenizer, 0.3, "")
    same = [masks.masked(text, [1, 2, 3]).ids.tolist() for _ in range(2)]
    assert same[0] == same[1]
    assert len({tuple(masks.masked(text, [1, epoch, 3]).ids.tolist()) for epoch in range(20)}) > 5


def test_replacements_are_ordinary_pieces(read):
    masks = masking(read[0].tokenizer, 0.15, "")
    assert not set(masks.ordinary.tolist()) & set(range(len(SPECIAL)))
    assert len(masks.ordinary) == len(VOCABULARY) - len(SPECIAL)
    assert masks.mask_id == MASK


def test_long_texts_are_cut(read):
    _, tokens = read
    (text,) = tokens(["oat milk " * 100_000], 7)
    assert [VOCABULARY[k] for k in text.ids] == ["[CLS]", "oat", "milk", "oat", "milk", "oat", "[SEP]"]


def test_bad_input_is_refused(read, tmp_path):
    _, tokens = read
    with pytest.raises(DataError, match="max_tokens is 2, and this model needs 2 for itself"):
        tokens(["oat milk"], 2)
    with pytest.raises(DataError, match=r"1 texts have no word that the model knows, '\\u200b' first"):
        tokens(["oat milk", "\u200b"])
    save_tokenizer(tmp_path, mask=False)
    save_bert(tmp_path)
    with pytest.raises(DataError, match="has no mask token"):
        masking(load_encoder(tmp_path, 0).tokenizer, 0.15, tmp_path)
