"""What a search found, and how far to trust it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from causalrec.embedding.classification.search.figure import Figure, is_better
from causalrec.embedding.classification.tuning.ways import told_tuning

if TYPE_CHECKING:
    from causalrec.embedding.classification.classifier import TextClassifier

__all__ = ["ParameterSearch", "SearchTrial"]


@dataclass(frozen=True, slots=True)
class SearchTrial:
    """One set of parameters, tried.

    Attributes
    ----------
    number : int
        From 1.
    parameters : dict
        What it took of the space.
    state : {"done", "pruned", "failed"}
    value : float or None
        The validation's figure at the best epoch; at the last one where it was pruned.
    n_epochs : int
        That it learned.
    seconds : float
    why : str
        What failed.
    """

    number: int
    parameters: Mapping[str, Any]
    state: str
    value: float | None
    n_epochs: int
    seconds: float
    why: str = ""


@dataclass(frozen=True, slots=True, eq=False)
class ParameterSearch:
    """All trials, and the best of them.

    Attributes
    ----------
    monitor : str
        Figure of the validation that was searched for.
    trials : tuple of SearchTrial
    best : SearchTrial
    classifier : TextClassifier
        Fitted with the best parameters, to the texts that the trials learned from.
    validation : Figure
        Of that classifier on the validation that chose it: too good.
    untouched : Figure or None
        Of it on the texts that no trial saw: honest.
    resumed : int
        Trials that the study's folder already held.
    """

    monitor: str
    trials: tuple[SearchTrial, ...]
    best: SearchTrial
    classifier: TextClassifier
    validation: Figure
    untouched: Figure | None
    resumed: int = 0

    @property
    def optimism(self) -> Figure | None:
        """How much better the validation's figure is than that of the untouched texts; above 0 is optimistic."""
        if self.untouched is None:
            return None
        sign = 1 if is_better(self.monitor, 1.0, 0.0) else -1
        value = sign * (self.validation.value - self.untouched.value)
        return Figure(value, (self.validation.stderr**2 + self.untouched.stderr**2) ** 0.5, self.untouched.n_texts)

    @property
    def warning(self) -> str:
        """What the best figure is worth."""
        n_done = sum(trial.state == "done" for trial in self.trials)
        said = (
            f"The validation's {self.monitor} of {self.validation} is the best of {n_done} trials on the texts that "
            "chose it: expect less of new texts."
        )
        if self.untouched is None or self.optimism is None:
            return f"{said} No texts were kept apart to say how much."
        return (
            f"{said} On {self.untouched.n_texts:,} texts that no trial saw it is {self.untouched}: "
            f"too good by {self.optimism}."
        )

    def __str__(self) -> str:
        names = list(self.best.parameters)
        rows = [["trial", *names, self.monitor, "epochs", "seconds", ""], *map(self._row, self.trials)]
        widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
        table = [
            "  ".join(f"{cell:>{width}}" for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows
        ]
        chosen = ", ".join(f"{name}={value!r}" for name, value in self.best.parameters.items())
        return "\n".join([*table, f"best: {chosen}", self.warning])

    def to_dict(self) -> dict[str, Any]:
        """JSON values."""
        figures = {"validation": self.validation, "untouched": self.untouched, "optimism": self.optimism}
        return {
            "monitor": self.monitor, "best": _told(self.best), "trials": [_told(trial) for trial in self.trials],
            "resumed": self.resumed, "warning": self.warning,
            **{name: None if figure is None else figure.to_dict() for name, figure in figures.items()},
        }  # fmt: skip

    def _row(self, trial: SearchTrial) -> list[str]:
        shown = [f"{value:.3g}" if isinstance(value, float) else str(value) for value in trial.parameters.values()]
        value = "" if trial.value is None else f"{trial.value:.4f}"
        mark = "best" if trial is self.best else "" if trial.state == "done" else trial.state
        return [str(trial.number), *shown, value, str(trial.n_epochs), f"{trial.seconds:.1f}", mark]


def _told(trial: SearchTrial) -> dict[str, Any]:
    tuned = {name: told_tuning(value) for name, value in trial.parameters.items() if name == "tuning"}
    return {
        "number": trial.number, "parameters": {**trial.parameters, **tuned}, "state": trial.state,
        "value": trial.value, "n_epochs": trial.n_epochs, "seconds": trial.seconds, "why": trial.why,
    }  # fmt: skip
