"""What a classifier's parameters come to on this machine, checked."""

from __future__ import annotations

from dataclasses import dataclass
from numbers import Integral, Real
from typing import TYPE_CHECKING, Any

from causalrec.embedding.precision import check_precision, has_native_bf16
from causalrec.errors import DataError
from causalrec.training import Optimisation
from causalrec.training.device import find_device
from causalrec.training.run_record import plain_values

if TYPE_CHECKING:
    from causalrec.embedding.classification.classifier import TextClassifier

__all__ = ["Plan", "identifying", "plan", "shown_parameters"]

_MONITORS = ("loss", "accuracy", "macro_f1")
_CLASS_WEIGHTS = (None, "balanced")

# Neither decides on the weights; the model counts by its files, not by its place.
_NOT_IDENTIFYING = {
    "model", "cache", "callbacks", "checkpoint_folder", "checkpoint_steps", "device", "n_threads", "n_epochs",
    "learning_rate",
}  # fmt: skip
_NOT_SHOWN = {"callbacks", "cache", "checkpoint_folder"}


@dataclass(frozen=True, slots=True)
class Plan:
    """Parameters with their defaults filled in.

    Attributes
    ----------
    settings : Optimisation
    batch_size : int
    is_frozen : bool
        Whether the head alone learns, from vectors.
    lora_rank : int or None
    device, precision : str
        "auto" no more.
    """

    settings: Optimisation
    batch_size: int
    is_frozen: bool
    lora_rank: int | None
    device: str
    precision: str


def plan(classifier: TextClassifier) -> Plan:
    """Check the parameters and fill in the defaults.

    Raises
    ------
    DataError : a parameter out of its range, or two that exclude each other.
    """
    for name in ("batch_size", "max_tokens", "checkpoint_steps"):
        _check_whole(name, getattr(classifier, name))
    _check_choice("monitor", classifier.monitor, _MONITORS)
    _check_choice("class_weight", classifier.class_weight, _CLASS_WEIGHTS)
    share = classifier.validation_share
    if isinstance(share, bool) or not isinstance(share, Real) or not 0 <= share < 1:
        raise DataError(f"validation_share is {share!r}; give a number of 0 or more and below 1.")
    if classifier.lora_rank is not None:
        _check_whole("lora_rank", classifier.lora_rank)
        if classifier.frozen_trunk:
            raise DataError("frozen_trunk and lora_rank exclude each other: adapters change what the trunk says.")
    device = find_device(classifier.device)
    precision = _precision(classifier.precision, device)
    return Plan(
        _settings(classifier), int(classifier.batch_size), bool(classifier.frozen_trunk), classifier.lora_rank, device,
        "fp32" if classifier.frozen_trunk else precision,
    )  # fmt: skip


def identifying(classifier: TextClassifier) -> dict[str, Any]:
    """Parameters that tell one run from another, as JSON values; those of the optimisation are told by the loop."""
    given = classifier.get_params()
    return plain_values({name: value for name, value in given.items() if name not in _NOT_IDENTIFYING})


def shown_parameters(classifier: TextClassifier) -> dict[str, Any]:
    """Parameters for a run's record, with the defaults filled in; JSON values."""
    settings = _settings(classifier)
    given = {name: value for name, value in classifier.get_params().items() if name not in _NOT_SHOWN}
    filled = {"model": str(classifier.model), "n_epochs": settings.n_epochs, "learning_rate": settings.learning_rate}
    return plain_values({**given, **filled})


def _settings(classifier: TextClassifier) -> Optimisation:
    frozen = classifier.frozen_trunk
    n_epochs = classifier.n_epochs if classifier.n_epochs is not None else (30 if frozen else 4)
    rate = 1e-3 if frozen else 1e-4 if classifier.lora_rank is None else 5e-4
    return Optimisation(
        n_epochs, rate if classifier.learning_rate is None else classifier.learning_rate, classifier.weight_decay,
        classifier.warmup, classifier.optimizer, monitor=classifier.monitor, patience=classifier.patience,
        random_state=classifier.random_state,
    )  # fmt: skip


def _precision(asked: str, device: str) -> str:
    check_precision(asked)
    if asked != "auto":
        return asked
    if device.startswith("cuda"):
        import torch

        return "bf16" if torch.cuda.is_bf16_supported() else "fp32"
    return "bf16" if device == "cpu" and has_native_bf16() else "fp32"


def _check_whole(name: str, value: object) -> None:
    if isinstance(value, bool) or not isinstance(value, Integral) or value < 1:
        raise DataError(f"{name} is {value!r}; give a whole number of 1 or more.")


def _check_choice(name: str, value: object, known: tuple[str | None, ...]) -> None:
    if value not in known:
        raise DataError(f"{name} is {value!r}; it is one of {', '.join(map(repr, known))}.")
