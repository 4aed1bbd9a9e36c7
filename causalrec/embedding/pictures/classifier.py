"""A classifier of pictures: a ResNet and a head, learned together or the head alone."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Self

import numpy as np

from causalrec.embedding.classification.calibration import softmax
from causalrec.embedding.classification.labelled_texts import class_indices
from causalrec.embedding.classification.scores import ClassificationScores, classification_scores
from causalrec.embedding.classification.task import all_logits
from causalrec.embedding.parameters import NamedParameters
from causalrec.embedding.pictures.augmentation import Augmentation
from causalrec.embedding.pictures.fitting import Learned, learn
from causalrec.embedding.pictures.inputs import PictureInputs
from causalrec.embedding.pictures.network_building import Model, with_head
from causalrec.embedding.pictures.network_folder import read_network
from causalrec.embedding.pictures.own_order import check_labels
from causalrec.embedding.pictures.picture_encoder import blocks
from causalrec.embedding.pictures.plan import shown_parameters
from causalrec.embedding.pictures.reading import Picture, check_told, picture_entries
from causalrec.embedding.pictures.saved_folder import read_facts, read_weights, write_folder
from causalrec.errors import NotFittedError
from causalrec.threads import limit_threads
from causalrec.training import Callback
from causalrec.training.device import autocast, device_here, find_device

__all__ = ["PictureClassifier"]


class PictureClassifier(NamedParameters):
    """Learn classes of pictures, from random weights or from ones that know pictures already.

    A share of each class is held out: it decides which epoch's weights are kept, when to stop, and the temperature
    that makes the probabilities mean what they say. The order of the rows changes nothing.

    Parameters
    ----------
    model : str, path, PictureNetwork or ResNetShape
        A folder or the `network_` of `RotationPretraining`; a folder of a ResNet of transformers; or a shape, whose
        weights are drawn at random.
    n_epochs : int
        At most.
    learning_rate : float
        Its peak.
    batch_size : int
    weight_decay : float
    warmup : float
        Share of the steps over which the learning rate rises; then it falls to 0.
    optimizer : {"adamw", "sgd"}
    augmentation : Augmentation
        Changes while it learns; none with a frozen trunk.
    precision : {"auto", "fp32", "bf16"}
        Of the products; weights stay in fp32. "auto" takes bf16 where the processor or the GPU has it.
    class_weight : {None, "balanced"}
        "balanced": each class counts the same in the loss.
    validation_share : float
        Of the distinct pictures of each class, in [0, 1). With 0 the last epoch is kept and nothing is calibrated.
    monitor : {"loss", "accuracy", "macro_f1"}
        Figure of the validation that decides on the best epoch.
    patience : int, optional
        Epochs without a better one after which to stop.
    tuning : {"full", "frozen"}
        "frozen": only a linear head learns, from the vectors of `PictureEncoder`, computed once.
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
    classes_ : shape (n_classes,)
        Ascending.
    temperature_ : float
        What divides the logits.
    validation_ : ClassificationScores or None
        Of the pictures held out, calibrated on them; None after loading.
    record_ : RunRecord
        Parameters, versions, seeds, figures of each epoch.
    network_ : PictureNetwork
        The trunk, for `PictureEncoder`.

    Examples
    --------
    >>> from causalrec.embedding.pictures import ResNetShape
    >>> PictureClassifier(ResNetShape()).fit(np.zeros((2, 64, 64, 3), dtype=np.uint8), ["shoe", "shoe"])
    Traceback (most recent call last):
        ...
    causalrec.errors.EstimationError: A classifier needs pictures of two classes or more, and all 2 labels are 'shoe'.
    """

    def __init__(
        self,
        model: Model,
        *,
        n_epochs: int = 40,
        learning_rate: float = 2e-3,
        batch_size: int = 32,
        weight_decay: float = 0.05,
        warmup: float = 0.1,
        optimizer: str = "adamw",
        augmentation: Augmentation = Augmentation(),  # noqa: B008  frozen
        precision: str = "auto",
        class_weight: str | None = None,
        validation_share: float = 0.1,
        monitor: str = "loss",
        patience: int | None = None,
        tuning: str = "full",
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
        self.class_weight = class_weight
        self.validation_share = validation_share
        self.monitor = monitor
        self.patience = patience
        self.tuning = tuning
        self.checkpoint_folder = checkpoint_folder
        self.checkpoint_steps = checkpoint_steps
        self.callbacks = callbacks
        self.device = device
        self.n_threads = n_threads
        self.random_state = random_state

    def fit(self, pictures: Sequence[Picture] | np.ndarray, labels: Sequence[Any]) -> Self:
        """Learn the classes of pictures.

        Parameters
        ----------
        pictures : uint8 of shape (n_pictures, height, width, 3) or (n_pictures, height, width), or a sequence
            Of files, their bytes, and arrays of any sizes.
        labels : sequence of str or int, length n_pictures

        Raises
        ------
        DataError : pictures or labels that are null, broken or of another type, a parameter out of its range, or
            checkpoints of another run.
        ShapeError : not one label a picture, or arrays that are no pictures.
        EstimationError : one class only, a class with one picture, or a loss that is not finite.
        MissingDataError : no such file or model.
        """
        self._keep(learn(self, pictures, labels))
        return self

    def predict_logits(self, pictures: Sequence[Picture] | np.ndarray) -> np.ndarray:
        """The network's answers before calibration; files are read a block at a time.

        Returns
        -------
        float32, shape (n_pictures, n_classes)

        Raises
        ------
        DataError : null or broken pictures, or arrays of another type.
        NotFittedError : nothing was learned.
        """
        learned, entries = self._fitted(), picture_entries(pictures)
        check_told(entries)
        found = np.zeros((len(entries), len(learned.classes)), dtype=np.float32)
        with limit_threads(self.n_threads), autocast(learned.device, learned.precision):
            for start, squares in blocks(entries, learned.network.size):
                rows, inputs = np.arange(len(squares)), PictureInputs(squares, learned.network)
                found[start : start + len(squares)] = all_logits(learned.whole, inputs, rows)
        return found

    def predict_proba(self, pictures: Sequence[Picture] | np.ndarray) -> np.ndarray:
        """Calibrated probabilities of the classes, in the order of `classes_`.

        Returns
        -------
        float64, shape (n_pictures, n_classes)
        """
        return softmax(self.predict_logits(pictures), self._fitted().temperature)

    def predict(self, pictures: Sequence[Picture] | np.ndarray) -> np.ndarray:
        """The class of largest probability of each picture, shape (n_pictures,)."""
        return self._fitted().classes[self.predict_logits(pictures).argmax(axis=1)]

    def evaluate(self, pictures: Sequence[Picture] | np.ndarray, labels: Sequence[Any]) -> ClassificationScores:
        """Hold the answers against true classes.

        Raises
        ------
        DataError : a class that was not learned, null pictures or labels.
        ShapeError : not one label a picture.
        """
        learned, entries = self._fitted(), picture_entries(pictures)
        check_labels(labels, len(entries))
        targets = class_indices(labels, learned.classes, len(entries))
        return classification_scores(self.predict_proba(entries), targets, learned.classes)

    def score(self, pictures: Sequence[Picture] | np.ndarray, labels: Sequence[Any]) -> float:
        """Share of right answers; scikit-learn's own figure."""
        return self.evaluate(pictures, labels).accuracy

    def save(self, folder: str | os.PathLike[str]) -> Path:
        """Write the folder of an ordinary model: safetensors, JSON, the run's record.

        It loads here (`PictureClassifier.load`), in `PictureEncoder`, and in transformers (`AutoModel`, and with the
        head in `AutoModelForImageClassification`). The temperature stands in classifier.json alone.

        Raises
        ------
        OutputError : the folder holds something else, or cannot be written.
        NotFittedError : nothing was learned.
        """
        learned = self._fitted()
        shown = {name: value for name, value in shown_parameters(self).items() if name != "model"}
        facts = {
            "parameters": shown, "classes": learned.classes.tolist(), "dtype": learned.classes.dtype.str,
            "temperature": learned.temperature,
            "validation": None if learned.validation is None else learned.validation.to_dict(),
        }  # fmt: skip
        return write_folder(folder, learned.whole, learned.network, learned.record, facts)

    @classmethod
    def load(cls, folder: str | os.PathLike[str]) -> Self:
        """A classifier that `save` wrote.

        Raises
        ------
        MissingDataError : the folder holds no classifier.
        DataError : its files are broken.
        """
        place = Path(folder).expanduser()
        facts, network = read_facts(place), read_network(place)
        classifier = cls(folder).set_params(**facts.parameters)
        whole = with_head(network, facts.classes.tolist(), 0)
        read_weights(place, whole)
        device = find_device(device_here(facts.record.device, place))
        precision = facts.record.precision if device == facts.record.device else "fp32"
        whole.to(device).eval()
        classifier._keep(
            Learned(network, whole, facts.classes, facts.temperature, None, facts.record, device, precision)
        )
        return classifier

    def _keep(self, learned: Learned) -> None:
        self._learned = learned
        self.classes_, self.temperature_ = learned.classes, learned.temperature
        self.validation_, self.record_ = learned.validation, learned.record
        self.network_ = learned.network

    def _fitted(self) -> Learned:
        if not hasattr(self, "_learned"):
            raise NotFittedError("This PictureClassifier has learned nothing yet: call `fit(pictures, labels)` first.")
        return self._learned
