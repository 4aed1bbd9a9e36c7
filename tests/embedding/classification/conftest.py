"""Shelves of a shop that a tiny model can learn from their words."""

import numpy as np
import pytest

SHELVES = {
    "dairy": ["salted butter", "butter milk", "milk"],
    "frozen": ["frozen pizza", "frozen", "pizza"],
    "soup": ["chicken noodle soup", "noodle soup", "soup crackers"],
}
FILLERS = ["the", "a", "of", "ounce"]


def shelf_texts(n, seed=0, classes=tuple(SHELVES)):
    """Texts of random words around one that tells the shelf, and their shelves."""
    rng = np.random.default_rng(seed)
    labels = rng.choice(classes, n, p=np.array([3, 2, 1][: len(classes)]) / sum([3, 2, 1][: len(classes)]))
    texts = []
    for label in labels:
        around = list(rng.choice(FILLERS, rng.integers(0, 3)))
        around.insert(int(rng.integers(0, len(around) + 1)), str(rng.choice(SHELVES[label])))
        texts.append(" ".join(around))
    return texts, labels.tolist()


@pytest.fixture(scope="session")
def shelves():
    return shelf_texts


@pytest.fixture(scope="session")
def learned(tiny):
    """A classifier of shelves that the tests only ask."""
    from causalrec.embedding.classification import TextClassifier

    texts, labels = shelf_texts(240)
    return TextClassifier(tiny, n_epochs=15, learning_rate=1e-2, n_threads=1, precision="fp32").fit(texts, labels)
