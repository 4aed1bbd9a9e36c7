"""What the parameters of something that learns from pictures come to on this machine, checked."""

from __future__ import annotations

import os
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

from causalrec.embedding.pictures.augmentation import Augmentation
from causalrec.embedding.pictures.network import ResNetShape
from causalrec.embedding.precision import learning_precision
from causalrec.errors import DataError
from causalrec.training import Checkpoints, Optimisation
from causalrec.training.callback import check_callbacks
from causalrec.training.device import find_device
from causalrec.training.ranges import check_folder, check_number, check_whole
from causalrec.training.run_record import plain_values

if TYPE_CHECKING:
    from causalrec.embedding.pictures.classifier import PictureClassifier
    from causalrec.embedding.pictures.rotation_pretraining import RotationPretraining

    Learner: TypeAlias = PictureClassifier | RotationPretraining

__all__ = ["Plan", "identifying", "plan", "shown_parameters"]

# None of them decides on the weights; the model counts by its weights, and the loop tells of n_epochs and so on.
_NOT_IDENTIFYING = {"model", "callbacks", "checkpoint_folder", "checkpoint_steps", "device", "n_threads"}
_NOT_SHOWN = {"callbacks", "checkpoint_folder"}


@dataclass(frozen=True, slots=True)
class Plan:
    """Parameters of a run with "auto" resolved.

    Attributes
    ----------
    settings : Optimisation
    device, precision : str
    checkpoints : Checkpoints or None
    """

    settings: Optimisation
    device: str
    precision: str
    checkpoints: Checkpoints | None


def plan(learner: Learner, monitor: str = "loss") -> Plan:
    """Check the parameters that pretraining and classifiers share.

    Raises
    ------
    DataError : one out of its range.
    """
    for name in ("batch_size", "checkpoint_steps"):
        check_whole(name, getattr(learner, name))
    check_number("validation_share", learner.validation_share, below=1)
    if not isinstance(learner.augmentation, Augmentation):
        raise DataError(f"augmentation is {learner.augmentation!r}; give an Augmentation.")
    settings = Optimisation(
        learner.n_epochs, learner.learning_rate, learner.weight_decay, learner.warmup, learner.optimizer,
        monitor=monitor, patience=learner.patience, random_state=learner.random_state,
    )  # fmt: skip
    device = find_device(learner.device)
    return Plan(settings, device, learning_precision(learner.precision, device), _checkpoints(learner))


def identifying(learner: Learner) -> dict[str, Any]:
    """Parameters that tell one run from another, as JSON values."""
    return _told(learner, _NOT_IDENTIFYING)


def shown_parameters(learner: Learner) -> dict[str, Any]:
    """Parameters for a run's record; JSON values."""
    model = learner.model
    if isinstance(model, str | os.PathLike):
        shown: object = os.fspath(model)
    else:
        shown = asdict(model) if isinstance(model, ResNetShape) else "in memory"
    return {**_told(learner, _NOT_SHOWN | {"model"}), "model": shown}


def _told(learner: Learner, left_out: set[str]) -> dict[str, Any]:
    given = {name: value for name, value in learner.get_params().items() if name not in left_out}
    return plain_values({**given, "augmentation": asdict(learner.augmentation)})


def _checkpoints(learner: Learner) -> Checkpoints | None:
    folder = learner.checkpoint_folder
    check_folder("checkpoint_folder", folder)
    check_callbacks(learner.callbacks)
    return None if folder is None else Checkpoints(folder, learner.checkpoint_steps)
