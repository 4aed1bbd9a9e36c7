"""A fitted model in a folder: parameters and ids as JSON, arrays as safetensors. Never pickle."""

from __future__ import annotations

import inspect
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from causalrec.errors import DataError, MissingDataError, OutputError
from causalrec.files import replace_atomically

__all__ = ["read_model", "write_model"]

ARRAYS, SETTINGS = "arrays.safetensors", "model.json"


def write_model(
    model: Any, folder: str | Path, arrays: Mapping[str, np.ndarray], facts: Mapping[str, object] | None = None
) -> Path:
    """Write the parameters of `__init__`, the ids, some facts (JSON) and the arrays.

    Raises
    ------
    OutputError : the folder cannot be written.
    """
    from safetensors.numpy import save_file

    folder = Path(folder)
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise OutputError(f"Cannot make the folder {str(folder)!r}: {error.strerror}.") from error
    names = inspect.signature(type(model).__init__).parameters
    content = {
        "model": type(model).__name__, "parameters": {name: getattr(model, name) for name in names if name != "self"},
        "facts": dict(facts or {}), "users": model.users_.tolist(), "items": model.items_.tolist(),
    }  # fmt: skip
    text = json.dumps(content, ensure_ascii=False)
    whole = {name: np.ascontiguousarray(array) for name, array in arrays.items()}
    replace_atomically(folder / ARRAYS, lambda path: save_file(whole, str(path)))
    replace_atomically(folder / SETTINGS, lambda path: path.write_text(text, encoding="utf-8"))
    return folder


def read_model(cls: type, folder: str | Path) -> tuple[Any, dict[str, np.ndarray], dict[str, Any]]:
    """A model of this class with its parameters and ids set; its arrays; its facts.

    Raises
    ------
    MissingDataError : the folder holds no model.
    DataError : it holds another kind of model.
    """
    from safetensors.numpy import load_file

    folder = Path(folder)
    missing = [name for name in (SETTINGS, ARRAYS) if not (folder / name).is_file()]
    if missing:
        raise MissingDataError(f"{str(folder)!r} holds no model: {', '.join(missing)} is not there. Save one first.")
    content = json.loads((folder / SETTINGS).read_text(encoding="utf-8"))
    if content["model"] != cls.__name__:
        raise DataError(f"{str(folder)!r} holds {content['model']}, not {cls.__name__}: load it with that class.")
    parameters = {k: tuple(v) if isinstance(v, list) else v for k, v in content["parameters"].items()}
    model = cls(**parameters)
    model.users_, model.items_ = np.array(content["users"]), np.array(content["items"])
    return model, load_file(folder / ARRAYS), content["facts"]
