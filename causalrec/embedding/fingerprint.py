"""What a vector depends on besides its text, as one name."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from functools import lru_cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

__all__ = ["files_stamp", "model_fingerprint"]

# Counts up when the same files and options come to mean other vectors.
_SCHEME = 2
_READ = {".safetensors", ".json", ".txt", ".model"}


def model_fingerprint(folder: Path, options: Mapping[str, object]) -> str:
    """Hash of the model's files, the options and the versions of the libraries; 32 hexadecimal digits.

    Parameters
    ----------
    folder : Path
        Of the model. All its weights, configurations and vocabularies count.
    options : mapping
        Of JSON values: pooling, normalisation, truncation, precision.
    """
    files = {path.name: _file_digest(path) for path in _files(folder)}
    libraries = {name: _version(name) for name in ("torch", "transformers", "tokenizers")}
    content = {"scheme": _SCHEME, "files": files, "options": dict(options), "libraries": libraries}
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()[:32]


def files_stamp(folder: Path) -> tuple[tuple[str, int, int], ...]:
    """Name, time and size of the model's files: another one where they were written anew, without reading them."""
    return tuple((path.name, path.stat().st_mtime_ns, path.stat().st_size) for path in _files(folder))


def _files(folder: Path) -> list[Path]:
    return [path for path in sorted(folder.iterdir()) if path.suffix in _READ]


def _file_digest(path: Path) -> str:
    status = path.stat()
    return _digest(str(path.resolve()), status.st_mtime_ns, status.st_size)


@lru_cache(maxsize=256)
def _digest(path: str, modified: int, size: int) -> str:
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return ""
