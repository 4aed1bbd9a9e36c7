"""A classifier as the folder of an ordinary model."""

from __future__ import annotations

import json
import os
import shutil
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from causalrec.embedding.classification.network import build_head, build_network, whole_weights
from causalrec.embedding.classification.plan import plan
from causalrec.embedding.model_folder import hidden_size
from causalrec.errors import DataError, MissingDataError, OutputError
from causalrec.training import RunRecord
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
_SENTENCE = (
    {"idx": 0, "name": "0", "path": "", "type": "sentence_transformers.models.Transformer"},
    {"idx": 1, "name": "1", "path": "1_Pooling", "type": "sentence_transformers.models.Pooling"},
)


def write_classifier(folder: str | os.PathLike[str], learned: Learned, parameters: Mapping[str, Any]) -> Path:
    """Write beside the folder, then put in place: a kill leaves the old one or the new one.

    Raises
    ------
    OutputError : the folder holds something else, or cannot be written.
    """
    place = Path(folder).expanduser()
    check_place(place)
    part = None
    try:
        place.parent.mkdir(parents=True, exist_ok=True)
        part = Path(tempfile.mkdtemp(prefix=f".{place.name}.", suffix=".part", dir=place.parent))
        _fill(part, learned, parameters)
        part.chmod(0o755)
        _replace(place, part)
    except OSError as error:
        raise OutputError(f"Cannot write the classifier {str(place)!r}: {error.strerror or error}.") from error
    finally:
        if part is not None:
            shutil.rmtree(part, ignore_errors=True)
    return place


def check_place(place: Path) -> None:
    """Refuse to write over something that is no classifier.

    Raises
    ------
    OutputError : the folder holds something else, or is a file.
    """
    if place.exists() and not (place / _FACTS).is_file() and (not place.is_dir() or any(place.iterdir())):
        raise OutputError(f"{str(place)!r} holds something that is no classifier; give an empty or a new folder.")


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
        return _learned(place, facts, record), facts["parameters"]
    except DataError:
        raise
    except (OSError, ValueError, KeyError, TypeError, RuntimeError, SafetensorError) as error:
        raise DataError(
            f"The classifier in {str(place)!r} cannot be loaded ({type(error).__name__}): {error}"
        ) from error


def _fill(place: Path, learned: Learned, parameters: Mapping[str, Any]) -> None:
    if learned.transformer is None:
        from safetensors.torch import save_file

        _copy_files(learned.folder, place, _MODEL_FILES)
        save_file({name: weight.cpu() for name, weight in learned.network.state_dict().items()}, place / _HEAD)
    else:
        _save_network(place, learned.network, learned.transformer)
    _write_sentence_modules(place, learned.folder)
    facts = {
        "parameters": plain_values({name: value for name, value in parameters.items() if name not in _SKIPPED}),
        "classes": learned.classes.tolist(), "dtype": learned.classes.dtype.str, "temperature": learned.temperature,
        "validation": None if learned.validation is None else learned.validation.to_dict(),
    }  # fmt: skip
    (place / _FACTS).write_text(json.dumps(facts, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    learned.record.save(place / _RECORD)


def _save_network(place: Path, network: Any, transformer: Transformer) -> None:
    from transformers.utils import logging as messages

    shown = messages.is_progress_bar_enabled()
    messages.disable_progress_bar()
    try:
        network.save_pretrained(place)
    finally:
        if shown:
            messages.enable_progress_bar()
    transformer.tokenizer.save_pretrained(place)


def _copy_files(source: Path, place: Path, patterns: tuple[str, ...]) -> None:
    """Files that are not there yet, into the same subfolders."""
    for path in (path for pattern in patterns for path in source.glob(pattern)):
        target = place / path.relative_to(source)
        if not target.exists() and path.name not in _OURS:
            target.parent.mkdir(exist_ok=True)
            shutil.copy(path, target)


def _write_sentence_modules(place: Path, source: Path) -> None:
    """The pooling of the model that it came from; the mean where that says nothing."""
    if (source / "modules.json").is_file():
        _copy_files(source, place, ("modules.json", "sentence_bert_config.json", "[0-9]_*/config.json"))
        return
    (place / "modules.json").write_text(json.dumps(_SENTENCE, indent=2))
    (place / "1_Pooling").mkdir()
    pooling = {"word_embedding_dimension": hidden_size(place), "pooling_mode_mean_tokens": True}
    (place / "1_Pooling" / "config.json").write_text(json.dumps(pooling, indent=2))


def _replace(place: Path, part: Path) -> None:
    if not place.exists():
        part.rename(place)
        return
    old = Path(tempfile.mkdtemp(prefix=f".{place.name}.", suffix=".old", dir=place.parent))
    place.rename(old / "folder")
    part.rename(place)
    shutil.rmtree(old, ignore_errors=True)


def _learned(place: Path, facts: Mapping[str, Any], record: RunRecord) -> Learned:
    from safetensors.torch import load_file

    from causalrec.embedding.classification.classifier import TextClassifier
    from causalrec.embedding.classification.fitting import Learned

    classes = np.array(facts["classes"], dtype=np.dtype(facts["dtype"]))
    planned = plan(TextClassifier(place, **facts["parameters"]))
    if planned.is_frozen:
        network, transformer = build_head(hidden_size(place), len(classes)), None
        network.load_state_dict(load_file(place / _HEAD))
    else:
        network, transformer = build_network(place, classes, 0)
        network.load_state_dict(whole_weights(place))
    network.to(planned.device).eval()
    return Learned(network, transformer, place, classes, float(facts["temperature"]), None, record, planned)
