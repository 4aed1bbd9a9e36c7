"""From parameters and texts to a network that guesses hidden words, in stages that begin from the same head."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from causalrec.embedding.model_folder import find_model
from causalrec.embedding.pretraining.corpus import Corpus, corpus
from causalrec.embedding.pretraining.held_out import Figure, HeldOutChange, changes
from causalrec.embedding.pretraining.masked_words import MaskedWordTask, frequency_loss
from causalrec.embedding.pretraining.masking import masking
from causalrec.embedding.pretraining.network import MaskedNetwork, build_masked_network
from causalrec.embedding.pretraining.plan import Plan, plan, run_record, trained
from causalrec.embedding.pretraining.tokens import TextTokens, read_tokens
from causalrec.threads import limit_threads
from causalrec.training import RunRecord
from causalrec.training.device import autocast
from causalrec.training.ranges import check_number, check_whole
from causalrec.training.run_state import learned_weights, restore_weights

if TYPE_CHECKING:
    from collections.abc import Sequence

    from causalrec.embedding.pretraining.masked_language_model import MaskedLanguageModel

__all__ = ["MaskedLearned", "learn_masked"]

_AS_IT_CAME = "the model as it came, with the head of its own files"
_HEAD_ALONE = (
    "trunk frozen, its head (tied to the word embeddings) learned alone for as many epochs, from the same start"
)


@dataclass(frozen=True, slots=True, eq=False)
class MaskedLearned:
    """What a masked language model knows."""

    masked: MaskedNetwork
    folder: Path
    comparison: HeldOutChange | None
    record: RunRecord


def learn_masked(model: MaskedLanguageModel, texts: Sequence[str | None]) -> MaskedLearned:
    """Everything from the folder to the adapted network."""
    planned = plan(model)
    check_number("mask_share", model.mask_share, above=0, below=1)
    check_number("head_learning_rate", model.head_learning_rate, above=0)
    check_whole("n_head_epochs", model.n_head_epochs)
    data = corpus(texts, model.validation_share, model.random_state)
    folder = find_model(model.model)
    masked = build_masked_network(folder, planned.settings.random_state)
    stages = _Stages(
        model, planned, folder, data, masked, read_tokens(masked.transformer, data.texts, model.max_tokens)
    )
    masked.network.to(planned.device)
    with limit_threads(model.n_threads):
        before = stages.before()
        task = stages.task()
        training = trained(model, task, planned, folder, data)
        comparison = None
        if before:
            is_told = _AS_IT_CAME if masked.has_own_head else _HEAD_ALONE
            found = changes(before, stages.figures(task))
            comparison = HeldOutChange(len(data.validation), is_told, found, (frequency_loss(task),))
    return MaskedLearned(masked, folder, comparison, run_record(model, masked.network, planned, data, training))


@dataclass(frozen=True, slots=True, eq=False)
class _Stages:
    """What comes before the trunk learns."""

    model: MaskedLanguageModel
    planned: Plan
    folder: Path
    data: Corpus
    masked: MaskedNetwork
    tokens: list[TextTokens]

    def task(self, learns_trunk: bool = True) -> MaskedWordTask:
        masks = masking(self.masked.transformer.tokenizer, self.model.mask_share, self.folder)
        return MaskedWordTask(
            self.masked, self.tokens, self.data, masks, self.model.batch_size, self.planned.settings.random_state,
            learns_trunk,
        )  # fmt: skip

    def before(self) -> dict[str, Figure]:
        """Figures of the frozen trunk, empty where nothing is held out; the head is ready for the trunk then."""
        task = self.task(learns_trunk=False)
        is_told = len(self.data.validation) > 0
        if self.masked.has_own_head:
            return self.figures(task) if is_told else {}
        self._head_alone(task, "head", self.model.n_head_epochs)
        if not is_told:
            return {}
        start = learned_weights(self.masked.network)
        self._head_alone(task, "head alone", self.model.n_epochs)
        figures = self.figures(task)
        restore_weights(self.masked.network, start)
        return figures

    def figures(self, task: MaskedWordTask) -> dict[str, Figure]:
        with autocast(self.planned.device, self.planned.precision):
            return task.held_out()

    def _head_alone(self, task: MaskedWordTask, stage: str, n_epochs: int) -> None:
        rate = self.model.head_learning_rate
        settings = replace(self.planned.settings, n_epochs=n_epochs, learning_rate=rate)
        trained(self.model, task, self.planned, self.folder, self.data, stage=stage, settings=settings)
