"""What a run was and what came out of it."""

from __future__ import annotations

import json
import platform
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from causalrec.files import replace_atomically

__all__ = ["Epoch", "RunRecord", "library_versions", "plain_values"]

_LIBRARIES = ("torch", "transformers", "tokenizers", "safetensors", "numpy", "peft")


@dataclass(frozen=True, slots=True)
class Epoch:
    """One pass over the rows.

    Attributes
    ----------
    number : int
        From 1.
    loss : float
        Mean over the rows, each as it was when its batch came.
    validation : dict of float
        Figures by name; empty without a validation.
    seconds, cpu_seconds : float
        Clock and processor time of this epoch, all its attempts together.
    """

    number: int
    loss: float
    validation: Mapping[str, float]
    seconds: float
    cpu_seconds: float


@dataclass(frozen=True, slots=True)
class RunRecord:
    """Parameters, versions, seeds and figures of a run: enough to do it again.

    Attributes
    ----------
    name : str
        What learned.
    parameters : dict
        JSON values.
    versions : dict of str
        Of Python, the machine and the libraries.
    data : dict
        Facts on the rows: how many, which digest.
    n_weights, n_learning : int
        Weights of the network, and those of them that learned.
    device, precision : str
        What was chosen where the parameters say "auto".
    epochs : tuple of Epoch
    best_epoch : int
        Whose weights were kept.
    stopped_early : bool
    resumed : tuple of int
        Steps at which the run went on from a checkpoint.
    """

    name: str
    parameters: Mapping[str, Any]
    versions: Mapping[str, str]
    data: Mapping[str, Any]
    n_weights: int
    n_learning: int
    device: str
    precision: str
    epochs: tuple[Epoch, ...]
    best_epoch: int
    stopped_early: bool
    resumed: tuple[int, ...] = ()

    @property
    def cpu_seconds(self) -> float:
        """Processor time of all epochs."""
        return sum(epoch.cpu_seconds for epoch in self.epochs)

    def __str__(self) -> str:
        figures = list(self.epochs[0].validation) if self.epochs else []
        lines = [
            f"{self.name}: {self.n_learning:,} of {self.n_weights:,} weights learned "
            f"({100 * self.n_learning / max(1, self.n_weights):.3g}%), {self.device}, {self.precision}",
            "  ".join(["epoch", " learned", *(f"{name:>8}" for name in figures), " seconds"]),
        ]
        for epoch in self.epochs:
            values = [f"{epoch.validation.get(name, float('nan')):{max(8, len(name))}.4f}" for name in figures]
            best = "  best" if epoch.number == self.best_epoch else ""
            columns = [f"{epoch.number:5d}", f"{epoch.loss:8.4f}", *values, f"{epoch.seconds:8.1f}{best}"]
            lines.append("  ".join(columns))
        lines += [f"stopped early, after {len(self.epochs)} epochs"] if self.stopped_early else []
        return "\n".join(lines)

    def to_dict(self) -> dict[str, Any]:
        """JSON values."""
        return asdict(self)

    @classmethod
    def from_dict(cls, content: Mapping[str, Any]) -> RunRecord:
        """The record that `to_dict` gave."""
        epochs = tuple(Epoch(**epoch) for epoch in content["epochs"])
        return cls(**{**content, "epochs": epochs, "resumed": tuple(content["resumed"])})

    def save(self, path: str | Path) -> Path:
        """Write it as JSON, whole or not at all.

        Raises
        ------
        OutputError : the folder is missing, read-only or full.
        """
        text = json.dumps(self.to_dict(), indent=2, ensure_ascii=False)
        return replace_atomically(path, lambda temporary: temporary.write_text(text + "\n", encoding="utf-8"))


def plain_values(parameters: Mapping[str, Any]) -> dict[str, Any]:
    """The same with numpy's numbers as Python's, which JSON knows."""
    return {name: value.item() if hasattr(value, "item") else value for name, value in parameters.items()}


def library_versions() -> dict[str, str]:
    """Of Python, the machine and the libraries that a network's bits depend on."""
    found = {"python": platform.python_version(), "machine": platform.machine(), "system": platform.system()}
    for name in _LIBRARIES:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            continue
    return found
