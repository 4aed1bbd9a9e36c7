"""Tokens to one vector, against sentence-transformers and by hand."""

import numpy as np
import pytest

from causalrec.embedding import TextEncoder
from causalrec.embedding.pooling import pooling, unit_length
from causalrec.errors import DataError

TEXTS = ["butter", "salted butter", "frozen pizza family size"]


def layers_by_hand(folder, tokens):
    import torch
    from transformers import AutoModel

    with torch.no_grad():
        model = AutoModel.from_pretrained(folder)
        found = model(torch.tensor([tokens]), output_hidden_states=True)
    return np.stack([layer[0].numpy() for layer in found.hidden_states])


def numbers(text, marks=True):
    from .conftest import WORDS

    inside = [4 + WORDS.index(word) for word in text.split()]
    return [2, *inside, 3] if marks else inside


@pytest.mark.parametrize("weights", [None, (0.0, 0.0, 1.0), (1.0, 2.0, 5.0)])
def test_weighted_layers_by_hand(tiny, weights):
    encoder = TextEncoder(tiny, pooling="weighted layers", layer_weights=weights, normalize=False, precision="fp32")
    share = np.array(weights or (0.0, 1.0, 1.0))
    for text, vector in zip(TEXTS, encoder.encode(TEXTS), strict=True):
        mixed = np.tensordot(share / share.sum(), layers_by_hand(tiny, numbers(text)), axes=1)
        np.testing.assert_allclose(vector, mixed.mean(axis=0), rtol=1e-4, atol=1e-5)


def test_weighted_layers_are_those_of_sentence_transformers(tiny):
    modules = pytest.importorskip("sentence_transformers.sentence_transformer.modules")
    import torch

    layers = [torch.tensor(layer[None]) for layer in layers_by_hand(tiny, numbers("frozen pizza family size"))]
    mixing = modules.WeightedLayerPooling(16, 2, layer_start=1, layer_weights=torch.tensor([2.0, 3.0]))
    with torch.no_grad():
        expected = mixing({"all_layer_embeddings": layers})["token_embeddings"][0].mean(dim=0).numpy()
    encoder = TextEncoder(tiny, pooling="weighted layers", layer_weights=[0, 2, 3], normalize=False, precision="fp32")
    np.testing.assert_allclose(encoder.encode(["frozen pizza family size"])[0], expected, rtol=1e-4, atol=1e-5)


def test_last_layer_alone_is_the_mean(tiny):
    mean = TextEncoder(tiny, precision="fp32").encode(TEXTS)
    mixed = TextEncoder(tiny, pooling="weighted layers", layer_weights=[0, 0, 1], precision="fp32").encode(TEXTS)
    np.testing.assert_array_equal(mixed, mean)


@pytest.mark.parametrize("name", ["mean", "last"])
def test_decoder_by_hand(decoder, name):
    encoder = TextEncoder(decoder, pooling=name, normalize=False, precision="fp32")
    for text, vector in zip(TEXTS, encoder.encode(TEXTS), strict=True):
        hidden = layers_by_hand(decoder, numbers(text, marks=False))[-1]
        np.testing.assert_allclose(vector, hidden[-1] if name == "last" else hidden.mean(axis=0), rtol=1e-4, atol=1e-5)


def test_decoder_reads_what_it_can(decoder):
    vectors = TextEncoder(decoder, pooling="last", max_tokens=500).encode(["milk " * 32, "milk " * 400, "", "!"])
    np.testing.assert_array_equal(vectors[0], vectors[1])
    assert not vectors[2].any()
    assert vectors[3].any()


def test_roberta_reads_two_tokens_less_than_its_positions(roberta):
    texts = ["milk " * 27 + "soup", "milk " * 27 + "soup butter", "milk " * 500]
    vectors = TextEncoder(roberta, max_tokens=500, precision="fp32").encode(texts)
    np.testing.assert_array_equal(vectors[0], vectors[1])
    assert np.isfinite(vectors).all()
    tokens = [2, *numbers("milk " * 27 + "soup", marks=False), 3]
    expected = layers_by_hand(roberta, tokens)[-1].mean(axis=0)
    np.testing.assert_allclose(vectors[0], expected / np.linalg.norm(expected), rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize(
    ("name", "weights", "message"),
    [
        ("weighted layers", [1, 1], "has 2 weights, and this model has 3 layers"),
        ("weighted layers", [1, -1, 1], "0 or more"),
        ("weighted layers", [0, 0, 0], "above 0"),
        ("weighted layers", [1, np.nan, 1], "0 or more"),
        ("weighted layers", [], "above 0"),
        ("weighted layers", ["a", 1, 1], "one number a layer"),
        ("weighted layers", 3, "one number a layer"),
        ("mean", [1, 1, 1], "belong to pooling='weighted layers'"),
    ],
)
def test_weights_that_cannot_be(tiny, name, weights, message):
    with pytest.raises(DataError, match=message):
        TextEncoder(tiny, pooling=name, layer_weights=weights, precision="fp32").encode(["milk"])


def test_other_names_are_refused():
    with pytest.raises(DataError, match="one of 'mean', 'cls', 'last', 'weighted layers'"):
        pooling("max")


def test_rows_of_zeros_stay():
    rows = np.array([[3.0, 4.0], [0.0, 0.0]], dtype=np.float32)
    np.testing.assert_array_equal(unit_length(rows), np.array([[0.6, 0.8], [0, 0]], dtype=np.float32))
