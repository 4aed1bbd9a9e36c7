"""From parameters and labelled pictures to a network that knows their classes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from causalrec.embedding.classification.calibration import fitted_temperature, softmax
from causalrec.embedding.classification.inputs import VectorInputs
from causalrec.embedding.classification.labelled_texts import Parts
from causalrec.embedding.classification.network import build_head, weight_counts
from causalrec.embedding.classification.plan import CLASS_WEIGHTS, MONITORS
from causalrec.embedding.classification.scores import ClassificationScores, classification_scores
from causalrec.embedding.classification.task import ClassTask, all_logits, balanced_weights
from causalrec.embedding.pictures.inputs import PictureInputs
from causalrec.embedding.pictures.network import PictureNetwork
from causalrec.embedding.pictures.network_building import build_network, with_head
from causalrec.embedding.pictures.own_order import LabelledPictures, labelled_pictures, parts_of_classes
from causalrec.embedding.pictures.picture_encoder import PictureEncoder
from causalrec.embedding.pictures.plan import Plan, identifying, plan, shown_parameters
from causalrec.errors import DataError
from causalrec.threads import limit_threads
from causalrec.training import RunRecord, Training, train
from causalrec.training.device import autocast
from causalrec.training.ranges import check_choice
from causalrec.training.run_record import library_versions

if TYPE_CHECKING:
    import torch

    from causalrec.embedding.pictures.classifier import PictureClassifier

__all__ = ["Learned", "learn"]

_LEAST_SPREAD = 1e-6


@dataclass(frozen=True, slots=True, eq=False)
class Learned:
    """What a classifier knows.

    Attributes
    ----------
    network : PictureNetwork
        The trunk.
    whole : Module
        Trunk and head.
    classes : shape (n_classes,)
    temperature : float
    validation : ClassificationScores or None
    record : RunRecord
    device, precision : str
        Where and how it answers.
    """

    network: PictureNetwork
    whole: torch.nn.Module
    classes: np.ndarray
    temperature: float
    validation: ClassificationScores | None
    record: RunRecord
    device: str
    precision: str


def learn(classifier: PictureClassifier, pictures: Any, labels: Sequence[Any]) -> Learned:
    """Everything from the model to the calibrated network."""
    planned = _planned(classifier)
    if labels is None:  # pretraining reads pictures without labels, as one class that has no name
        raise DataError("Labels are a NoneType; give a list or a column, one label a picture.")
    seed = planned.settings.random_state
    network = build_network(classifier.model, seed)
    data = labelled_pictures(pictures, labels, network.size)
    parts = parts_of_classes(data, classifier.validation_share, seed)
    facts = {"n_pictures": len(data.contents), "n_validation": len(parts.validation), "digest": data.digest()}
    identity = {**identifying(classifier), "weights": network.digest(), "pictures": facts["digest"]}
    whole = with_head(network, data.classes.tolist(), seed)
    with limit_threads(classifier.n_threads):
        learning = _learn_head if classifier.tuning == "frozen" else _learn_whole
        training, n_learning = learning(classifier, planned, data, parts, network, whole, identity)
        temperature, validation = _calibrated(whole, network, data, parts, planned)
    record = RunRecord(
        "PictureClassifier", shown_parameters(classifier), library_versions(), facts,
        weight_counts(whole)[0], n_learning, planned.device, planned.precision,
        training.epochs, training.best_epoch, training.stopped_early, training.resumed,
    )  # fmt: skip
    for callback in classifier.callbacks:
        callback.on_end(record)
    return Learned(
        network, whole, data.classes, temperature, validation, record, planned.device, planned.precision
    )  # fmt: skip


def _planned(classifier: PictureClassifier) -> Plan:
    check_choice("monitor", classifier.monitor, MONITORS)
    check_choice("class_weight", classifier.class_weight, CLASS_WEIGHTS)
    check_choice("tuning", classifier.tuning, ("full", "frozen"))
    return plan(classifier, classifier.monitor)


def _learn_whole(
    classifier: PictureClassifier, planned: Plan, data: LabelledPictures, parts: Parts, network: PictureNetwork,
    whole: torch.nn.Module, identity: dict[str, object],
) -> tuple[Training, int]:  # fmt: skip
    inputs = PictureInputs(data.squares, network, classifier.augmentation)
    task = ClassTask(
        whole, inputs, data.targets, parts, classifier.batch_size, planned.settings.random_state,
        _class_weights(classifier, data, parts),
    )  # fmt: skip
    return _trained(classifier, task, planned, planned.precision, identity), weight_counts(whole)[1]


def _learn_head(
    classifier: PictureClassifier, planned: Plan, data: LabelledPictures, parts: Parts, network: PictureNetwork,
    whole: torch.nn.Module, identity: dict[str, object],
) -> tuple[Training, int]:  # fmt: skip
    """A linear head on standardised vectors; afterwards it stands in the network, its scales taken into its weights."""
    import torch

    encoder = PictureEncoder(network, device=planned.device, n_threads=classifier.n_threads)
    vectors = encoder.encode(data.squares)
    mean, spread = vectors[parts.learning].mean(axis=0), vectors[parts.learning].std(axis=0)
    scale = np.where(spread > _LEAST_SPREAD, spread, np.inf)  # what never varies says nothing
    head = build_head(network.n_dimensions, len(data.classes))
    task = ClassTask(
        head, VectorInputs((vectors - mean) / scale.astype(np.float32)), data.targets, parts, classifier.batch_size,
        planned.settings.random_state, _class_weights(classifier, data, parts),
    )  # fmt: skip
    training = _trained(classifier, task, planned, "fp32", identity)
    whole.to(planned.device).eval()
    with torch.no_grad():
        weight = head.weight.cpu() / torch.from_numpy(scale)
        whole.classifier[1].weight.copy_(weight)
        whole.classifier[1].bias.copy_(head.bias.cpu() - weight @ torch.from_numpy(mean).to(weight.dtype))
    return training, weight_counts(head)[1]


def _trained(
    classifier: PictureClassifier, task: ClassTask, planned: Plan, precision: str, identity: dict[str, object]
) -> Training:
    return train(
        task, planned.settings, device=planned.device, precision=precision, n_threads=classifier.n_threads,
        checkpoints=planned.checkpoints, identity=identity, callbacks=classifier.callbacks,
    )  # fmt: skip


def _calibrated(
    whole: torch.nn.Module, network: PictureNetwork, data: LabelledPictures, parts: Parts, planned: Plan
) -> tuple[float, ClassificationScores | None]:
    rows = parts.validation
    if not len(rows):
        return 1.0, None
    with autocast(planned.device, planned.precision):
        logits = all_logits(whole, PictureInputs(data.squares, network), rows)
    temperature = fitted_temperature(logits, data.targets[rows])
    return temperature, classification_scores(softmax(logits, temperature), data.targets[rows], data.classes)


def _class_weights(classifier: PictureClassifier, data: LabelledPictures, parts: Parts) -> np.ndarray | None:
    return None if classifier.class_weight is None else balanced_weights(data.targets, parts, len(data.classes))
