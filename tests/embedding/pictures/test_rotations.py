"""Turns are numpy's own, and their scores are computed by hand."""

import numpy as np
import torch

from causalrec.embedding.pictures.rotations import rotation_scores, turned


def test_turns_are_exact():
    pictures = np.random.default_rng(0).integers(0, 256, (3, 7, 7, 3), dtype=np.uint8)
    found = turned(torch.from_numpy(pictures).permute(0, 3, 1, 2)).permute(0, 2, 3, 1).numpy()
    expected = np.concatenate([np.rot90(pictures, quarter, axes=(1, 2)) for quarter in range(4)])
    assert np.array_equal(found, expected)


def test_four_quarter_turns_are_none():
    pictures = torch.arange(75.0).view(1, 3, 5, 5)
    once = turned(pictures)[1:2]
    for _ in range(3):
        once = turned(once)[1:2]
    assert torch.equal(once, pictures)


def test_scores_by_hand():
    # The first picture is told in all turns, the second in two of four.
    scores = rotation_scores(np.array([[0, 0], [1, 3], [2, 0], [3, 3]]))
    assert (scores.n_pictures, scores.accuracy) == (2, 0.75)
    assert np.isclose(scores.accuracy_stderr, np.std([1.0, 0.5], ddof=1) / np.sqrt(2))
    assert scores.confusion.tolist() == [[2, 0, 0, 0], [0, 1, 0, 1], [1, 0, 1, 0], [0, 0, 0, 2]]
    assert "180 degrees told as 0 1, 180 1" in str(scores)
    assert scores.to_dict()["accuracy"] == 0.75


def test_one_picture_has_no_standard_error():
    assert np.isnan(rotation_scores(np.array([[0], [1], [2], [3]])).accuracy_stderr)
