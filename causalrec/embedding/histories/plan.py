"""What the parameters of a model of histories come to on this machine, checked."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from causalrec.embedding.precision import learning_precision
from causalrec.errors import DataError
from causalrec.training import Checkpoints, Optimisation
from causalrec.training.callback import check_callbacks
from causalrec.training.device import find_device
from causalrec.training.ranges import check_choice, check_folder, check_number, check_whole
from causalrec.training.run_record import plain_values

if TYPE_CHECKING:
    from causalrec.embedding.histories.history_model import HistoryModel

__all__ = ["OBJECTIVES", "Plan", "identifying", "plan", "shown_parameters"]

OBJECTIVES = ("next", "masked")
_SIZES = ("n_dimensions", "n_layers", "n_heads", "max_items", "batch_size", "checkpoint_steps")
# None of them decides on the weights; the loop tells of n_epochs and so on.
_NOT_IDENTIFYING = {"callbacks", "checkpoint_folder", "checkpoint_steps", "device", "n_threads"}
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


def plan(model: HistoryModel) -> Plan:
    """Check the parameters and fill in the defaults.

    Raises
    ------
    DataError : one out of its range.
    """
    check_choice("objective", model.objective, OBJECTIVES)
    for name in _SIZES:
        check_whole(name, getattr(model, name))
    if model.n_dimensions % model.n_heads:
        raise DataError(f"n_dimensions is {model.n_dimensions}, which {model.n_heads} n_heads do not divide.")
    check_number("mask_share", model.mask_share, above=0, below=1)
    check_number("dropout", model.dropout, below=1)
    check_number("validation_share", model.validation_share, below=1)
    if model.n_negatives is not None:
        check_whole("n_negatives", model.n_negatives)
    settings = Optimisation(
        model.n_epochs, model.learning_rate, model.weight_decay, model.warmup, patience=model.patience,
        random_state=model.random_state,
    )  # fmt: skip
    device = find_device(model.device)
    return Plan(settings, device, learning_precision(model.precision, device), _checkpoints(model))


def identifying(model: HistoryModel) -> dict[str, Any]:
    """Parameters that tell one run from another, as JSON values."""
    return _told(model, _NOT_IDENTIFYING)


def shown_parameters(model: HistoryModel) -> dict[str, Any]:
    """Parameters for a run's record and a saved folder; JSON values."""
    return _told(model, _NOT_SHOWN)


def _told(model: HistoryModel, left_out: set[str]) -> dict[str, Any]:
    return plain_values({name: value for name, value in model.get_params().items() if name not in left_out})


def _checkpoints(model: HistoryModel) -> Checkpoints | None:
    check_folder("checkpoint_folder", model.checkpoint_folder)
    check_callbacks(model.callbacks)
    folder = model.checkpoint_folder
    return None if folder is None else Checkpoints(folder, model.checkpoint_steps)
