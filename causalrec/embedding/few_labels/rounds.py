"""What each round of self-training took, and how good it was on labelled texts that it had not seen."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from causalrec.embedding.classification import ClassificationScores, compare_scores
from causalrec.embedding.classification.comparison import Z95, told_interval
from causalrec.embedding.classification.scores import mean_stderr

__all__ = ["MONITORS", "Round", "Rounds"]

MONITORS = {"loss": "log loss", "accuracy": "accuracy", "macro_f1": "macro-F1"}


@dataclass(frozen=True, slots=True, eq=False)
class Round:
    """One round; round 0 learns from labelled texts alone.

    Attributes
    ----------
    number : int
    n_taken : int
        Unlabelled texts that were learned from.
    confidence : float
        Mean calibrated probability of the classes that these were given; NaN where none was taken.
    held_out : ClassificationScores
        Of the labelled texts, each answered by a fit of its round that did not see it, calibrated.
    losses : float64, shape (n_labelled,)
        Negative logarithms of the true class's probability in these answers.
    """

    number: int
    n_taken: int
    confidence: float
    held_out: ClassificationScores
    losses: np.ndarray

    def figure(self, monitor: str) -> float:
        """The one that decides."""
        return float(self.losses.mean() if monitor == "loss" else getattr(self.held_out, monitor))

    def change(self, before: Round, monitor: str) -> tuple[float, float]:
        """Change of a figure since another round and its standard error, paired by text."""
        if monitor == "loss":
            less = self.losses - before.losses
            return float(less.mean()), mean_stderr(less)
        found = compare_scores(before.held_out, self.held_out)
        return float(getattr(found, monitor)), float(getattr(found, f"{monitor}_stderr"))

    def to_dict(self) -> dict[str, Any]:
        """JSON values."""
        sure = self.confidence if self.n_taken else None
        return {"number": self.number, "n_taken": self.n_taken, "confidence": sure, "held_out": self.held_out.to_dict()}


@dataclass(frozen=True, slots=True, eq=False)
class Rounds:
    """All rounds, and the one that was kept.

    Attributes
    ----------
    each : tuple of Round
    kept : int
        The number of the round whose classifier answers; 0 where unlabelled texts did not help.
    monitor : {"loss", "accuracy", "macro_f1"}
    n_labelled, n_unlabelled : int
        Distinct texts.
    """

    each: tuple[Round, ...]
    kept: int
    monitor: str
    n_labelled: int
    n_unlabelled: int

    def __iter__(self) -> Iterator[Round]:
        return iter(self.each)

    def __len__(self) -> int:
        return len(self.each)

    def __str__(self) -> str:
        lines = [
            f"{self.n_labelled:,} labelled texts, {self.n_unlabelled:,} without a label; scores of labels held out",
            f"round    taken  confidence  accuracy  log loss  change of {MONITORS[self.monitor]}",
        ]
        for one in self.each:
            sure, scores = f"{one.confidence:.3f}" if one.n_taken else "", one.held_out
            line = f"{one.number:5}  {one.n_taken:7,}  {sure:>10}  {scores.accuracy:8.4f}  {scores.log_loss:8.4f}"
            lines.append(f"{line}  {self._interval(one)}" if one.n_taken else line.rstrip())
        return "\n".join([*lines, self.verdict])

    @property
    def verdict(self) -> str:
        """Which round was kept, and why, as a sentence."""
        name, first, last = MONITORS[self.monitor], self.each[0], self.each[self.kept]
        if not any(one.n_taken for one in self.each):
            return "Round 0 is kept: no unlabelled text was answered surely enough to learn from."
        if not self.kept:
            return f"Round 0 is kept: unlabelled texts do not better the {name} of labels held out."
        change, stderr = last.change(first, self.monitor)
        sure = "" if abs(change) > Z95 * stderr else "; chance could bring as much"
        before, after = first.figure(self.monitor), last.figure(self.monitor)
        return f"Round {self.kept} is kept: {name} of labels held out {after:.4f} instead of {before:.4f}{sure}."

    def _interval(self, one: Round) -> str:
        return told_interval(*one.change(self.each[0], self.monitor))

    def to_dict(self) -> dict[str, Any]:
        """JSON values."""
        return {"each": [one.to_dict() for one in self.each], "kept": self.kept, "monitor": self.monitor,
                "n_labelled": self.n_labelled, "n_unlabelled": self.n_unlabelled, "verdict": self.verdict}  # fmt: skip
