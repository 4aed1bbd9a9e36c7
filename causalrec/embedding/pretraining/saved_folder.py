"""An adapted encoder as the folder of an ordinary model."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from causalrec.embedding.pretraining.held_out import HeldOutChange
from causalrec.embedding.sentence_modules import write_sentence_modules
from causalrec.embedding.transformer import quiet
from causalrec.files import replace_folder
from causalrec.training import RunRecord
from causalrec.training.run_record import plain_values

if TYPE_CHECKING:
    import torch
    from transformers import PreTrainedModel, PreTrainedTokenizerBase

__all__ = ["write_model"]

_FACTS, _RECORD = "pretraining.json", "run.json"
_SKIPPED = {"model", "callbacks", "checkpoint_folder"}


def write_model(
    folder: str | os.PathLike[str], network: PreTrainedModel, tokenizer: PreTrainedTokenizerBase, *, source: Path,
    parameters: Mapping[str, Any], comparison: HeldOutChange | None, record: RunRecord,
    beside: Mapping[str, torch.Tensor] | None = None, pooling: str = "mean",
) -> Path:  # fmt: skip
    """Write beside the folder, then put in place: a kill leaves the old one or the new one.

    Parameters
    ----------
    source : Path
        Of the model that it came from, whose pooling is kept.
    beside : mapping of Tensor, optional
        Weights that the network has no place for.
    pooling : {"mean", "cls"}
        Where the source says nothing of its own.

    Raises
    ------
    OutputError : the folder holds something else, or cannot be written.
    """

    def fill(part: Path) -> None:
        with quiet():
            network.save_pretrained(part, state_dict={**network.state_dict(), **(beside or {})})
        tokenizer.save_pretrained(part)
        write_sentence_modules(part, source, pooling)
        facts = {
            "parameters": plain_values({name: value for name, value in parameters.items() if name not in _SKIPPED}),
            "comparison": None if comparison is None else comparison.to_dict(),
        }
        (part / _FACTS).write_text(json.dumps(facts, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
        record.save(part / _RECORD)

    return replace_folder(folder, fill, mark=_FACTS, what="pretrained model of ours")
