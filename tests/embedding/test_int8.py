"""Vectors in int8: what they lose, and that runs agree."""

import numpy as np
import pytest

from causalrec.embedding import EmbeddingCache, TextEncoder, int8_loss
from causalrec.embedding.int8 import from_int8, to_int8
from causalrec.errors import DataError, ShapeError
from tests.datasets import need, place

from .test_cache import TEXTS, segments


def test_error_is_half_a_step_at_most():
    vectors = np.random.default_rng(0).normal(size=(200, 64)).astype(np.float32) * np.logspace(-3, 3, 200)[:, None]
    values, scales = to_int8(vectors.astype(np.float32))
    assert values.dtype == np.int8
    assert np.abs(values).max(axis=1).tolist() == [127] * 200
    assert (np.abs(from_int8(values, scales) - vectors) <= scales[:, None] * 0.5001).all()


def test_zeros_stay_zeros():
    assert not from_int8(*to_int8(np.zeros((2, 3), dtype=np.float32))).any()


def test_loss_by_hand():
    vectors = np.array([[1, 0], [0.9, 0.1], [0, 1], [0, 0]], dtype=np.float32)
    loss = int8_loss(vectors, n_neighbors=5)
    stored = from_int8(*to_int8(vectors[:3]))
    cosines = (stored * vectors[:3]).sum(1) / np.linalg.norm(stored, axis=1) / np.linalg.norm(vectors[:3], axis=1)
    assert loss.least_cosine == pytest.approx(cosines.min(), abs=1e-6)
    assert loss.mean_cosine == pytest.approx(cosines.mean(), abs=1e-6)
    assert (loss.n_texts, loss.n_neighbors, loss.neighbors_kept) == (3, 2, 1.0)
    assert loss.to_dict()["bytes_saved"] == 1 - 6 / 8


def test_neighbours_that_rounding_swaps_are_counted():
    near = np.linspace(0, 0.002, 40)  # angles that 127 levels cannot tell apart
    vectors = np.column_stack([np.cos(near), np.sin(near)]).astype(np.float32)
    assert int8_loss(vectors, n_neighbors=3).neighbors_kept < 0.7


def test_real_titles_keep_their_neighbours(minilm):
    need("ag_news/test.csv.gz")
    import pandas as pd

    titles = pd.read_csv(place() / "ag_news/test.csv.gz", header=None)[1][:600].tolist()
    loss = int8_loss(TextEncoder(minilm, max_tokens=16).encode(titles))
    assert loss.least_cosine > 0.9998
    assert loss.neighbors_kept > 0.98
    assert "less space" in str(loss)


def test_cache_in_int8_gives_the_same_from_the_first_run_on(tiny, tmp_path):
    first = TextEncoder(tiny, cache=EmbeddingCache(tmp_path, stored="int8")).encode([*TEXTS, None])
    again = TextEncoder(tiny, cache=EmbeddingCache(tmp_path, stored="int8")).encode([*TEXTS, None])
    np.testing.assert_array_equal(first, again)
    full = TextEncoder(tiny).encode([*TEXTS, None])
    np.testing.assert_array_equal(first[:-1], from_int8(*to_int8(full[:-1])))
    assert not np.array_equal(first, full)
    assert not first[-1].any()


def test_full_and_rounded_vectors_do_not_mix(tiny, tmp_path):
    rounded = TextEncoder(tiny, cache=EmbeddingCache(tmp_path, stored="int8")).encode(TEXTS)
    full = TextEncoder(tiny, cache=tmp_path).encode(TEXTS)
    assert not np.array_equal(rounded, full)
    np.testing.assert_array_equal(full, TextEncoder(tiny).encode(TEXTS))


def test_it_takes_a_third_of_the_space_and_merges(tmp_path):
    vectors = np.random.default_rng(0).normal(size=(4000, 256)).astype(np.float32)
    texts = [f"text {number}" for number in range(4000)]
    sizes = {}
    for stored in ("float32", "int8"):
        cache = EmbeddingCache(tmp_path / stored, stored=stored)
        for start in range(0, 4000, 100):
            cache.store("f", texts[start : start + 100], vectors[start : start + 100])
            cache.merge("f")
        assert len(segments(tmp_path / stored)) <= 32
        sizes[stored] = sum(path.stat().st_size for path in segments(tmp_path / stored))
        found = EmbeddingCache(tmp_path / stored).lookup("f", texts)
        assert found.found.all()
        expected = vectors if stored == "float32" else from_int8(*to_int8(vectors))
        np.testing.assert_array_equal(found.vectors, expected)
    assert sizes["int8"] < 0.34 * sizes["float32"]


@pytest.mark.parametrize(
    ("vectors", "n_neighbors", "error", "message"),
    [
        (np.ones(3), 1, ShapeError, "one row a text"),
        (np.ones((1, 3)), 1, ShapeError, "1 of 1 vectors"),
        (np.zeros((5, 3)), 1, ShapeError, "0 of 5 vectors"),
        (np.full((5, 3), np.nan), 1, DataError, "NaN"),
        (np.ones((5, 3)), 0, DataError, "n_neighbors is 0"),
        (np.ones((5, 3)), 2.5, DataError, "n_neighbors is 2.5"),
        (np.ones((5, 3)), "a", DataError, "n_neighbors is 'a'"),
    ],
)
def test_nothing_to_compare(vectors, n_neighbors, error, message):
    with pytest.raises(error, match=message):
        int8_loss(vectors, n_neighbors=n_neighbors)


def test_another_format_is_refused(tiny, tmp_path):
    with pytest.raises(DataError, match="stored is 'int4'"):
        TextEncoder(tiny, cache=EmbeddingCache(tmp_path, stored="int4")).encode(["milk"])
    with pytest.raises(DataError, match="stored is 'int4'"):
        EmbeddingCache(tmp_path, stored="int4").store("f", ["milk"], np.ones((1, 2), dtype=np.float32))
    assert not list(tmp_path.iterdir())
