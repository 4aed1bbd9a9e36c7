"""How good a classifier's answers are, with standard errors."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from causalrec.embedding.classification.calibration import calibration_error
from causalrec.embedding.classification.probabilities import check_probabilities
from causalrec.errors import DataError, EstimationError, ShapeError

__all__ = ["ClassificationScores", "classification_scores", "confusion_counts", "f1_scores", "losses", "mean_stderr"]


@dataclass(frozen=True, slots=True, eq=False)
class ClassificationScores:
    """Answers held against true classes.

    Attributes
    ----------
    classes : shape (n_classes,)
    confusion : int64, shape (n_classes, n_classes)
        Rows are the true classes, columns the chosen ones.
    accuracy, accuracy_stderr : float
        Share of right answers.
    macro_f1, macro_f1_stderr : float
        Mean of the classes' F1; the standard error by the delta method. A class that neither occurs nor is chosen
        is left out.
    f1 : float64, shape (n_classes,)
        NaN where a class neither occurs nor is chosen.
    log_loss : float
        In nats.
    calibration_error : float
        Expected, of the chosen class, in [0, 1].
    right, influence : float64, shape (n_texts,)
        What each text adds to the accuracy, and to the macro-F1's error: for paired comparisons.
    """

    classes: np.ndarray
    confusion: np.ndarray
    accuracy: float
    accuracy_stderr: float
    macro_f1: float
    macro_f1_stderr: float
    f1: np.ndarray
    log_loss: float
    calibration_error: float
    right: np.ndarray
    influence: np.ndarray

    @property
    def n_texts(self) -> int:
        """How many texts were asked."""
        return len(self.right)

    def __str__(self) -> str:
        width = max(len("class"), *(len(str(name)) for name in self.classes))
        lines = [
            f"accuracy {self.accuracy:.4f} ± {self.accuracy_stderr:.4f}, macro-F1 {self.macro_f1:.4f} ± "
            f"{self.macro_f1_stderr:.4f} ({self.n_texts:,} texts, ± one standard error)",
            f"log loss {self.log_loss:.4f}, calibration error {self.calibration_error:.4f}",
            f"{'class':<{width}}      F1   texts  chosen as",
        ]
        for name, f1, row in zip(self.classes, self.f1, self.confusion, strict=True):
            chosen = sorted(((n, str(other)) for n, other in zip(row, self.classes, strict=True) if n), reverse=True)
            shown = ", ".join(f"{other} {n:,}" for n, other in chosen[:4])
            lines.append(f"{name!s:<{width}}  {f1:6.4f}  {row.sum():6,}  {shown}")
        return "\n".join(lines)

    def to_dict(self) -> dict[str, Any]:
        """JSON values; what each text adds is left out."""
        single = ("accuracy", "accuracy_stderr", "macro_f1", "macro_f1_stderr", "log_loss", "calibration_error")
        f1 = [None if np.isnan(value) else float(value) for value in self.f1]
        return {
            "n_texts": self.n_texts, "classes": self.classes.tolist(), "confusion": self.confusion.tolist(), "f1": f1,
            **{name: getattr(self, name) for name in single},
        }  # fmt: skip


def classification_scores(
    probabilities: np.ndarray, targets: np.ndarray, classes: Sequence[Any] | np.ndarray
) -> ClassificationScores:
    """Hold probabilities against true classes; the answer is the class of largest probability.

    Parameters
    ----------
    probabilities : float, shape (n_texts, n_classes)
        Two classes or more, rows of sum 1.
    targets : int, shape (n_texts,)
        Position of the true class in `classes`.
    classes : sequence, length n_classes

    Raises
    ------
    ShapeError : arrays that do not fit each other.
    EstimationError : no texts.
    DataError : targets that are no positions of classes, or rows that are no probabilities.

    Examples
    --------
    >>> scores = classification_scores(np.eye(2)[[0, 1, 1, 1]], np.array([0, 1, 1, 0]), ["acq", "earn"])
    >>> scores.accuracy, round(scores.macro_f1, 4)
    (0.75, 0.7333)
    """
    probabilities, targets, n_classes = np.asarray(probabilities), np.asarray(targets), len(classes)
    if targets.ndim != 1:
        raise ShapeError(f"targets has the shape {targets.shape}; give one whole number a text.")
    if probabilities.shape != (len(targets), n_classes):
        raise ShapeError(
            f"{len(targets)} texts of {n_classes} classes need probabilities of shape ({len(targets)}, {n_classes}), "
            f"not {probabilities.shape}."
        )
    if not len(targets):
        raise EstimationError("There are no texts to score: give at least one.")
    if targets.dtype.kind not in "iu" or targets.min() < 0 or targets.max() >= n_classes:
        raise DataError(f"targets are positions of the {n_classes} classes: whole numbers from 0 to {n_classes - 1}.")
    probabilities = check_probabilities(probabilities)
    chosen = probabilities.argmax(axis=1)
    right = (chosen == targets).astype(np.float64)
    confusion = confusion_counts(chosen, targets, n_classes)
    f1 = f1_scores(confusion)
    influence = _macro_f1_influence(chosen, targets, f1, confusion)
    return ClassificationScores(
        np.asarray(classes), confusion, float(right.mean()), mean_stderr(right), float(np.nanmean(f1)),
        mean_stderr(influence), f1, float(losses(probabilities, targets).mean()),
        calibration_error(probabilities, targets), right, influence,
    )  # fmt: skip


def confusion_counts(chosen: np.ndarray, targets: np.ndarray, n_classes: int) -> np.ndarray:
    """Texts of each true class (rows) that got each answer (columns); int64, shape (n_classes, n_classes)."""
    return np.bincount(targets * n_classes + chosen, minlength=n_classes**2).reshape(n_classes, n_classes)


def f1_scores(confusion: np.ndarray) -> np.ndarray:
    """2 hits / (occurrences + choices) of each class; NaN where both are 0."""
    total = confusion.sum(axis=0) + confusion.sum(axis=1)
    with np.errstate(invalid="ignore"):
        return np.where(total > 0, 2 * np.diag(confusion) / np.maximum(total, 1), np.nan)


def _macro_f1_influence(chosen: np.ndarray, targets: np.ndarray, f1: np.ndarray, confusion: np.ndarray) -> np.ndarray:
    """Influence of each text on the macro-F1, mean 0: each F1 is a ratio of two means over texts."""
    total = confusion.sum(axis=0) + confusion.sum(axis=1)
    known = total > 0
    weight = np.where(known, len(targets) / np.maximum(total, 1), 0.0) / known.sum()
    value = np.where(known, np.nan_to_num(f1), 0.0)
    hit = chosen == targets
    # A class's numerator counts 2 for a hit, its denominator 1 where it occurs and 1 where it is chosen.
    return (
        2 * hit * weight[targets] - value[targets] * weight[targets] - value[chosen] * weight[chosen]
    )  # fmt: skip


def losses(probabilities: np.ndarray, targets: np.ndarray) -> np.ndarray:
    """Negative logarithm of the true class's probability, text by text, in nats; float64, shape (n_texts,)."""
    return -np.log(np.maximum(probabilities[np.arange(len(targets)), targets], np.finfo(np.float64).tiny))


def mean_stderr(values: np.ndarray) -> float:
    """Standard error of a mean over texts; NaN for one text."""
    n = len(values)
    return float(values.std(ddof=1) / np.sqrt(n)) if n > 1 else float("nan")
