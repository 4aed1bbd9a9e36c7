"""What a classifier's parameters come to on this machine, checked."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from causalrec.embedding.classification.tuning.ways import (
    BottleneckAdapters,
    LoRA,
    PrefixTuning,
    PromptTuning,
    Tuning,
    check_tuning,
    told_tuning,
)
from causalrec.embedding.precision import learning_precision
from causalrec.training import Optimisation
from causalrec.training.callback import check_callbacks
from causalrec.training.device import find_device
from causalrec.training.ranges import check_choice, check_folder, check_number, check_whole
from causalrec.training.run_record import plain_values

if TYPE_CHECKING:
    from causalrec.embedding.classification.classifier import TextClassifier

__all__ = ["CLASS_WEIGHTS", "MONITORS", "Plan", "identifying", "plan", "shown_parameters"]

MONITORS = ("loss", "accuracy", "macro_f1")
CLASS_WEIGHTS = (None, "balanced")

# Neither decides on the weights; the model counts by its files, not by its place.
_NOT_IDENTIFYING = {
    "model", "cache", "callbacks", "checkpoint_folder", "checkpoint_steps", "device", "n_threads", "n_epochs",
    "learning_rate",
}  # fmt: skip
# Epochs and peak of the learning rate: few weights beside a frozen trunk move slowly.
_DEFAULTS: dict[str | type, tuple[int, float]] = {
    "full": (4, 1e-4), "frozen": (30, 1e-3), LoRA: (4, 5e-4), BottleneckAdapters: (4, 1e-3), PromptTuning: (8, 3e-3),
    PrefixTuning: (8, 3e-3),
}  # fmt: skip
_NOT_SHOWN = {"callbacks", "cache", "checkpoint_folder"}


@dataclass(frozen=True, slots=True)
class Plan:
    """Parameters with their defaults filled in.

    Attributes
    ----------
    settings : Optimisation
    batch_size : int
    tuning : "full", "frozen", LoRA, PromptTuning, PrefixTuning or BottleneckAdapters
    device, precision : str
        "auto" no more.
    """

    settings: Optimisation
    batch_size: int
    tuning: Tuning
    device: str
    precision: str

    @property
    def is_frozen(self) -> bool:
        """Whether the head alone learns, from vectors."""
        return isinstance(self.tuning, str) and self.tuning == "frozen"


def plan(classifier: TextClassifier) -> Plan:
    """Check the parameters and fill in the defaults.

    Raises
    ------
    DataError : a parameter out of its range.
    """
    for name in ("batch_size", "max_tokens", "checkpoint_steps"):
        check_whole(name, getattr(classifier, name))
    check_choice("monitor", classifier.monitor, MONITORS)
    check_choice("class_weight", classifier.class_weight, CLASS_WEIGHTS)
    check_number("validation_share", classifier.validation_share, below=1)
    check_tuning(classifier.tuning)
    check_folder("checkpoint_folder", classifier.checkpoint_folder)
    check_callbacks(classifier.callbacks)
    device = find_device(classifier.device)
    precision = learning_precision(classifier.precision, device)
    return Plan(
        _settings(classifier), int(classifier.batch_size), classifier.tuning, device,
        "fp32" if classifier.tuning == "frozen" else precision,
    )  # fmt: skip


def identifying(classifier: TextClassifier) -> dict[str, Any]:
    """Parameters that tell one run from another, as JSON values; those of the optimisation are told by the loop."""
    given = {**classifier.get_params(), "tuning": told_tuning(classifier.tuning)}
    return plain_values({name: value for name, value in given.items() if name not in _NOT_IDENTIFYING})


def shown_parameters(classifier: TextClassifier) -> dict[str, Any]:
    """Parameters for a run's record, with the defaults filled in; JSON values."""
    settings = _settings(classifier)
    given = {name: value for name, value in classifier.get_params().items() if name not in _NOT_SHOWN}
    filled = {"model": str(classifier.model), "n_epochs": settings.n_epochs, "learning_rate": settings.learning_rate}
    return plain_values({**given, **filled, "tuning": told_tuning(classifier.tuning)})


def _settings(classifier: TextClassifier) -> Optimisation:
    tuning = classifier.tuning
    n_epochs, rate = _DEFAULTS[tuning if isinstance(tuning, str) else type(tuning)]
    return Optimisation(
        n_epochs if classifier.n_epochs is None else classifier.n_epochs,
        rate if classifier.learning_rate is None else classifier.learning_rate,
        classifier.weight_decay, classifier.warmup, classifier.optimizer, monitor=classifier.monitor,
        patience=classifier.patience, random_state=classifier.random_state,
    )  # fmt: skip
