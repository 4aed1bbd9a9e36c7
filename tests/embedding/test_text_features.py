"""Embedding beside words: what the columns span, and what they depend on."""

import numpy as np
import pytest

from causalrec.embedding import Encoder, TextEncoder
from causalrec.embedding.crossed_components import crossed
from causalrec.embedding.text_features import TextFeatures
from causalrec.embedding.word_columns import common_words, word_components
from causalrec.errors import DataError, ShapeError

WORDS = np.array(["salted", "butter", "milk", "pizza", "frozen", "soup", "oil", "the", "organic", "large"])


def texts(n=200, seed=0):
    rng = np.random.default_rng(seed)
    return [" ".join(WORDS[rng.random(len(WORDS)) < 0.4]) for _ in range(n)]


class Lengths:
    def encode(self, texts):
        return np.array([[len(text), len(text) ** 2] for text in texts], dtype=np.float32)


def test_is_an_encoder():
    assert isinstance(TextFeatures(), Encoder)


def test_a_count_of_mentioned_things_is_linear_in_the_columns():
    given = texts()
    columns = TextFeatures(None, n_words=len(WORDS), n_components=0).encode(given).astype(float)
    mentioned = np.array([2.0 * ("butter" in text.split()) - ("oil" in text.split()) for text in given])
    rows = np.column_stack([np.ones(len(given)), columns])
    left = mentioned - rows @ np.linalg.lstsq(rows, mentioned, rcond=None)[0]
    np.testing.assert_allclose(left, 0, atol=1e-5)


def test_components_are_those_of_scikit_learn_s_tf_idf():
    from sklearn.feature_extraction.text import TfidfVectorizer

    given = texts()
    rows = TfidfVectorizer(sublinear_tf=True, token_pattern=r"(?u)\b\w+\b").fit_transform(given).toarray()
    found = word_components(given, 10)
    np.testing.assert_allclose(found @ found.T, rows @ rows.T, atol=1e-12)
    np.testing.assert_allclose(found.T @ found, np.diag(np.linalg.svd(rows)[1] ** 2), atol=1e-10)


def test_few_components_hold_nearly_as_much_as_the_leading_ones():
    rng = np.random.default_rng(1)
    given = [" ".join(f"w{k}" for k in rng.integers(0, 60, size=12)) for _ in range(300)]
    few, every = word_components(given, 5), word_components(given, 60)
    assert few.shape == (300, 5)
    assert 0.97 < (few**2).sum() / (every[:, :5] ** 2).sum() <= 1


def test_common_words_are_in_the_alphabets_order_and_a_word_of_all_texts_is_left_out():
    given = ["a milk", "a milk soup", "a oil", "a soup"]
    np.testing.assert_array_equal(common_words(given, 2), [[1, 0], [1, 1], [0, 0], [0, 1]])


def test_every_kind_has_the_same_total_variance_among_distinct_texts():
    given = sorted(set(texts()))
    found = TextFeatures(Lengths(), n_words=10, n_components=3, min_texts=1).encode(given).astype(float)
    for part in (found[:, :2], found[:, 2:12], found[:, 12:]):
        np.testing.assert_allclose(part.mean(axis=0), 0, atol=1e-6)
        assert part.var(axis=0).sum() == pytest.approx(1, abs=1e-5)


def test_order_and_repetition_change_nothing():
    given = texts()
    features = TextFeatures(Lengths(), n_components=4)
    first = features.encode(given)
    order = np.random.default_rng(3).permutation(len(given))
    np.testing.assert_array_equal(features.encode([given[k] for k in order]), first[order])
    np.testing.assert_array_equal(features.encode(given + given)[len(given) :], first)


def test_texts_without_words_have_columns_of_the_encoder_alone():
    found = TextFeatures(Lengths(), min_texts=1).encode(["...", "!", "?!"])
    assert found.shape == (3, 2)


def test_a_null_text_is_an_empty_one():
    found = TextFeatures(None, min_texts=1).encode([None, "milk", "", "soup"])
    np.testing.assert_array_equal(found[0], found[2])


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"n_words": -1}, "n_words is -1"),
        ({"n_components": 1.5}, "n_components is 1.5"),
        ({"min_texts": 0}, "min_texts is 0"),
        ({"n_words": 0, "n_components": 0}, "nothing to make columns of"),
    ],
)
def test_parameters_out_of_range_are_refused(options, message):
    with pytest.raises(DataError, match=message):
        TextFeatures(None, **options).encode(["milk"])


def test_no_words_at_all_are_refused():
    with pytest.raises(DataError, match="lower min_texts"):
        TextFeatures(None).encode(["...", "!"])


def test_an_encoder_that_gives_another_number_of_rows_is_refused():
    class Short:
        def encode(self, texts):
            return np.zeros((1, 3), dtype=np.float32)

    with pytest.raises(ShapeError, match="one row a text"):
        TextFeatures(Short()).encode(["milk", "soup"])


@pytest.mark.parametrize("named", [str, lambda folder: folder])
def test_a_model_by_name_or_folder_is_encoded_in_fp32(tiny, named):
    given = sorted(set(texts()))
    found = TextFeatures(named(tiny), n_words=0, n_components=0).encode(given)
    vectors = TextEncoder(tiny, precision="fp32").encode(given).astype(float)
    centred = vectors - vectors.mean(axis=0)
    np.testing.assert_allclose(found, centred / np.sqrt((centred**2).sum() / len(given)), atol=1e-6)


def test_no_texts_are_refused():
    with pytest.raises(DataError, match="no texts"):
        TextFeatures(Lengths()).encode([])


def test_a_product_of_what_the_encoder_says_is_linear_in_crossed_columns():
    given = sorted(set(texts()))
    vectors = Lengths().encode(given).astype(float)
    bent = ((vectors[:, 0] - vectors[:, 0].mean()) / vectors[:, 0].std()) ** 4  # a square of the second column
    left = []
    for n_crossed in (0, 2):
        columns = TextFeatures(Lengths(), n_words=0, n_components=0, n_crossed=n_crossed).encode(given).astype(float)
        rows = np.column_stack([np.ones(len(given)), columns])
        rows /= np.linalg.norm(rows, axis=0)
        left.append((bent - rows @ np.linalg.lstsq(rows, bent, rcond=None)[0]).std() / bent.std())
    assert left[0] > 0.1
    assert left[1] < 0.01
    assert columns.shape[1] == 2 + 3


def test_crossed_components_are_pair_products_in_any_order_of_the_texts():
    rng = np.random.default_rng(0)
    vectors = rng.normal(size=(50, 4)) * [4, 3, 2, 1]
    found = crossed(vectors, 2)
    left, values, _ = np.linalg.svd(vectors - vectors.mean(axis=0), full_matrices=False)
    first, second = (left * values)[:, :2].T
    np.testing.assert_allclose(np.abs(found), np.abs(np.column_stack([first**2, first * second, second**2])))
    order = rng.permutation(50)
    np.testing.assert_allclose(crossed(vectors[order], 2), found[order], atol=1e-9)
    assert crossed(vectors, 9).shape == (50, 10)
    assert crossed(np.ones((5, 3)), 2).shape == (5, 0)


def test_crossing_without_an_encoder_is_refused():
    with pytest.raises(DataError, match="n_crossed=4 crosses components of an encoder's vectors"):
        TextFeatures(None, n_crossed=4).encode(texts())
    with pytest.raises(DataError, match="n_crossed"):
        TextFeatures(Lengths(), n_crossed=-1).encode(texts())
