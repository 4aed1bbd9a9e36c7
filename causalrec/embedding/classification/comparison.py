"""Before and after: two classifiers on the same texts."""

from __future__ import annotations

from dataclasses import asdict, dataclass

import numpy as np

from causalrec.embedding.classification.scores import ClassificationScores, mean_stderr
from causalrec.errors import ShapeError

__all__ = ["Z95", "ScoreDifference", "compare_scores", "told_interval"]

Z95 = 1.959963984540054
"""Quantile .975 of the normal distribution."""


@dataclass(frozen=True, slots=True)
class ScoreDifference:
    """Second less first, on the same texts, with paired standard errors."""

    accuracy: float
    accuracy_stderr: float
    macro_f1: float
    macro_f1_stderr: float

    def __str__(self) -> str:
        return "\n".join(
            f"{name:<9} {told_interval(value, stderr)}"
            for name, value, stderr in (
                ("accuracy", self.accuracy, self.accuracy_stderr), ("macro-F1", self.macro_f1, self.macro_f1_stderr),
            )
        )  # fmt: skip

    def to_dict(self) -> dict[str, float]:
        """JSON values."""
        return asdict(self)


def compare_scores(first: ClassificationScores, second: ClassificationScores) -> ScoreDifference:
    """What the second classifier gains over the first, text by text.

    Raises
    ------
    ShapeError : scores of other texts or classes.
    """
    occurs = [scores.confusion.sum(axis=1) for scores in (first, second)]
    if first.n_texts != second.n_texts or not np.array_equal(first.classes, second.classes):
        raise ShapeError(f"Scores of {first.n_texts} and {second.n_texts} texts: compare answers on the same texts.")
    if not np.array_equal(*occurs):
        raise ShapeError("The true classes of the two differ: compare answers on the same texts, in the same order.")
    return ScoreDifference(
        second.accuracy - first.accuracy, mean_stderr(second.right - first.right),
        second.macro_f1 - first.macro_f1, mean_stderr(second.influence - first.influence),
    )  # fmt: skip


def told_interval(difference: float, stderr: float) -> str:
    """A difference and its 95% interval, to print."""
    return f"{difference:+.4f} (95% {difference - Z95 * stderr:+.4f} to {difference + Z95 * stderr:+.4f})"
