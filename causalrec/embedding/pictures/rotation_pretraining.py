"""Self-supervision: a network learns which way up pictures are."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Self

import numpy as np

from causalrec.embedding.classification.network import weight_counts
from causalrec.embedding.parameters import NamedParameters
from causalrec.embedding.pictures.augmentation import Augmentation
from causalrec.embedding.pictures.inputs import PictureInputs
from causalrec.embedding.pictures.network import PictureNetwork, ResNetShape
from causalrec.embedding.pictures.network_building import Model, build_network, with_head
from causalrec.embedding.pictures.own_order import labelled_pictures, parts_of_classes
from causalrec.embedding.pictures.plan import Plan, identifying, plan, shown_parameters
from causalrec.embedding.pictures.reading import Picture, told_squares
from causalrec.embedding.pictures.rotation_task import RotationTask, turn_logits
from causalrec.embedding.pictures.rotations import ANGLES, RotationScores, rotation_scores
from causalrec.embedding.pictures.saved_folder import write_folder
from causalrec.errors import EstimationError, NotFittedError
from causalrec.threads import limit_threads
from causalrec.training import Callback, RunRecord, Training, train
from causalrec.training.device import autocast
from causalrec.training.run_record import library_versions

__all__ = ["RotationPretraining"]


class RotationPretraining(NamedParameters):
    """Learn from pictures without labels by telling their turns apart (RotNet: Gidaris, Singh, Komodakis 2018, ICLR).

    Each picture is shown in all four quarter turns, and the network says which turn it is. To know that a shoe
    stands on its head one must know shoes; what it learns for that helps to learn classes from few labels. It helps
    where pictures have an up and a down, and not where they have none (seen from above, textures, stars).

    Parameters
    ----------
    model : ResNetShape, str, path or PictureNetwork
        A shape, whose weights are drawn at random, or weights to go on from.
    n_epochs : int
    learning_rate : float
        Its peak.
    batch_size : int
        Pictures of a batch, each of them four times.
    weight_decay : float
    warmup : float
        Share of the steps over which the learning rate rises; then it falls to 0.
    optimizer : {"adamw", "sgd"}
    augmentation : Augmentation
        Changes before the turn.
    precision : {"auto", "fp32", "bf16"}
        Of the products; weights stay in fp32. "auto" takes bf16 where the processor or the GPU has it.
    validation_share : float
        Of the distinct pictures, in [0, 1); they decide which epoch's weights are kept. With 0 it is the last one.
    patience : int, optional
        Epochs without a smaller loss of the validation after which to stop.
    checkpoint_folder : str or path, optional
        Of this fit alone. The same fit again goes on where the folder's stands, and ends with the same weights.
    checkpoint_steps : int
        Steps between checkpoints; the end of an epoch always has one.
    callbacks : sequence of Callback
    device : str
        "auto" takes a GPU where there is one.
    n_threads : int, optional
        Default: all cores that this process may use.
    random_state : int
        Of the first weights, of the split, of the order and of the changes.

    Attributes
    ----------
    network_ : PictureNetwork
        The trunk, for `PictureEncoder` and `PictureClassifier`.
    record_ : RunRecord
        Parameters, versions, seeds, figures of each epoch.

    Examples
    --------
    >>> RotationPretraining().fit([])
    Traceback (most recent call last):
        ...
    causalrec.errors.EstimationError: There are no pictures to learn from: give at least two.
    """

    def __init__(
        self,
        model: Model = ResNetShape(),  # noqa: B008  frozen
        *,
        n_epochs: int = 30,
        learning_rate: float = 2e-3,
        batch_size: int = 32,
        weight_decay: float = 0.05,
        warmup: float = 0.1,
        optimizer: str = "adamw",
        augmentation: Augmentation = Augmentation(),  # noqa: B008  frozen
        precision: str = "auto",
        validation_share: float = 0.05,
        patience: int | None = None,
        checkpoint_folder: str | os.PathLike[str] | None = None,
        checkpoint_steps: int = 200,
        callbacks: Sequence[Callback] = (),
        device: str = "auto",
        n_threads: int | None = None,
        random_state: int = 0,
    ):
        self.model = model
        self.n_epochs = n_epochs
        self.learning_rate = learning_rate
        self.batch_size = batch_size
        self.weight_decay = weight_decay
        self.warmup = warmup
        self.optimizer = optimizer
        self.augmentation = augmentation
        self.precision = precision
        self.validation_share = validation_share
        self.patience = patience
        self.checkpoint_folder = checkpoint_folder
        self.checkpoint_steps = checkpoint_steps
        self.callbacks = callbacks
        self.device = device
        self.n_threads = n_threads
        self.random_state = random_state

    def fit(self, pictures: Sequence[Picture] | np.ndarray) -> Self:
        """Learn from pictures; their order changes nothing.

        Parameters
        ----------
        pictures : uint8 of shape (n_pictures, height, width, 3) or (n_pictures, height, width), or a sequence
            Of files, their bytes, and arrays of any sizes.

        Raises
        ------
        DataError : null or broken pictures, a parameter out of its range, or checkpoints of another run.
        ShapeError : arrays that are no pictures.
        EstimationError : no pictures, one picture only, or a loss that is not finite.
        MissingDataError : no such file or model.
        """
        planned = plan(self)
        network = build_network(self.model, planned.settings.random_state)
        data = labelled_pictures(pictures, None, network.size)
        parts = parts_of_classes(data, self.validation_share, planned.settings.random_state)
        whole = with_head(network, [f"{angle} degrees" for angle in ANGLES], planned.settings.random_state)
        identity = {**identifying(self), "weights": network.digest(), "pictures": data.digest()}
        inputs = PictureInputs(data.squares, network, self.augmentation)
        task = RotationTask(whole, inputs, parts, self.batch_size, planned.settings.random_state)
        training = train(
            task, planned.settings, device=planned.device, precision=planned.precision, n_threads=self.n_threads,
            checkpoints=planned.checkpoints, identity=identity, callbacks=self.callbacks,
        )  # fmt: skip
        facts = {"n_pictures": len(data.contents), "n_validation": len(parts.validation), "digest": data.digest()}
        self.network_, self._whole = network, whole
        self.record_ = self._record(training, planned, facts)
        for callback in self.callbacks:
            callback.on_end(self.record_)
        return self

    def evaluate(self, pictures: Sequence[Picture] | np.ndarray) -> RotationScores:
        """How often the turns of pictures are told.

        Raises
        ------
        NotFittedError : nothing was learned.
        EstimationError : no pictures.
        """
        network, record = self._fitted(), self.record_
        squares = told_squares(pictures, network.size)
        if not len(squares):
            raise EstimationError("There are no pictures to score: give at least one.")
        with limit_threads(self.n_threads), autocast(record.device, record.precision):
            logits = turn_logits(self._whole, PictureInputs(squares, network), np.arange(len(squares)))
        return rotation_scores(logits.argmax(axis=2))

    def save(self, folder: str | os.PathLike[str]) -> Path:
        """Write the folder of an ordinary ResNet: safetensors, JSON, the run's record.

        It loads in `PictureEncoder`, in `PictureClassifier` and in transformers (`AutoModel`).

        Raises
        ------
        OutputError : the folder holds something else, or cannot be written.
        NotFittedError : nothing was learned.
        """
        network = self._fitted()
        return write_folder(folder, self._whole, network, self.record_)

    def _record(self, training: Training, planned: Plan, facts: dict[str, object]) -> RunRecord:
        return RunRecord(
            "RotationPretraining", shown_parameters(self), library_versions(), facts, *weight_counts(self._whole),
            planned.device, planned.precision, training.epochs, training.best_epoch, training.stopped_early,
            training.resumed,
        )  # fmt: skip

    def _fitted(self) -> PictureNetwork:
        if not hasattr(self, "network_"):
            raise NotFittedError("This RotationPretraining has learned nothing yet: call `fit(pictures)` first.")
        return self.network_
