"""Rounds of self-training, each in folds: what unlabelled texts are answered, and which of it is learned from."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from causalrec.embedding.classification import classification_scores
from causalrec.embedding.classification.labelled_texts import LabelledTexts
from causalrec.embedding.classification.scores import losses
from causalrec.embedding.few_labels.fitted_copies import TextModel, fitted_copy
from causalrec.embedding.few_labels.folds import calibrated, calibration
from causalrec.embedding.few_labels.neighbour_graph import spread
from causalrec.embedding.few_labels.rounds import Round

if TYPE_CHECKING:
    from scipy.sparse import csr_array

__all__ = ["Fits", "Teaching", "Texts", "round_fits", "summary", "teaching"]


@dataclass(frozen=True, slots=True, eq=False)
class Texts:
    """Labelled texts in folds, and unlabelled ones behind them.

    Attributes
    ----------
    labelled : LabelledTexts
    fold : int64, shape (n_labelled,)
    unlabelled : list of str
    graph : csr_array or None
        Of the labelled texts, then the unlabelled ones.
    """

    labelled: LabelledTexts
    fold: np.ndarray
    unlabelled: list[str]
    graph: csr_array | None

    @property
    def n_folds(self) -> int:
        """Chains beside the one of all labelled texts."""
        return int(self.fold.max()) + 1

    def seen(self, chain: int) -> np.ndarray:
        """Labelled texts whose label a chain learns from; the last chain sees all. Bool, shape (n_labelled,)."""
        return self.fold != chain


@dataclass(frozen=True, slots=True, eq=False)
class Fits:
    """One round: a fit a chain, and what it answers to all texts.

    Attributes
    ----------
    classifier : classifier
        Of the chain that sees all labels.
    answers : list of float64, shape (n_labelled + n_unlabelled, n_classes)
        Of each chain, not calibrated.
    temperature : float
        Of the answers to labels that were held out.
    held_out : float64, shape (n_labelled, n_classes)
        Calibrated answers to each labelled text by the chain that did not see its label.
    """

    classifier: Any
    answers: list[np.ndarray]
    temperature: float
    held_out: np.ndarray


@dataclass(frozen=True, slots=True, eq=False)
class Teaching:
    """Classes for unlabelled texts, one row a chain: int64 and bool, shape (n_chains, n_unlabelled).

    Attributes
    ----------
    target, taken : shape (n_chains, n_unlabelled)
    confidence : float
        Mean of the taken ones, in the chain that sees all labels.
    """

    target: np.ndarray
    taken: np.ndarray
    confidence: float


def round_fits(classifier: TextModel, texts: Texts, number: int, teaching: Teaching | None) -> Fits:
    """Fit each chain to its labelled texts and to what it was taught."""
    answers, fitted = [], None
    everything = [*texts.labelled.texts, *texts.unlabelled]
    for chain in range(texts.n_folds + 1):
        rows, targets = _lesson(texts, chain, teaching)
        fitted = fitted_copy(
            classifier, [everything[row] for row in rows], texts.labelled.classes[targets],
            f"round {number}, chain {chain}",
        )  # fmt: skip
        answers.append(np.asarray(fitted.predict_proba(everything), dtype=np.float64))
    held_out = _held_out(texts, answers)
    temperature = calibration(held_out, texts.labelled.targets)
    return Fits(fitted, answers, temperature, calibrated(held_out, temperature))


def teaching(texts: Texts, fits: Fits, threshold: float, spreading: float) -> Teaching:
    """Calibrated answers to unlabelled texts, smoothed over their neighbours; the sure ones are taken."""
    smooth = [_smoothed(texts, calibrated(one, fits.temperature), k, spreading) for k, one in enumerate(fits.answers)]
    temperature = calibration(_held_out(texts, smooth), texts.labelled.targets)
    sure = np.stack([calibrated(one[len(texts.fold) :], temperature) for one in smooth])
    confidence = sure.max(axis=2)
    taken = confidence >= threshold
    mean = float(confidence[-1][taken[-1]].mean()) if taken[-1].any() else float("nan")
    return Teaching(sure.argmax(axis=2), taken, mean)


def summary(texts: Texts, number: int, fits: Fits, taught: Teaching | None) -> Round:
    """What the round took and how good it is."""
    targets = texts.labelled.targets
    scores = classification_scores(fits.held_out, targets, texts.labelled.classes)
    n_taken, confidence = (0, float("nan")) if taught is None else (int(taught.taken[-1].sum()), taught.confidence)
    return Round(number, n_taken, confidence, scores, losses(fits.held_out, targets))


def _lesson(texts: Texts, chain: int, taught: Teaching | None) -> tuple[np.ndarray, np.ndarray]:
    """Rows that a chain learns from, and their classes."""
    rows = np.flatnonzero(texts.seen(chain))
    if taught is None:
        return rows, texts.labelled.targets[rows]
    more = np.flatnonzero(taught.taken[chain])
    targets = np.concatenate([texts.labelled.targets[rows], taught.target[chain][more]])
    return np.concatenate([rows, len(texts.fold) + more]), targets


def _smoothed(texts: Texts, answers: np.ndarray, chain: int, spreading: float) -> np.ndarray:
    """Answers spread over the neighbours; the labels that the chain sees are known."""
    if texts.graph is None:
        return answers
    known = np.flatnonzero(texts.seen(chain))
    given = answers.copy()
    given[known] = np.eye(answers.shape[1])[texts.labelled.targets[known]]
    return spread(texts.graph, given, spreading)


def _held_out(texts: Texts, answers: list[np.ndarray]) -> np.ndarray:
    """Each labelled text's answer by the chain that did not see its label."""
    rows = np.arange(len(texts.fold))
    return np.stack(answers[:-1])[texts.fold, rows]
