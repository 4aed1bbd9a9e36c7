"""The loop: steps, validation, early stopping, checkpoints."""

from __future__ import annotations

import math
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Protocol

import numpy as np

from causalrec.errors import DataError, EstimationError
from causalrec.progress import progress
from causalrec.threads import limit_threads
from causalrec.training.callback import Callback
from causalrec.training.checkpoints import Checkpoints
from causalrec.training.device import autocast
from causalrec.training.optimisation import Optimisation, build_optimizer, step_size
from causalrec.training.run_record import Epoch, plain_values
from causalrec.training.run_state import Position, learned_weights, packed, restore_weights, unpack

if TYPE_CHECKING:
    import torch

__all__ = ["Learnable", "Training", "train"]


class Learnable(Protocol):
    """What a network learns from."""

    module: torch.nn.Module

    def batches(self, epoch: int) -> Sequence[np.ndarray]:
        """Rows of each batch of an epoch, numbered from 0; the same whenever it is asked, their number always."""
        ...

    def loss(self, rows: np.ndarray) -> torch.Tensor:
        """Mean loss of these rows, on the module's device."""
        ...

    def validate(self) -> Mapping[str, float]:
        """Figures of rows that are not learned from; empty where there are none."""
        ...


@dataclass(frozen=True, slots=True)
class Training:
    """How a run went; the module holds the weights of the best epoch.

    Attributes
    ----------
    epochs : tuple of Epoch
    best_epoch : int
        From 1; the last one without a validation.
    stopped_early : bool
    resumed : tuple of int
        Steps at which the run went on from a checkpoint.
    """

    epochs: tuple[Epoch, ...]
    best_epoch: int
    stopped_early: bool
    resumed: tuple[int, ...]


def train(
    task: Learnable, settings: Optimisation, *, device: str = "cpu", precision: str = "fp32",
    n_threads: int | None = None, checkpoints: Checkpoints | None = None,
    identity: Mapping[str, object] | None = None, callbacks: Sequence[Callback] = (),
) -> Training:  # fmt: skip
    """Let a network learn; where `checkpoints` hold the beginning of this run, go on from there.

    A run that was killed and resumed ends with the same bits as one that was not, on the same machine with the same
    number of threads. The caller's random numbers are left as they are.

    Parameters
    ----------
    task : Learnable
    settings : Optimisation
    device, precision : str
        "fp32" or "bf16": the latter for matrix products alone.
    n_threads : int, optional
        Default: all cores that this process may use.
    checkpoints : Checkpoints, optional
    identity : mapping, optional
        JSON values that tell this run from others, besides `settings`.
    callbacks : sequence of Callback

    Raises
    ------
    EstimationError : the loss is not finite.
    DataError : `checkpoints` hold another run, or the validation lacks the figure to monitor.
    OutputError : a checkpoint cannot be written.
    """
    import torch

    task.module.to(device)
    devices = [torch.device(device)] if torch.device(device).type == "cuda" else []
    with limit_threads(n_threads), torch.random.fork_rng(devices=devices):
        torch.manual_seed(settings.random_state)
        told = {**plain_values(asdict(settings)), **(identity or {})}
        run = _Run(task, settings, device, precision, checkpoints, told, callbacks)
        return run.done()


