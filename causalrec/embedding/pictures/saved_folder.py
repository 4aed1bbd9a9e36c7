"""Folders of ordinary models, whole or not at all, with what a classifier needs besides."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from causalrec.embedding.classification.network import whole_weights
from causalrec.embedding.pictures.augmentation import Augmentation
from causalrec.embedding.pictures.network import PictureNetwork
from causalrec.embedding.pictures.network_folder import write_network
from causalrec.errors import DataError, MissingDataError
from causalrec.files import replace_folder
from causalrec.training import RunRecord
from causalrec.training.device import device_here

if TYPE_CHECKING:
    import torch

__all__ = ["SavedFacts", "read_facts", "read_weights", "write_folder"]

_FACTS, _RECORD = "classifier.json", "run.json"


@dataclass(frozen=True, slots=True, eq=False)
class SavedFacts:
    """What a saved classifier needs besides its network.

    Attributes
    ----------
    parameters : dict
    classes : shape (n_classes,)
    temperature : float
    record : RunRecord
    """

    parameters: dict[str, Any]
    classes: np.ndarray
    temperature: float
    record: RunRecord


def write_folder(
    folder: str | os.PathLike[str], whole: torch.nn.Module, network: PictureNetwork, record: RunRecord,
    facts: Mapping[str, Any] | None = None,
) -> Path:  # fmt: skip
    """Write beside the folder, then put in place: a kill leaves the old one or the new one.

    Raises
    ------
    OutputError : the folder holds something else, or cannot be written.
    """

    def fill(part: Path) -> None:
        write_network(part, whole, network)
        record.save(part / _RECORD)
        if facts is not None:
            (part / _FACTS).write_text(json.dumps(dict(facts), indent=2, ensure_ascii=False) + "\n", encoding="utf-8")

    return replace_folder(folder, fill, mark=_RECORD, what="run of ours")


def read_facts(folder: Path) -> SavedFacts:
    """What a classifier needs besides its network, and its run's record.

    Raises
    ------
    MissingDataError : the folder holds no classifier.
    DataError : its files are broken.
    """
    if not (folder / _FACTS).is_file():
        raise MissingDataError(f"{str(folder)!r} holds no classifier: {_FACTS} is not there. Save one first.")
    try:
        facts = json.loads((folder / _FACTS).read_text(encoding="utf-8"))
        record = RunRecord.from_dict(json.loads((folder / _RECORD).read_text(encoding="utf-8")))
        given = facts["parameters"]
        parameters = {
            **given, "augmentation": Augmentation(**given["augmentation"]),
            "device": device_here(given["device"], folder),
        }  # fmt: skip
        classes = np.array(facts["classes"], dtype=np.dtype(facts["dtype"]))
        return SavedFacts(parameters, classes, float(facts["temperature"]), record)
    except DataError:
        raise
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise DataError(
            f"The classifier in {str(folder)!r} cannot be loaded ({type(error).__name__}): {error}"
        ) from error


def read_weights(folder: Path, whole: torch.nn.Module) -> None:
    """Put the saved weights into a network of the same shape.

    Raises
    ------
    DataError : they are broken, or of another shape.
    """
    from safetensors import SafetensorError

    try:
        whole.load_state_dict(whole_weights(folder))
    except (OSError, RuntimeError, SafetensorError) as error:
        raise DataError(f"The weights in {str(folder)!r} cannot be loaded: {error}") from error
