"""A pretrained encoder that learns a domain's distances, without labels."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Self

from causalrec.embedding.pretraining.contrastive_fitting import ContrastiveLearned, learn_contrast
from causalrec.embedding.pretraining.plan import Pretraining
from causalrec.embedding.pretraining.saved_folder import write_model
from causalrec.errors import NotFittedError
from causalrec.training import Callback

__all__ = ["ContrastivePretraining"]


class ContrastivePretraining(Pretraining):
    """Adapt a pretrained encoder to a domain by telling its texts apart (SimCSE: Gao, Yao, Chen 2021, EMNLP).

    Each text goes through the network twice. Dropout makes the two vectors differ; they shall find each other among
    the vectors of the batch's other texts. This is the unsupervised SimCSE without the extra layer that its authors
    put over the first token while they learn. Equal texts count once, else they would be each other's negatives.

    Texts that mean the same are pushed apart too where they stand in one batch: in a catalogue of near duplicates
    that does harm. Compare the two on a question of your own before you take the adapted one.

    Parameters
    ----------
    model : str or path
        As in `TextEncoder`: a folder, "minilm", or a name on the Hugging Face hub; an encoder with dropout.
    temperature : float
        What divides the cosines; less looks harder at the nearest other texts.
    pooling : {"mean", "cls"}
        Of the tokens' vectors; take the one that the model was trained with.
    n_epochs : int
        At most.
    learning_rate : float
        Its peak.
    batch_size : int
        Of 2 or more: each text is told from `batch_size` - 1 others.
    weight_decay, warmup, optimizer, max_tokens, precision, validation_share, patience, checkpoint_folder,
    checkpoint_steps, callbacks, device, n_threads, random_state
        As in `MaskedLanguageModel`.

    Attributes
    ----------
    comparison_ : HeldOutChange or None
        On texts held out, before and after, under the same dropout: "loss" (contrastive, nats), "alignment" of the two
        views (mean squared distance, lower is better) and "uniformity" of the texts (lower is more evenly spread;
        Wang, Isola 2020, ICML).
    record_ : RunRecord
        Parameters, versions, seeds, figures of each epoch.
    network_ : Module
        Of transformers.

    Examples
    --------
    >>> ContrastivePretraining("minilm", batch_size=1).fit(["oat milk", "rice", "salt", "tea"])
    Traceback (most recent call last):
        ...
    causalrec.errors.DataError: batch_size is 1; give a whole number of 2 or more.
    """

    def __init__(
        self,
        model: str | os.PathLike[str],
        *,
        temperature: float = 0.05,
        pooling: str = "mean",
        n_epochs: int = 1,
        learning_rate: float = 3e-5,
        batch_size: int = 64,
        weight_decay: float = 0.01,
        warmup: float = 0.1,
        optimizer: str = "adamw",
        max_tokens: int = 128,
        precision: str = "auto",
        validation_share: float = 0.1,
        patience: int | None = None,
        checkpoint_folder: str | os.PathLike[str] | None = None,
        checkpoint_steps: int = 200,
        callbacks: Sequence[Callback] = (),
        device: str = "auto",
        n_threads: int | None = None,
        random_state: int = 0,
    ):
        self.model = model
        self.temperature = temperature
        self.pooling = pooling
        self.n_epochs = n_epochs
        self.learning_rate = learning_rate
        self.batch_size = batch_size
        self.weight_decay = weight_decay
        self.warmup = warmup
        self.optimizer = optimizer
        self.max_tokens = max_tokens
        self.precision = precision
        self.validation_share = validation_share
        self.patience = patience
        self.checkpoint_folder = checkpoint_folder
        self.checkpoint_steps = checkpoint_steps
        self.callbacks = callbacks
        self.device = device
        self.n_threads = n_threads
        self.random_state = random_state

    def fit(self, texts: Sequence[str | None]) -> Self:
        """Learn to tell texts apart.

        Parameters
        ----------
        texts : sequence of str or None, length n_texts
            Null and blank ones are left out.

        Raises
        ------
        EstimationError : too few texts with something in them, or a loss that is not finite.
        DataError : entries that are no texts, a parameter out of its range, a model that is no encoder or has no
            dropout, a folder that is unsafe or broken, or checkpoints of another run.
        MissingDataError : no such model, or one without weights.
        """
        learned = learn_contrast(self, texts)
        self._learned = learned
        self.comparison_, self.record_ = learned.comparison, learned.record
        self.network_ = learned.transformer.model
        return self

    def save(self, folder: str | os.PathLike[str]) -> Path:
        """Write the folder of an ordinary model: safetensors, JSON, tokenizer, the run's record.

        It loads in `TextEncoder`, `TextClassifier`, here, in transformers (`AutoModel`) and in sentence-transformers,
        with the pooling of the model that it came from.

        Raises
        ------
        OutputError : the folder holds something else, or cannot be written.
        NotFittedError : nothing was learned.
        """
        learned = self._fitted()
        return write_model(
            folder, learned.transformer.model, learned.transformer.tokenizer, source=learned.folder,
            parameters=self.get_params(), comparison=learned.comparison, record=learned.record, pooling=self.pooling,
        )  # fmt: skip

    def _fitted(self) -> ContrastiveLearned:
        if not hasattr(self, "_learned"):
            raise NotFittedError("This ContrastivePretraining has learned nothing yet: call `fit(texts)` first.")
        return self._learned
