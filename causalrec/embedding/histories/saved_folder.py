"""Folders of models of histories, whole or not at all: safetensors and JSON."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import numpy as np

from causalrec.embedding.histories.comparison import HistoryComparison
from causalrec.embedding.histories.fitting import Learned, shape_of
from causalrec.embedding.histories.network import build_network
from causalrec.embedding.histories.plan import plan
from causalrec.errors import DataError, MissingDataError
from causalrec.files import replace_folder
from causalrec.training import RunRecord
from causalrec.training.device import device_here, find_device

if TYPE_CHECKING:
    from causalrec.embedding.histories.history_model import HistoryModel

Model = TypeVar("Model", bound="HistoryModel")

__all__ = ["read_model", "read_parameters", "write_model"]

_FACTS, _ITEMS, _RECORD, _WEIGHTS = "history_model.json", "items.json", "run.json", "model.safetensors"


def write_model(folder: str | os.PathLike[str], learned: Learned) -> Path:
    """Write beside the folder, then put in place: a kill leaves the old one or the new one.

    Raises
    ------
    OutputError : the folder holds something else, or cannot be written.
    """
    from safetensors.torch import save_file

    compared = learned.comparison
    facts = {"parameters": learned.record.parameters, "comparison": compared.to_dict() if compared else None}

    def fill(part: Path) -> None:
        weights = learned.network.module.state_dict()
        save_file({name: weight.cpu().contiguous() for name, weight in weights.items()}, part / _WEIGHTS)
        (part / _FACTS).write_text(json.dumps(facts, indent=2) + "\n", encoding="utf-8")
        (part / _ITEMS).write_text(json.dumps(learned.items) + "\n", encoding="utf-8")
        learned.record.save(part / _RECORD)

    return replace_folder(folder, fill, mark=_FACTS, what="model of histories")


def read_parameters(folder: Path, kind: type[Model]) -> Model:
    """An instance with the saved parameters that has learned nothing yet.

    Raises
    ------
    MissingDataError : the folder holds no model of histories.
    DataError : its files are broken.
    """
    if not (folder / _FACTS).is_file():
        raise MissingDataError(f"{str(folder)!r} holds no model of histories: {_FACTS} is not there. Save one first.")
    try:
        parameters = json.loads((folder / _FACTS).read_text("utf-8"))["parameters"]
        model = kind(**{**parameters, "device": device_here(parameters["device"], folder)})
        plan(model)
        return model
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise _broken(folder, error) from error


def read_model(folder: Path, model: HistoryModel) -> Learned:
    """What such a model knew.

    Raises
    ------
    DataError : files are missing, broken, or do not fit each other.
    """
    from safetensors import SafetensorError
    from safetensors.torch import load_file

    try:
        facts, items, record = (json.loads((folder / name).read_text("utf-8")) for name in (_FACTS, _ITEMS, _RECORD))
        weights = load_file(folder / _WEIGHTS)
        shape = shape_of(model, len(items), len(weights["places.weight"]))
        network = build_network(shape, np.ones(len(items)), 0)
        network.module.load_state_dict(weights)
        network.module.to(find_device(model.device)).eval()
        compared = facts["comparison"]
        comparison = HistoryComparison.from_dict(compared) if compared else None
        return Learned(network, list(items), comparison, RunRecord.from_dict(record))
    except (OSError, ValueError, KeyError, TypeError, RuntimeError, SafetensorError) as error:
        raise _broken(folder, error) from error


def _broken(folder: Path, error: Exception) -> DataError:
    return DataError(f"The model of histories in {str(folder)!r} cannot be loaded ({type(error).__name__}): {error}")
