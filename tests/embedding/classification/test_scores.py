"""Scores agree with scikit-learn; standard errors with repeated samples."""

import numpy as np
import pytest
from sklearn.metrics import accuracy_score, confusion_matrix, f1_score, log_loss

from causalrec.embedding.classification import classification_scores, compare_scores
from causalrec.embedding.classification.calibration import calibration_error, fitted_temperature, softmax
from causalrec.errors import DataError, EstimationError, ShapeError

CLASSES = ["acq", "earn", "grain"]
SHARES = np.array([0.4, 0.5, 0.1])


def answers(n, seed, sharpness=1.5):
    """Logits that are right: the classes are drawn from softmax(logits)."""
    rng = np.random.default_rng(seed)
    logits = rng.normal(size=(n, 3)) * sharpness + np.log(SHARES)
    draws = (softmax(logits).cumsum(axis=1) < rng.random((n, 1))).sum(axis=1)
    return logits, draws


def test_scikit_learn_agrees():
    logits, targets = answers(500, 0)
    probabilities = softmax(logits)
    scores, chosen = classification_scores(probabilities, targets, CLASSES), probabilities.argmax(axis=1)
    assert scores.accuracy == accuracy_score(targets, chosen)
    assert scores.macro_f1 == pytest.approx(f1_score(targets, chosen, average="macro"), abs=1e-15)
    assert scores.f1 == pytest.approx(f1_score(targets, chosen, average=None), abs=1e-15)
    assert scores.log_loss == pytest.approx(log_loss(targets, probabilities), abs=1e-12)
    assert (scores.confusion == confusion_matrix(targets, chosen)).all()


def test_standard_errors_are_the_spread_of_repeated_samples():
    found = [classification_scores(softmax(logits), targets, CLASSES) for logits, targets in
             (answers(400, seed) for seed in range(400))]  # fmt: skip
    for name in ("accuracy", "macro_f1"):
        values = np.array([getattr(scores, name) for scores in found])
        stderr = np.mean([getattr(scores, f"{name}_stderr") for scores in found])
        assert stderr == pytest.approx(values.std(), rel=0.12)


def test_paired_differences_are_sharper_than_two_intervals():
    logits, targets = answers(2_000, 1)
    noisy = logits + np.random.default_rng(0).normal(size=logits.shape) * 0.3
    first, second = (classification_scores(softmax(found), targets, CLASSES) for found in (noisy, logits))
    gain = compare_scores(first, second)
    assert gain.accuracy == second.accuracy - first.accuracy
    assert gain.accuracy_stderr < 0.8 * np.hypot(first.accuracy_stderr, second.accuracy_stderr)
    assert gain.macro_f1_stderr < 0.8 * np.hypot(first.macro_f1_stderr, second.macro_f1_stderr)
    assert str(gain).startswith("accuracy  +")


def test_a_class_that_never_occurs_is_left_out():
    scores = classification_scores(np.eye(3)[[0, 1]], np.array([0, 1]), CLASSES)
    assert np.isnan(scores.f1[2])
    assert scores.macro_f1 == 1.0
    assert scores.to_dict()["f1"] == [1.0, 1.0, None]


def test_it_prints_the_confusions():
    logits, targets = answers(100, 2)
    lines = str(classification_scores(softmax(logits), targets, CLASSES)).splitlines()
    assert lines[0].startswith("accuracy 0.")
    assert len(lines) == 6


@pytest.mark.parametrize("factor", [0.25, 1.0, 3.0])
def test_the_temperature_is_found(factor):
    logits, targets = answers(20_000, 3)
    assert fitted_temperature(logits * factor, targets) == pytest.approx(factor, rel=0.05)
    repaired = softmax(logits * factor, fitted_temperature(logits * factor, targets))
    assert calibration_error(repaired, targets) < 0.01
    assert factor == 1.0 or calibration_error(softmax(logits * factor), targets) > 0.05


def test_few_right_answers_do_not_make_certain():
    temperature = fitted_temperature(np.eye(3)[[0, 1, 2, 0]] * 2, np.array([0, 1, 2, 0]))
    assert softmax(np.array([[2.0, 0, 0]]), temperature).max() < 0.9


def test_one_text_has_no_standard_error():
    one = classification_scores([[0.6, 0.2, 0.2]], [0], CLASSES)
    assert one.accuracy == 1
    assert np.isnan([one.accuracy_stderr, compare_scores(one, one).accuracy_stderr]).all()


@pytest.mark.parametrize("targets", [[0, 3], [-1, 0], [0.0, 1.0]])
def test_targets_that_are_no_classes(targets):
    with pytest.raises(DataError, match="from 0 to 2"):
        classification_scores(np.eye(3)[:2], np.array(targets), CLASSES)


@pytest.mark.parametrize(
    "probabilities", [[[-3.0, -5.0], [2.0, 1.0]], [[3.0, 5.0], [2.0, 1.0]], [[np.nan, 0.5], [0.2, 0.8]]]
)
def test_what_are_no_probabilities_is_refused(probabilities):
    """Logits would give a log loss below 0."""
    with pytest.raises(DataError, match="rows are no probabilities, row 0 first"):
        classification_scores(np.array(probabilities), np.array([0, 1]), ["acq", "earn"])


def test_what_does_not_fit():
    for targets in (np.array([[0], [1]]), 0):
        with pytest.raises(ShapeError, match="one whole number a text"):
            classification_scores(np.full((2, 2), 0.5), targets, ["acq", "earn"])
    with pytest.raises(ShapeError, match="table"):
        classification_scores(np.array([["a", "b"]]), np.array([0]), ["acq", "earn"])
    with pytest.raises(ShapeError, match=r"shape \(2, 3\), not \(3, 3\)"):
        classification_scores(np.eye(3), np.array([0, 1]), CLASSES)
    with pytest.raises(EstimationError, match="no texts to score"):
        classification_scores(np.zeros((0, 3)), np.array([], dtype=int), CLASSES)
    first, second = (classification_scores(np.eye(3)[rows], np.array(rows), CLASSES) for rows in ([0, 1], [0, 2]))
    with pytest.raises(ShapeError, match="same texts"):
        compare_scores(first, second)
