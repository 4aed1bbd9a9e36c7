"""Texts without labels: each once, blanks left out, a share held out."""

import numpy as np
import pytest

from causalrec.embedding.pretraining.corpus import corpus
from causalrec.errors import DataError, EstimationError

TEXTS = [f"oat milk {number}" for number in range(40)]


def test_each_text_counts_once_and_blanks_are_left_out():
    found = corpus([*TEXTS, *TEXTS[:7], None, " ", float("nan")], 0.25, 3)
    assert found.texts == sorted(TEXTS)
    assert (found.n_rows, found.n_blank) == (50, 3)
    assert len(found.validation) == 10
    assert sorted([*found.learning, *found.validation]) == list(range(40))


def test_order_and_repetition_change_nothing():
    one, other = corpus(TEXTS, 0.2, 1), corpus([*TEXTS[::-1], TEXTS[0]], 0.2, 1)
    assert one.texts == other.texts
    assert np.array_equal(one.validation, other.validation)
    assert one.digest() == other.digest() != corpus(TEXTS[1:], 0.2, 1).digest()
    assert not np.array_equal(one.validation, corpus(TEXTS, 0.2, 2).validation)


@pytest.mark.parametrize(
    ("texts", "share", "said"),
    [
        ([], 0.1, "there are no texts"),
        ([None, "", " \t"], 0.1, "all 3 texts are null or blank"),
        (["oat milk"] * 9, 0.0, "1 distinct texts are too few"),
        (["oat milk", "rice", "salt"], 0.1, "3 distinct texts are too few: at least two to learn from, and 2 to hold"),
        (["a", "b", "c", "d", "e"], 0.9, "too few"),
    ],
)
def test_too_few_are_refused(texts, share, said):
    with pytest.raises(EstimationError, match=said):
        corpus(texts, share, 0)


@pytest.mark.parametrize("texts", ["oat milk", [1, 2], {"a": 1}])
def test_what_is_no_column_of_texts_is_refused(texts):
    with pytest.raises(DataError):
        corpus(texts, 0.1, 0)
