"""A classifier of texts: a pretrained encoder and a head, learned together or the head alone."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Self

import numpy as np

from causalrec.embedding.cache import EmbeddingCache
from causalrec.embedding.classification.calibration import softmax
from causalrec.embedding.classification.fitting import Learned, learn
from causalrec.embedding.classification.labelled_texts import class_indices, labelled_texts, told_texts
from causalrec.embedding.classification.saved_folder import read_classifier, write_classifier
from causalrec.embedding.classification.scores import ClassificationScores, classification_scores
from causalrec.embedding.classification.tuning.ways import Tuning
from causalrec.embedding.parameters import NamedParameters
from causalrec.errors import NotFittedError
from causalrec.training import Callback

__all__ = ["TextClassifier"]


class TextClassifier(NamedParameters):
    """Fine-tune a pretrained encoder for classes of texts (Devlin et al. 2019, NAACL), in scikit-learn's manner.

    A share of each class is held out: it decides which epoch's weights are kept, when to stop, and the temperature
    that makes the probabilities mean what they say. The order of the rows changes nothing.

    Parameters
    ----------
    model : str or path
        As in `TextEncoder`: a folder, "minilm", or a name on the Hugging Face hub.
    n_epochs : int, optional
        At most. Default: 4, 8 with prompts and prefixes, 30 with a frozen trunk.
    learning_rate : float, optional
        Its peak. Default: 1e-4; 5e-4 with LoRA, 1e-3 with bottlenecks and with a frozen trunk, 3e-3 with prompts and
        prefixes.
    batch_size : int
    weight_decay : float
    warmup : float
        Share of the steps over which the learning rate rises; then it falls to 0.
    optimizer : {"adamw", "sgd"}
    max_tokens : int
        Longer texts are cut there.
    precision : {"auto", "fp32", "bf16"}
        Of the matrix products; weights stay in fp32. "auto" takes bf16 where the processor or the GPU has it.
    class_weight : {None, "balanced"}
        "balanced": each class counts the same in the loss, and the probabilities are as if all were equally common.
    validation_share : float
        Of the distinct texts of each class, in [0, 1). With 0 the last epoch is kept and nothing is calibrated.
    monitor : {"loss", "accuracy", "macro_f1"}
        Figure of the validation that decides on the best epoch.
    patience : int, optional
        Epochs without a better one after which to stop.
    tuning : {"full", "frozen"} or LoRA, PromptTuning, PrefixTuning, BottleneckAdapters
        What learns. "full": everything. "frozen": only a linear head, from the vectors of `TextEncoder`, which `cache`
        keeps: seconds once they are there. The others: a few weights beside the trunk's, and the head.
    cache : EmbeddingCache, str or path, optional
        Of the vectors, with a frozen trunk.
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
        Of the head's first weights, of the split, of the order and of dropout.

    Attributes
    ----------
    classes_ : shape (n_classes,)
        Ascending.
    temperature_ : float
        What divides the logits.
    validation_ : ClassificationScores or None
        Of the texts held out, calibrated on them.
    record_ : RunRecord
        Parameters, versions, seeds, figures of each epoch.
    network_ : Module
        Of transformers, trunk and head, with LoRA's adapters added to its weights, and with prompts, prefixes or
        bottlenecks in it; with a frozen trunk the head alone.

    Examples
    --------
    >>> TextClassifier("minilm").fit(["oil prices rose", "wheat fell"], ["crude", "crude"])
    Traceback (most recent call last):
        ...
    causalrec.errors.EstimationError: A classifier needs texts of two classes or more, and all 2 labels are 'crude'.
    """

    def __init__(
        self,
        model: str | os.PathLike[str],
        *,
        n_epochs: int | None = None,
        learning_rate: float | None = None,
        batch_size: int = 16,
        weight_decay: float = 0.01,
        warmup: float = 0.1,
        optimizer: str = "adamw",
        max_tokens: int = 128,
        precision: str = "auto",
        class_weight: str | None = None,
        validation_share: float = 0.1,
        monitor: str = "loss",
        patience: int | None = None,
        tuning: Tuning = "full",
        cache: EmbeddingCache | str | os.PathLike[str] | None = None,
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
        self.max_tokens = max_tokens
        self.precision = precision
        self.class_weight = class_weight
        self.validation_share = validation_share
        self.monitor = monitor
        self.patience = patience
        self.tuning = tuning
        self.cache = cache
        self.checkpoint_folder = checkpoint_folder
        self.checkpoint_steps = checkpoint_steps
        self.callbacks = callbacks
        self.device = device
        self.n_threads = n_threads
        self.random_state = random_state

    def fit(self, texts: Sequence[str | None], labels: Sequence[Any]) -> Self:
        """Learn the classes of texts.

        Parameters
        ----------
        texts : sequence of str, length n_texts
        labels : sequence of str or int, length n_texts

        Raises
        ------
        DataError : texts or labels that are missing or of another type, a parameter out of its range, a folder that
            is unsafe or broken, or checkpoints of another run.
        ShapeError : not one label a text.
        EstimationError : one class only, a class with one text, or a loss that is not finite.
        MissingDataError : no such model, or one without weights.
        MissingExtraError : LoRA, prompts or prefixes without peft.
        """
        learned = learn(self, labelled_texts(texts, labels))
        self._keep(learned)
        return self

    def predict_logits(self, texts: Sequence[str | None]) -> np.ndarray:
        """The network's answers before calibration.

        Returns
        -------
        float32, shape (n_texts, n_classes)

        Raises
        ------
        DataError : null or blank texts, or entries that are no texts.
        NotFittedError : nothing was learned.
        """
        return self._fitted().logits(self, told_texts(texts))

    def predict_proba(self, texts: Sequence[str | None]) -> np.ndarray:
        """Calibrated probabilities of the classes, in the order of `classes_`.

        Returns
        -------
        float64, shape (n_texts, n_classes)
        """
        return softmax(self.predict_logits(texts), self._fitted().temperature)

    def predict(self, texts: Sequence[str | None]) -> np.ndarray:
        """The class of largest probability of each text, shape (n_texts,)."""
        return self._fitted().classes[self.predict_logits(texts).argmax(axis=1)]

    def evaluate(self, texts: Sequence[str | None], labels: Sequence[Any]) -> ClassificationScores:
        """Hold the answers against true classes.

        Raises
        ------
        DataError : a class that was not learned, null texts or labels.
        ShapeError : not one label a text.
        """
        learned, contents = self._fitted(), told_texts(texts)
        targets = class_indices(labels, learned.classes, len(contents))
        return classification_scores(self.predict_proba(contents), targets, learned.classes)

    def score(self, texts: Sequence[str | None], labels: Sequence[Any]) -> float:
        """Share of right answers; scikit-learn's own figure."""
        return self.evaluate(texts, labels).accuracy

    def save(self, folder: str | os.PathLike[str]) -> Path:
        """Write the folder of an ordinary model: safetensors, JSON, tokenizer, the run's record.

        It loads here (`TextClassifier.load`), in `TextEncoder`, in transformers (`AutoModel`, and with the head in
        `AutoModelForSequenceClassification`) and in sentence-transformers. The temperature stands in classifier.json
        alone. With a frozen trunk the head stands in a file of its own, which only `load` reads. With prompts, prefixes
        or bottlenecks these and the head stand in the folder "adapter", prompts and prefixes in the form of peft:
        `AutoModel` then reads the trunk as it was before, without them.

        Raises
        ------
        OutputError : the folder holds something else, or cannot be written.
        NotFittedError : nothing was learned.
        """
        return write_classifier(folder, self._fitted(), self.get_params())

    @classmethod
    def load(cls, folder: str | os.PathLike[str]) -> Self:
        """A classifier that `save` wrote.

        Raises
        ------
        MissingDataError : the folder holds no classifier.
        DataError : its files are broken.
        """
        learned, parameters = read_classifier(folder)
        classifier = cls(folder, **parameters)
        classifier._keep(learned)
        return classifier

    def _keep(self, learned: Learned) -> None:
        self._learned = learned
        self.classes_, self.temperature_ = learned.classes, learned.temperature
        self.validation_, self.record_ = learned.validation, learned.record
        self.network_ = learned.network

    def _fitted(self) -> Learned:
        if not hasattr(self, "_learned"):
            raise NotFittedError("This TextClassifier has learned nothing yet: call `fit(texts, labels)` first.")
        return self._learned
