"""Where a run stands, on disk: safetensors and JSON, whole or not at all."""

from __future__ import annotations

import json
import logging
import os
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from causalrec.errors import DataError, OutputError
from causalrec.training.ranges import check_whole

if TYPE_CHECKING:
    import torch

__all__ = ["Checkpoint", "Checkpoints"]

_TENSORS, _FACTS = "tensors.safetensors", "checkpoint.json"
_KEPT = 2  # the newest may be torn where the whole machine stopped, not only the process

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, eq=False)
class Checkpoint:
    """All that a run needs to go on.

    Attributes
    ----------
    tensors : dict of Tensor
        Weights, the optimizer's state, the state of the random numbers.
    facts : dict
        JSON values.
    """

    tensors: Mapping[str, torch.Tensor]
    facts: Mapping[str, Any]


class Checkpoints:
    """A folder of a run's checkpoints; the newest two are kept. No pickle.

    Parameters
    ----------
    folder : str or path
        Made on the first write. One run a folder.
    n_steps : int, optional
        Steps between two checkpoints inside an epoch; the end of an epoch always has one.

    Raises
    ------
    DataError : `n_steps` is no whole number of 1 or more.
    """

    def __init__(self, folder: str | os.PathLike[str], n_steps: int | None = None):
        if n_steps is not None:
            check_whole("n_steps", n_steps)
        self.folder = Path(folder).expanduser()
        self.n_steps = n_steps

    def due(self, step: int) -> bool:
        """Whether to write after this step, numbered from 1."""
        return self.n_steps is not None and step % self.n_steps == 0

    def write(self, step: int, checkpoint: Checkpoint) -> None:
        """Put a checkpoint in place; a kill at any moment leaves the one before it.

        Raises
        ------
        OutputError : the folder cannot be made, is read-only or is full.
        """
        from safetensors import SafetensorError
        from safetensors.torch import save_file

        place = self.folder / f"step-{step:09d}"
        part = self.folder / f".{place.name}.{os.getpid()}.part"
        try:
            part.mkdir(parents=True, exist_ok=True)
            save_file({name: tensor.contiguous() for name, tensor in checkpoint.tensors.items()}, part / _TENSORS)
            (part / _FACTS).write_text(json.dumps(dict(checkpoint.facts)), encoding="utf-8")
            shutil.rmtree(place, ignore_errors=True)
            part.rename(place)
        except (OSError, SafetensorError) as error:
            shutil.rmtree(part, ignore_errors=True)
            raise OutputError(f"Cannot write the checkpoint {str(place)!r}: {error}.") from error
        self._clean()

    def latest(self, identity: Mapping[str, object]) -> Checkpoint | None:
        """The newest whole checkpoint, or None.

        Raises
        ------
        DataError : the folder holds another run's: its `identity` differs.
        """
        for place in reversed(self._places()):
            if found := _read(place):
                self._check_identity(found.facts["identity"], json.loads(json.dumps(dict(identity))))
                return found
            log.warning("%s is not a whole checkpoint; the one before it is taken.", place)
        return None

    def _check_identity(self, known: Mapping[str, object], asked: Mapping[str, object]) -> None:
        changed = sorted(name for name in {*known, *asked} if known.get(name) != asked.get(name))
        if changed:
            clauses = (f"{name} was {known.get(name)!r} and is {asked.get(name)!r}" for name in changed)
            raise DataError(
                f"{str(self.folder)!r} holds checkpoints of another run: {'; '.join(clauses)}. "
                "Give a folder of its own to each run, or remove this one to start again."
            )

    def _places(self) -> list[Path]:
        return sorted(path for path in self.folder.glob("step-*") if path.is_dir())

    def _clean(self) -> None:
        for old in [*self._places()[:-_KEPT], *self.folder.glob(".step-*.part")]:
            shutil.rmtree(old, ignore_errors=True)


def _read(place: Path) -> Checkpoint | None:
    from safetensors import SafetensorError
    from safetensors.torch import load_file

    try:
        facts = json.loads((place / _FACTS).read_text(encoding="utf-8"))
        return Checkpoint(load_file(place / _TENSORS), facts)
    except (OSError, ValueError, SafetensorError):
        return None
