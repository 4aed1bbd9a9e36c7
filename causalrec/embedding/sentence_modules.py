"""Which pooling a folder of a model is for, as sentence-transformers reads it."""

from __future__ import annotations

import json
from pathlib import Path

from causalrec.embedding.model_folder import hidden_size
from causalrec.files import copy_missing

__all__ = ["write_sentence_modules"]

_FILES = ("modules.json", "sentence_bert_config.json", "[0-9]_*/config.json")
_MODULES = (
    {"idx": 0, "name": "0", "path": "", "type": "sentence_transformers.models.Transformer"},
    {"idx": 1, "name": "1", "path": "1_Pooling", "type": "sentence_transformers.models.Pooling"},
)
_POOLINGS = {"mean": "pooling_mode_mean_tokens", "cls": "pooling_mode_cls_token"}


def write_sentence_modules(place: Path, source: Path, pooling: str = "mean") -> None:
    """Write the pooling of the model in `source`; the given one, "mean" or "cls", where that says nothing."""
    if (source / "modules.json").is_file():
        copy_missing(source, place, _FILES)
        return
    (place / "modules.json").write_text(json.dumps(_MODULES, indent=2))
    (place / "1_Pooling").mkdir()
    told = {"word_embedding_dimension": hidden_size(place), **{key: k == pooling for k, key in _POOLINGS.items()}}
    (place / "1_Pooling" / "config.json").write_text(json.dumps(told, indent=2))
