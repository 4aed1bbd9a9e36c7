"""A figure of answers with its standard error."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from causalrec.embedding.classification.calibration import softmax
from causalrec.embedding.classification.labelled_texts import class_indices
from causalrec.embedding.classification.scores import classification_scores, mean_stderr

if TYPE_CHECKING:
    from causalrec.embedding.classification.classifier import TextClassifier

__all__ = ["Figure", "figure_of", "is_better"]


@dataclass(frozen=True, slots=True)
class Figure:
    """A mean over texts, or a macro-F1.

    Attributes
    ----------
    value, stderr : float
    n_texts : int
    """

    value: float
    stderr: float
    n_texts: int

    def __str__(self) -> str:
        return f"{self.value:.4f} ± {self.stderr:.4f}"

    def to_dict(self) -> dict[str, Any]:
        """JSON values."""
        return asdict(self)


def is_better(monitor: str, first: float, second: float) -> bool:
    """Whether the first is better: less of a loss, more of the others."""
    return first < second if monitor == "loss" else first > second


def figure_of(classifier: TextClassifier, monitor: str, texts: Sequence[str], labels: Sequence[Any]) -> Figure:
    """What the validation calls `monitor`, of other texts: before calibration, as there."""
    logits = classifier.predict_logits(texts)
    targets = class_indices(labels, classifier.classes_, len(texts))
    if monitor == "loss":
        losses = -np.log(np.maximum(softmax(logits), np.finfo(float).tiny))[np.arange(len(targets)), targets]
        return Figure(float(losses.mean()), mean_stderr(losses), len(targets))
    scores = classification_scores(softmax(logits), targets, classifier.classes_)
    found = {
        "accuracy": (scores.accuracy, scores.accuracy_stderr), "macro_f1": (scores.macro_f1, scores.macro_f1_stderr)
    }  # fmt: skip
    return Figure(*found[monitor], len(targets))
