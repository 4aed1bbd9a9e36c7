"""From parameters and texts to a network that tells texts apart."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from causalrec.embedding.model_folder import find_model
from causalrec.embedding.pretraining.contrastive_task import ContrastiveTask
from causalrec.embedding.pretraining.corpus import corpus
from causalrec.embedding.pretraining.held_out import Figure, HeldOutChange, changes
from causalrec.embedding.pretraining.network import load_encoder
from causalrec.embedding.pretraining.plan import Plan, plan, run_record, trained
from causalrec.embedding.pretraining.tokens import read_tokens
from causalrec.embedding.transformer import Transformer
from causalrec.errors import DataError
from causalrec.threads import limit_threads
from causalrec.training import RunRecord
from causalrec.training.device import autocast
from causalrec.training.ranges import check_choice, check_number, check_whole

if TYPE_CHECKING:
    from causalrec.embedding.pretraining.contrastive_pretraining import ContrastivePretraining

__all__ = ["ContrastiveLearned", "learn_contrast"]

_AS_IT_CAME = "the model as it came"
_POOLINGS = ("mean", "cls")


@dataclass(frozen=True, slots=True, eq=False)
class ContrastiveLearned:
    """What came of a contrastive pretraining."""

    transformer: Transformer
    folder: Path
    comparison: HeldOutChange | None
    record: RunRecord


def learn_contrast(pretraining: ContrastivePretraining, texts: Sequence[str | None]) -> ContrastiveLearned:
    """Everything from the folder to the adapted network."""
    planned = plan(pretraining)
    check_whole("batch_size", pretraining.batch_size, 2)
    check_number("temperature", pretraining.temperature, above=0)
    check_choice("pooling", pretraining.pooling, _POOLINGS)
    data = corpus(texts, pretraining.validation_share, pretraining.random_state)
    folder = find_model(pretraining.model, pretraining.pooling)
    transformer = load_encoder(folder, planned.settings.random_state)
    _check_dropout(transformer, folder)
    task = ContrastiveTask(
        transformer.model, read_tokens(transformer, data.texts, pretraining.max_tokens), data,
        transformer.tokenizer.pad_token_id or 0, pretraining.batch_size, pretraining.random_state,
        pretraining.temperature, pretraining.pooling,
    )  # fmt: skip
    transformer.model.to(planned.device)
    with limit_threads(pretraining.n_threads):
        before = _figures(task, planned)
        training = trained(pretraining, task, planned, folder, data)
        found = changes(before, _figures(task, planned))
    comparison = HeldOutChange(len(data.validation), _AS_IT_CAME, found) if found else None
    return ContrastiveLearned(
        transformer, folder, comparison, run_record(pretraining, transformer.model, planned, data, training)
    )


def _figures(task: ContrastiveTask, planned: Plan) -> dict[str, Figure]:
    if not len(task.data.validation):
        return {}
    with autocast(planned.device, planned.precision):
        return task.held_out()


def _check_dropout(transformer: Transformer, folder: Path) -> None:
    import torch

    if not any(isinstance(part, torch.nn.Dropout) and part.p > 0 for part in transformer.model.modules()):
        raise DataError(
            f"The model in {str(folder)!r} has no dropout, so two views of a text would be equal: write a dropout of "
            "0.1 into its config.json (hidden_dropout_prob in BERT's), which changes no vector."
        )