class _Run:
    """One run from wherever it stands to its end."""

    def __init__(
        self, task: Learnable, settings: Optimisation, device: str, precision: str, checkpoints: Checkpoints | None,
        identity: Mapping[str, object], callbacks: Sequence[Callback],
    ):  # fmt: skip
        self.task, self.settings, self.device, self.precision = task, settings, device, precision
        self.checkpoints, self.identity, self.callbacks = checkpoints, identity, callbacks
        self.optimizer = build_optimizer(task.module, settings)
        self.position = Position()
        self.best: dict[str, torch.Tensor] = {}
        if checkpoints and (found := checkpoints.latest(identity)):
            self.position, self.best = unpack(found, task.module, self.optimizer)
            self.position.resumed.append(self.position.step)

    def done(self) -> Training:
        for callback in self.callbacks:
            callback.on_start(self.identity)
        position = self.position
        while not position.over:
            self._epoch(len(position.epochs))
        if self.best:
            restore_weights(self.task.module, self.best)
        self.task.module.eval()
        early = bool(len(position.epochs) < self.settings.n_epochs)
        return Training(tuple(position.epochs), position.best_epoch, early, tuple(position.resumed))

    def _epoch(self, number: int) -> None:
        batches = self.task.batches(number)
        n_steps = len(batches) * self.settings.n_epochs
        self.task.module.train()
        left = batches[self.position.n_batches :]
        for rows in progress(left, f"epoch {number + 1} of {self.settings.n_epochs}", total=len(left)):
            with self._clock():
                self._step(rows, n_steps)
            if self.position.n_batches < len(batches):  # the end of the epoch writes its own
                self._write_if_due()
        self._close(number)
        self._write()
        for callback in self.callbacks:
            callback.on_epoch(self.position.epochs[-1])

    def _step(self, rows: np.ndarray, n_steps: int) -> None:
        import torch

        position, rate = self.position, step_size(self.position.step, n_steps, self.settings)
        for group in self.optimizer.param_groups:
            group["lr"] = rate
        self.optimizer.zero_grad(set_to_none=True)
        with autocast(self.device, self.precision):
            loss = self.task.loss(rows)
        value = float(loss.detach())
        if not math.isfinite(value):
            raise EstimationError(
                f"The loss is {value} at step {position.step + 1}: a learning_rate of {self.settings.learning_rate:g} "
                "is too much for these weights, or their files are broken. Give a smaller one."
            )
        loss.backward()
        learning = [weight for group in self.optimizer.param_groups for weight in group["params"]]
        torch.nn.utils.clip_grad_norm_(learning, self.settings.max_gradient)
        self.optimizer.step()
        position.step += 1
        position.n_batches += 1
        position.loss_sum += value * len(rows)
        position.n_rows += len(rows)
        for callback in self.callbacks:
            callback.on_step(position.step, value, rate)

    def _close(self, number: int) -> None:
        """Validate, keep the weights where they are the best so far, and turn to the next epoch."""
        import torch

        position = self.position
        self.task.module.eval()
        with self._clock(), torch.inference_mode(), autocast(self.device, self.precision):
            figures = {name: float(value) for name, value in self.task.validate().items()}
        position.epochs.append(
            Epoch(number + 1, position.loss_sum / position.n_rows, figures, position.seconds, position.cpu_seconds)
        )
        self._judge(figures)
        position.n_batches, position.loss_sum, position.n_rows = 0, 0.0, 0
        position.seconds, position.cpu_seconds = 0.0, 0.0

    def _judge(self, figures: Mapping[str, float]) -> None:
        position, settings = self.position, self.settings
        if figures and settings.monitor not in figures:
            raise DataError(f"monitor is {settings.monitor!r}; the validation gives {', '.join(sorted(figures))}.")
        n_done = len(position.epochs)
        if not figures:
            position.best_epoch = n_done
        elif settings.better(figures, position.best):
            position.best, position.best_epoch = figures[settings.monitor], n_done
            self.best = learned_weights(self.task.module)
        waited = settings.patience is not None and n_done - position.best_epoch >= settings.patience
        position.over = bool(n_done >= settings.n_epochs or waited)

    def _write_if_due(self) -> None:
        if self.checkpoints and self.checkpoints.due(self.position.step):
            self._write()

    def _write(self) -> None:
        if self.checkpoints:
            state = packed(self.task.module, self.optimizer, self.best, self.position, self.identity)
            self.checkpoints.write(self.position.step, state)

    @contextmanager
    def _clock(self) -> Iterator[None]:
        wall, cpu = time.perf_counter(), time.process_time()
        try:
            yield
        finally:
            self.position.seconds += time.perf_counter() - wall
            self.position.cpu_seconds += time.process_time() - cpu
