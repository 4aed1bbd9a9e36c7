"""Two shelves whose texts share no word, most of which a few labelled texts do not show."""

import numpy as np
import pytest

N_WORDS = 60  # of each shelf
SHELVES = ("dairy", "garden")


class Words:
    """An encoder: how often each word of the two shelves occurs."""

    def encode(self, texts):
        from sklearn.feature_extraction.text import CountVectorizer

        every = [f"{shelf}{k}" for shelf in SHELVES for k in range(N_WORDS)]
        return CountVectorizer(vocabulary=every).transform(list(texts)).toarray().astype(np.float32)


def shelf_texts(n, seed, shelves=SHELVES, n_words=4):
    """n texts of a few words, all from one shelf each, and the shelves."""
    rng = np.random.default_rng(seed)
    labels = np.array(shelves)[np.arange(n) % len(shelves)]
    return [" ".join(f"{label}{k}" for k in rng.integers(N_WORDS, size=n_words)) for label in labels], labels.tolist()


def mixed_texts(n, seed):
    """Texts of another kind: the words of both shelves, and one that stands for either."""
    rng = np.random.default_rng(seed)
    return [
        " ".join([f"dairy{k}" for k in rng.integers(N_WORDS, size=4)] + [f"garden{k}" for k in rng.integers(8, size=3)])
        for _ in range(n)
    ]


def word_classifier():
    from sklearn.feature_extraction.text import CountVectorizer
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline

    return make_pipeline(CountVectorizer(), LogisticRegression(C=10.0))


@pytest.fixture
def texts_of():
    return shelf_texts


@pytest.fixture
def texts_of_another_kind():
    return mixed_texts


@pytest.fixture
def classifier():
    return word_classifier()


@pytest.fixture
def words():
    return Words()
