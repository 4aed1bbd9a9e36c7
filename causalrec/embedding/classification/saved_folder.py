"""A classifier as the folder of an ordinary model."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from causalrec.embedding.classification.network import build_head, build_network, whole_weights
from causalrec.embedding.classification.plan import plan
from causalrec.embedding.classification.tuning.adapter_folder import read_adapter, write_adapter
from causalrec.embedding.classification.tuning.applied import stands_beside, tuned_network
from causalrec.embedding.classification.tuning.ways import told_tuning, tuning_of
from causalrec.embedding.model_folder import hidden_size
from causalrec.embedding.sentence_modules import write_sentence_modules
from causalrec.embedding.transformer import quiet
from causalrec.errors import DataError, MissingDataError
from causalrec.files import copy_missing, refuse_other_folder, replace_folder
from causalrec.training import RunRecord
from causalrec.training.device import device_here
from causalrec.training.run_record import plain_values

if TYPE_CHECKING:
    from causalrec.embedding.classification.fitting import Learned
    from causalrec.embedding.transformer import Transformer

__all__ = ["check_place", "read_classifier", "write_classifier"]

_FACTS, _RECORD = "classifier.json", "run.json"
_SKIPPED = {"model", "cache", "callbacks", "checkpoint_folder"}
_HEAD = "head.safetensors"
_OURS = {_FACTS, _RECORD, _HEAD}
_MODEL_FILES = ("*.safetensors", "*.json", "*.txt", "*.model", "*.jinja")


def write_classifier(folder: str | os.PathLike[str], learned: Learned, parameters: Mapping[str, Any]) -> Path:
    """Write beside the folder, then put in place: a kill leaves the old one or the new one.

    Raises
    ------
    OutputError : the folder holds something else, or cannot be written.
    """
    return replace_folder(folder, lambda part: _fill(part, learned, parameters), mark=_FACTS, what="classifier")


def check_place(place: Path) -> None:
    """Refuse to write over something that is no classifier.

    Raises
    ------
    OutputError : the folder holds something else, or is a file.
    """
    refuse_other_folder(place, _FACTS, "classifier")


def read_classifier(folder: str | os.PathLike[str]) -> tuple[Learned, dict[str, Any]]:
    """What was learned, and the parameters.

    Raises
    ------
    MissingDataError : the folder holds no classifier.
    DataError : its files are broken.
    """
    place = Path(folder).expanduser()
    if not (place / _FACTS).is_file():
        raise MissingDataError(f"{str(place)!r} holds no classifier: {_FACTS} is not there. Save one first.")
    from safetensors import SafetensorError

    try:
        facts = json.loads((place / _FACTS).read_text(encoding="utf-8"))
        record = RunRecord.from_dict(json.loads((place / _RECORD).read_text(encoding="utf-8")))
        given = facts["parameters"]
        parameters = {
            **given, "tuning": tuning_of(given["tuning"]), "device": device_here(given["device"], place)
        }  # fmt: skip
        return _learned(place, facts, record, parameters), parameters
    except DataError:
        raise
    except (OSError, ValueError, KeyError, TypeError, RuntimeError, SafetensorError) as error:
        raise DataError(
            f"The classifier in {str(place)!r} cannot be loaded ({type(error).__name__}): {error}"
        ) from error


def _fill(place: Path, learned: Learned, parameters: Mapping[str, Any]) -> None:
    if learned.transformer is None:
        from safetensors.torch import save_file

        copy_missing(learned.folder, place, _MODEL_FILES, left_out=_OURS)
        save_file({name: weight.cpu() for name, weight in learned.network.state_dict().items()}, place / _HEAD)
    elif stands_beside(learned.plan.tuning):
        copy_missing(learned.folder, place, _MODEL_FILES, left_out=_OURS)
        learned.network.config.save_pretrained(place)  # with the classes
        write_adapter(place, learned.network, learned.plan.tuning)
    else:
        _save_network(place, learned.network, learned.transformer)
    write_sentence_modules(place, learned.folder)
    kept = {name: value for name, value in parameters.items() if name not in _SKIPPED}
    facts = {
        "parameters": plain_values({**kept, "tuning": told_tuning(learned.plan.tuning)}),
        "classes": learned.classes.tolist(), "dtype": learned.classes.dtype.str, "temperature": learned.temperature,
        "validation": None if learned.validation is None else learned.validation.to_dict(),
    }  # fmt: skip
    (place / _FACTS).write_text(json.dumps(facts, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    learned.record.save(place / _RECORD)


def _save_network(place: Path, network: Any, transformer: Transformer) -> None:
    with quiet():
        network.save_pretrained(place)
    transformer.tokenizer.save_pretrained(place)


def _learned(place: Path, facts: Mapping[str, Any], record: RunRecord, parameters: dict[str, Any]) -> Learned:
    from safetensors.torch import load_file

    from causalrec.embedding.classification.classifier import TextClassifier
    from causalrec.embedding.classification.fitting import Learned

    classes = np.array(facts["classes"], dtype=np.dtype(facts["dtype"]))
    planned = plan(TextClassifier(place, **parameters))
    if planned.is_frozen:
        network, transformer = build_head(hidden_size(place), len(classes)), None
        network.load_state_dict(load_file(place / _HEAD))
    elif stands_beside(planned.tuning):
        network, transformer = build_network(place, classes, 0)
        tuned_network(network, planned.tuning, 0)
        read_adapter(place, network)
    else:
        network, transformer = build_network(place, classes, 0)
        network.load_state_dict(whole_weights(place))
    network.to(planned.device).eval()
    return Learned(network, transformer, place, classes, float(facts["temperature"]), None, record, planned)
