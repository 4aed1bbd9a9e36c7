"""Shares of right answers by number of labels, strategy by strategy, and what each gains over random texts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from causalrec.embedding.few_labels.crossed_gain import CrossedGain, crossed_gain

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["LearningCurve"]


@dataclass(frozen=True, slots=True, eq=False)
class LearningCurve:
    """Labelling simulated.

    Attributes
    ----------
    strategies : tuple of str
        "random" is the last.
    n_labels : int64, shape (n_points,)
    right : bool, shape (n_strategies, n_draws, n_points, n_test)
        Whether a test text was answered rightly.
    """

    strategies: tuple[str, ...]
    n_labels: np.ndarray
    right: np.ndarray

    @property
    def accuracy(self) -> np.ndarray:
        """Mean over draws and test texts; float64, shape (n_strategies, n_points)."""
        return self.right.mean(axis=(1, 3))

    def gain(self, strategy: str, n_labels: int | None = None) -> CrossedGain:
        """What a strategy gains in accuracy over random texts, paired by draw and test text.

        Parameters
        ----------
        strategy : str
        n_labels : int, optional
            Default: the mean over all points but the first, where nothing has been chosen yet.

        Raises
        ------
        DataError : a strategy or a number of labels that was not simulated.
        """
        from causalrec.training.ranges import check_choice

        check_choice("strategy", strategy, self.strategies[:-1])
        less = self.right[self.strategies.index(strategy)].astype(np.float64) - self.right[-1]
        if n_labels is None:
            return crossed_gain(less[:, 1:].mean(axis=1))
        check_choice("n_labels", n_labels, self.n_labels.tolist())
        return crossed_gain(less[:, int(np.flatnonzero(self.n_labels == n_labels)[0])])

    def __str__(self) -> str:
        n_draws, n_test = self.right.shape[1], self.right.shape[3]
        head = f"Accuracy, {n_draws} draws, {n_test:,} test texts; gain over random texts with its 95% interval"
        width = max(16, *(len(name) for name in self.strategies))
        columns = "  ".join(f"{name:>{width}}  {'gain':<26}" for name in self.strategies[:-1])
        lines = [head, f"labels  random  {columns}".rstrip()]
        for place, n in enumerate(self.n_labels.tolist()):
            cells = [f"{n:6,}  {self.accuracy[-1, place]:.4f}"]
            for name, value in zip(self.strategies[:-1], self.accuracy[:-1, place], strict=True):
                cells.append(f"{value:{width}.4f}  {_interval(self.gain(name, n)) if place else '':<26}")
            lines.append("  ".join(cells).rstrip())
        return "\n".join([*lines, *map(self.verdict, self.strategies[:-1])])

    def verdict(self, strategy: str) -> str:
        """Whether choosing helped, as a sentence."""
        gain = self.gain(strategy)
        return f"{strategy} {_said(gain)}: {_interval(gain)} on the average of the steps."

    def to_dict(self) -> dict[str, Any]:
        """JSON values; single answers are left out."""
        gains = {
            name: {"average": self.gain(name).to_dict(), "each": [self.gain(name, n).to_dict() for n in self._later]}
            for name in self.strategies[:-1]
        }
        return {
            "n_labels": self.n_labels.tolist(), "n_draws": self.right.shape[1], "n_test": self.right.shape[3],
            "accuracy": dict(zip(self.strategies, self.accuracy.tolist(), strict=True)), "gain": gains,
            "verdict": {name: self.verdict(name) for name in self.strategies[:-1]},
        }  # fmt: skip

    def draw(self, *, title: str | None = None) -> Figure:
        """The curves as a matplotlib figure; bars are the intervals of the gain, set upon the random curve."""
        from causalrec.charts.learning_curve import learning_curve_chart

        lower, upper = np.full((2, *self.accuracy.shape), np.nan)
        for row, name in enumerate(self.strategies[:-1]):
            for place, n in enumerate(self.n_labels.tolist()[1:], 1):
                gain, start = self.gain(name, n), self.accuracy[-1, place]
                lower[row, place], upper[row, place] = start + gain.lower, start + gain.upper
        said = "; ".join(f"{name} {_said(self.gain(name))}" for name in self.strategies[:-1])
        return learning_curve_chart(
            self.strategies, self.n_labels, self.accuracy, lower, upper, title=said if title is None else title
        )

    @property
    def _later(self) -> list[int]:
        return self.n_labels.tolist()[1:]


def _said(gain: CrossedGain) -> str:
    if gain.lower > 0:
        return "helps"
    return "is worse than random texts" if gain.upper < 0 else "shows no difference to random texts"


def _interval(gain: CrossedGain) -> str:
    return f"{gain.value:+.4f} ({gain.lower:+.4f} to {gain.upper:+.4f})"
