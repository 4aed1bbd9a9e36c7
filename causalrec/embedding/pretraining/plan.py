"""What the parameters of a pretraining come to on this machine, checked."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from causalrec.embedding.classification.network import weight_counts
from causalrec.embedding.fingerprint import model_fingerprint
from causalrec.embedding.parameters import NamedParameters
from causalrec.embedding.precision import learning_precision
from causalrec.embedding.pretraining.corpus import Corpus
from causalrec.threads import thread_count
from causalrec.training import Callback, Checkpoints, Learnable, Optimisation, RunRecord, Training, train
from causalrec.training.callback import check_callbacks
from causalrec.training.device import find_device
from causalrec.training.ranges import check_folder, check_number, check_whole
from causalrec.training.run_record import library_versions, plain_values

if TYPE_CHECKING:
    import torch

__all__ = ["Plan", "Pretraining", "plan", "run_record", "trained"]

# None decides on the weights; the model counts by its files, not by its place.
_NOT_IDENTIFYING = {
    "model", "callbacks", "checkpoint_folder", "checkpoint_steps", "device", "n_threads", "n_epochs", "learning_rate",
}  # fmt: skip
_NOT_SHOWN = {"callbacks", "checkpoint_folder"}


class Pretraining(NamedParameters):
    """The parameters that every pretraining has; each class lists them in its `__init__`."""

    model: str | os.PathLike[str]
    n_epochs: int
    learning_rate: float
    batch_size: int
    weight_decay: float
    warmup: float
    optimizer: str
    max_tokens: int
    precision: str
    validation_share: float
    patience: int | None
    checkpoint_folder: str | os.PathLike[str] | None
    checkpoint_steps: int
    callbacks: Sequence[Callback]
    device: str
    n_threads: int | None
    random_state: int


@dataclass(frozen=True, slots=True)
class Plan:
    """Checked parameters; "auto" no more."""

    settings: Optimisation
    device: str
    precision: str


def plan(pretraining: Pretraining) -> Plan:
    """Check the parameters and fill in the defaults.

    Raises
    ------
    DataError : a parameter out of its range.
    """
    for name in ("batch_size", "max_tokens", "checkpoint_steps"):
        check_whole(name, getattr(pretraining, name))
    check_number("validation_share", pretraining.validation_share, below=1)
    thread_count(pretraining.n_threads)
    check_folder("checkpoint_folder", pretraining.checkpoint_folder)
    check_callbacks(pretraining.callbacks)
    device = find_device(pretraining.device)
    return Plan(_settings(pretraining), device, learning_precision(pretraining.precision, device))


def trained(
    pretraining: Pretraining, task: Learnable, planned: Plan, folder: Path, data: Corpus, *, stage: str = "",
    settings: Optimisation | None = None,
) -> Training:  # fmt: skip
    """One run of the loop; the checkpoints of a stage have a folder of their own, and callbacks hear of the last."""
    identity = {
        **plain_values({k: v for k, v in pretraining.get_params().items() if k not in _NOT_IDENTIFYING}),
        "stage": stage, "model_files": model_fingerprint(folder, {}), "texts": data.digest(),
    }  # fmt: skip
    place = pretraining.checkpoint_folder
    checkpoints = None if place is None else Checkpoints(Path(place) / stage, pretraining.checkpoint_steps)
    return train(
        task, settings or planned.settings, device=planned.device, precision=planned.precision,
        n_threads=pretraining.n_threads, checkpoints=checkpoints, identity=identity,
        callbacks=() if settings else pretraining.callbacks,
    )  # fmt: skip


def run_record(
    pretraining: Pretraining, network: torch.nn.Module, planned: Plan, data: Corpus, training: Training
) -> RunRecord:
    """Of the last stage; told to the callbacks."""
    given = {name: value for name, value in pretraining.get_params().items() if name not in _NOT_SHOWN}
    record = RunRecord(
        type(pretraining).__name__, plain_values({**given, "model": str(pretraining.model)}), library_versions(),
        data.facts(), *weight_counts(network), planned.device, planned.precision, training.epochs,
        training.best_epoch, training.stopped_early, training.resumed,
    )  # fmt: skip
    for callback in pretraining.callbacks:
        callback.on_end(record)
    return record


def _settings(pretraining: Pretraining) -> Optimisation:
    return Optimisation(
        pretraining.n_epochs, pretraining.learning_rate, pretraining.weight_decay, pretraining.warmup,
        pretraining.optimizer, patience=pretraining.patience, random_state=pretraining.random_state,
    )  # fmt: skip
