"""Labelled texts in folds, and calibrated answers to those that a fit has not seen."""

from __future__ import annotations

import numpy as np

from causalrec.embedding.classification.calibration import fitted_temperature, softmax
from causalrec.embedding.classification.labelled_texts import LabelledTexts
from causalrec.errors import EstimationError

__all__ = ["calibrated", "calibration", "text_folds"]

_LEAST_TEXTS = 3  # one is held out, and a classifier that validates needs two
_LEAST = 1e-12


def text_folds(data: LabelledTexts, n_folds: int, random_state: int) -> np.ndarray:
    """A fold for each text, the classes spread over all of them; equal texts stay together.

    Returns
    -------
    int64, shape (n_texts,)

    Raises
    ------
    EstimationError : a class with fewer than three distinct texts, or one that a fold would hold out as a whole.
    """
    rng = np.random.default_rng(random_state)
    fold: dict[str, int] = {}
    for target, name in enumerate(data.classes.tolist()):
        texts = list(dict.fromkeys(data.texts[row] for row in np.flatnonzero(data.targets == target)))
        if len(texts) < _LEAST_TEXTS:
            raise EstimationError(
                f"Class {name!r} has {len(texts)} distinct labelled texts, and {_LEAST_TEXTS} is the least: some are "
                "held out to see whether unlabelled texts help. Label more of it, merge it or leave it out."
            )
        order, first = rng.permutation(len(texts)), int(rng.integers(n_folds))
        for place, k in enumerate(order):
            fold.setdefault(texts[k], (first + place) % n_folds)
        if len({fold[text] for text in texts}) < 2:
            raise EstimationError(
                f"Class {name!r} cannot be held out in parts: its {len(texts)} distinct texts have other labels too, "
                "and these put them into one fold. Give each text one label, or label more of this class."
            )
    return np.array([fold[text] for text in data.texts], dtype=np.int64)


def calibration(probabilities: np.ndarray, targets: np.ndarray) -> float:
    """The temperature that makes probabilities of texts that were held out mean what they say."""
    return fitted_temperature(_logits(probabilities), targets)


def calibrated(probabilities: np.ndarray, temperature: float) -> np.ndarray:
    """Probabilities at another temperature, rows of sum 1; float64, (n_texts, n_classes)."""
    return softmax(_logits(probabilities), temperature)


def _logits(probabilities: np.ndarray) -> np.ndarray:
    return np.log(np.maximum(probabilities, _LEAST))
