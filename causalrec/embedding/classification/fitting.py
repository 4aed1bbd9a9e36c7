"""From parameters and labelled texts to a network that knows their classes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from causalrec.embedding.classification.calibration import fitted_temperature, softmax
from causalrec.embedding.classification.labelled_texts import LabelledTexts, stratified_parts
from causalrec.embedding.classification.network import build_head, build_network, n_stored_weights, weight_counts
from causalrec.embedding.classification.plan import Plan, identifying, plan, shown_parameters
from causalrec.embedding.classification.reading import read_inputs
from causalrec.embedding.classification.scores import ClassificationScores, classification_scores
from causalrec.embedding.classification.task import ClassTask, all_logits, balanced_weights
from causalrec.embedding.classification.tuning.adapter_folder import check_peft
from causalrec.embedding.classification.tuning.applied import settled, tuned_network
from causalrec.embedding.fingerprint import model_fingerprint
from causalrec.embedding.model_folder import find_model, hidden_size
from causalrec.threads import limit_threads
from causalrec.training import Checkpoints, RunRecord, Training, train
from causalrec.training.device import autocast
from causalrec.training.run_record import library_versions

if TYPE_CHECKING:
    import torch

    from causalrec.embedding.classification.classifier import TextClassifier
    from causalrec.embedding.transformer import Transformer

__all__ = ["Learned", "learn"]


@dataclass(frozen=True, slots=True, eq=False)
class Learned:
    """What a classifier knows.

    Attributes
    ----------
    network : Module
        One of transformers, trunk and head, with prompts, prefixes or bottlenecks in it where these have learned; with
        a frozen trunk the head alone.
    transformer : Transformer or None
        Whose tokenizer it reads with; None where the trunk is frozen.
    folder : Path
        Of the model that it came from: where a frozen trunk's vectors are computed.
    classes : shape (n_classes,)
    temperature : float
    validation : ClassificationScores or None
    record : RunRecord
    plan : Plan
    """

    network: torch.nn.Module
    transformer: Transformer | None
    folder: Path
    classes: np.ndarray
    temperature: float
    validation: ClassificationScores | None
    record: RunRecord
    plan: Plan

    def logits(self, classifier: TextClassifier, texts: list[str]) -> np.ndarray:
        """Float32, (n_texts, n_classes)."""
        if not texts:
            return np.zeros((0, len(self.classes)), dtype=np.float32)
        inputs = read_inputs(classifier, texts, self.transformer, self.folder)
        with limit_threads(classifier.n_threads), autocast(self.plan.device, self.plan.precision):
            return all_logits(self.network, inputs, np.arange(len(texts)))


def learn(classifier: TextClassifier, data: LabelledTexts) -> Learned:
    """Everything from the folder to the calibrated network."""
    planned = plan(classifier)
    check_peft(planned.tuning)
    parts = stratified_parts(data, classifier.validation_share, planned.settings.random_state)
    folder = find_model(classifier.model)
    network, transformer = _built(folder, data.classes, planned)
    inputs = read_inputs(classifier, data.texts, transformer, folder)
    facts = {"n_texts": len(data.texts), "n_validation": len(parts.validation), "digest": data.digest()}
    identity = {**identifying(classifier), "model_files": model_fingerprint(folder, {}), "texts": facts["digest"]}
    module = tuned_network(network, planned.tuning, planned.settings.random_state)
    with limit_threads(classifier.n_threads):
        is_balanced = classifier.class_weight is not None
        weights = balanced_weights(data.targets, parts, len(data.classes)) if is_balanced else None
        task = ClassTask(
            module, inputs, data.targets, parts, planned.batch_size, planned.settings.random_state, weights
        )
        training = _trained(classifier, task, planned, identity)
        temperature, validation = _calibrated(task, data, planned)
    n_weights, n_learning = weight_counts(module)
    n_weights += n_stored_weights(folder) if planned.is_frozen else 0
    record = RunRecord(
        "TextClassifier", shown_parameters(classifier), library_versions(), facts, n_weights, n_learning,
        planned.device, planned.precision, training.epochs, training.best_epoch, training.stopped_early,
        training.resumed,
    )  # fmt: skip
    for callback in classifier.callbacks:
        callback.on_end(record)
    network = settled(module, planned.tuning)
    return Learned(network, transformer, folder, data.classes, temperature, validation, record, planned)


def _built(folder: Path, classes: np.ndarray, planned: Plan) -> tuple[torch.nn.Module, Transformer | None]:
    if planned.is_frozen:
        return build_head(hidden_size(folder), len(classes)), None
    return build_network(folder, classes, planned.settings.random_state)


def _trained(classifier: TextClassifier, task: ClassTask, planned: Plan, identity: Mapping[str, object]) -> Training:
    folder = classifier.checkpoint_folder
    return train(
        task, planned.settings, device=planned.device, precision=planned.precision, n_threads=classifier.n_threads,
        checkpoints=None if folder is None else Checkpoints(folder, classifier.checkpoint_steps), identity=identity,
        callbacks=classifier.callbacks,
    )  # fmt: skip


def _calibrated(task: ClassTask, data: LabelledTexts, planned: Plan) -> tuple[float, ClassificationScores | None]:
    rows = task.parts.validation
    if not len(rows):
        return 1.0, None
    with autocast(planned.device, planned.precision):
        logits = all_logits(task.module, task.inputs, rows)
    temperature = fitted_temperature(logits, data.targets[rows])
    return temperature, classification_scores(softmax(logits, temperature), data.targets[rows], data.classes)
