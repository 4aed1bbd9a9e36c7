"""Callbacks to programs that draw runs; each needs its package, and none is needed."""

from __future__ import annotations

import os
from collections.abc import Mapping
from importlib import import_module
from types import ModuleType
from typing import Any

from causalrec.errors import MissingExtraError
from causalrec.training.callback import Callback
from causalrec.training.run_record import Epoch, RunRecord

__all__ = ["MlflowTracker", "TensorBoardTracker", "WandbTracker"]

_EXTRA = "track"


class TensorBoardTracker(Callback):
    """Curves for TensorBoard.

    Parameters
    ----------
    folder : str or path
        Where event files go.

    Raises
    ------
    MissingExtraError : tensorboard is not installed; told when the run starts.
    """

    def __init__(self, folder: str | os.PathLike[str]):
        self.folder = folder

    def on_start(self, parameters: Mapping[str, object]) -> None:
        """Open the folder."""
        writer = _imported("torch.utils.tensorboard", "tensorboard").SummaryWriter
        self._writer = writer(log_dir=os.fspath(self.folder))
        self._writer.add_text("parameters", "  \n".join(f"{name}: {value}" for name, value in parameters.items()))

    def on_step(self, step: int, loss: float, learning_rate: float) -> None:
        """Loss and learning rate of each step."""
        self._writer.add_scalar("loss/step", loss, step)
        self._writer.add_scalar("learning_rate", learning_rate, step)

    def on_epoch(self, epoch: Epoch) -> None:
        """Figures of each epoch."""
        for name, value in _figures(epoch).items():
            self._writer.add_scalar(name, value, epoch.number)

    def on_end(self, record: RunRecord) -> None:
        """Close the file."""
        self._writer.close()


class WandbTracker(Callback):
    """A run of Weights & Biases; offline where that program is set so (WANDB_MODE=offline).

    Parameters
    ----------
    project : str
    name : str, optional
        Of the run.
    """

    def __init__(self, project: str, *, name: str | None = None):
        self.project = project
        self.name = name

    def on_start(self, parameters: Mapping[str, object]) -> None:
        """Begin the run."""
        self._run = _imported("wandb", "wandb").init(project=self.project, name=self.name, config=dict(parameters))

    def on_step(self, step: int, loss: float, learning_rate: float) -> None:
        """Loss and learning rate of each step."""
        self._run.log({"loss/step": loss, "learning_rate": learning_rate}, step=step)

    def on_epoch(self, epoch: Epoch) -> None:
        """Figures of each epoch."""
        self._run.log({"epoch": epoch.number, **_figures(epoch)})

    def on_end(self, record: RunRecord) -> None:
        """Finish the run."""
        self._run.summary["best_epoch"] = record.best_epoch
        self._run.finish()


class MlflowTracker(Callback):
    """A run of MLflow, where its tracking address points (MLFLOW_TRACKING_URI).

    Parameters
    ----------
    experiment : str
    name : str, optional
        Of the run.
    """

    def __init__(self, experiment: str, *, name: str | None = None):
        self.experiment = experiment
        self.name = name

    def on_start(self, parameters: Mapping[str, object]) -> None:
        """Begin the run."""
        self._mlflow: Any = _imported("mlflow", "mlflow")
        self._mlflow.set_experiment(self.experiment)
        self._mlflow.start_run(run_name=self.name)
        self._mlflow.log_params(dict(parameters))

    def on_epoch(self, epoch: Epoch) -> None:
        """Figures of each epoch."""
        self._mlflow.log_metrics(_figures(epoch), step=epoch.number)

    def on_end(self, record: RunRecord) -> None:
        """The record as an artifact, and the end of the run."""
        self._mlflow.log_dict(record.to_dict(), "run.json")
        self._mlflow.end_run()


def _figures(epoch: Epoch) -> dict[str, float]:
    return {"loss/train": epoch.loss, **{f"validation/{name}": value for name, value in epoch.validation.items()}}


def _imported(module: str, package: str) -> ModuleType:
    try:
        return import_module(module)
    except ImportError as error:
        raise MissingExtraError(package, _EXTRA) from error
