"""Splits keep every class and keep equal texts together."""

import numpy as np
import pytest

from causalrec.embedding.classification.labelled_texts import labelled_texts, stratified_parts
from causalrec.errors import DataError, EstimationError

RNG = np.random.default_rng(0)
TEXTS = [f"text {k}" for k in RNG.integers(0, 300, 600)]
SAME_TEXT, ANOTHER_TEXT = 0, 2  # seeds with which the two classes give the same text to validate, and not
LABELS = ["rare" if int(text.split()[1]) < 6 else "common" if int(text.split()[1]) < 200 else "other" for text in TEXTS]


def test_each_class_gives_its_share():
    data = labelled_texts(TEXTS, LABELS)
    parts = stratified_parts(data, 0.1, 0)
    assert sorted([*parts.learning, *parts.validation]) == list(range(600))
    for target in range(3):
        held = {data.texts[row] for row in parts.validation if data.targets[row] == target}
        every = {data.texts[row] for row in range(600) if data.targets[row] == target}
        assert len(held) == max(1, round(0.1 * len(every)))


def test_equal_texts_stay_together():
    data = labelled_texts(TEXTS, LABELS)
    parts = stratified_parts(data, 0.3, 0)
    assert not {data.texts[row] for row in parts.learning} & {data.texts[row] for row in parts.validation}


def test_a_text_with_two_labels_is_not_learned_from_and_asked():
    texts = [f"text {k}" for k in range(40)]
    data = labelled_texts([*texts, *texts[:8]], [k % 2 for k in range(40)] + [(k + 1) % 2 for k in range(8)])
    for seed in range(20):
        parts = stratified_parts(data, 0.3, seed)
        assert not {data.texts[row] for row in parts.learning} & {data.texts[row] for row in parts.validation}


def test_a_class_that_would_be_held_out_whole_is_refused():
    data = labelled_texts(["a", "b", "a", "b"], [0, 0, 1, 1])
    assert len(stratified_parts(data, 0.5, SAME_TEXT).learning) == 2
    with pytest.raises(EstimationError, match="All texts of 0, 1 would validate"):
        stratified_parts(data, 0.5, ANOTHER_TEXT)


def test_order_and_seed():
    data, turned = labelled_texts(TEXTS, LABELS), labelled_texts(TEXTS[::-1], LABELS[::-1])
    assert data.digest() == turned.digest()
    first, again, other = (stratified_parts(data, 0.1, seed).validation for seed in (0, 0, 1))
    assert np.array_equal(first, again)
    assert not np.array_equal(first, other)


def test_other_labels_have_another_digest():
    assert labelled_texts(["a", "b"], [0, 1]).digest() != labelled_texts(["a", "b"], [1, 0]).digest()


def test_many_lonely_classes_are_counted():
    data = labelled_texts([f"t{k}" for k in range(8)], list(range(8)))
    with pytest.raises(EstimationError, match="Classes 0, 1, 2, 3, 4 and 3 others have each one distinct text"):
        stratified_parts(data, 0.1, 0)


@pytest.mark.parametrize("labels", [[["oil"], ["oil", "gas"]], [["oil"], ["gas"]], [{"oil"}, {"gas"}]])
def test_several_labels_a_text_are_refused(labels):
    with pytest.raises(DataError, match=r"Labels (are|of type) (list|set)"):
        labelled_texts(["oil rose", "gas fell"], labels)
