"""A pretrained encoder that goes on learning a domain's words, without labels."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Self

from causalrec.embedding.pretraining.masked_fitting import MaskedLearned, learn_masked
from causalrec.embedding.pretraining.plan import Pretraining
from causalrec.embedding.pretraining.saved_folder import write_model
from causalrec.errors import NotFittedError
from causalrec.training import Callback

__all__ = ["MaskedLanguageModel"]


class MaskedLanguageModel(Pretraining):
    """Adapt a pretrained encoder to a domain by hiding words and guessing them (Devlin et al. 2019, NAACL).

    Whole words are hidden, other ones in each epoch. Texts count once each, however often they stand in the table, and
    the order of the rows changes nothing. Words of a domain make better vectors of it, or worse ones: a sentence
    encoder was trained for its vectors' distances, and guessing words may undo some of that. Compare the two on a
    question of your own before you take the adapted one.

    Many encoders come without a head that guesses words. Theirs is drawn at random, with the word embeddings as its
    last layer, and learns alone for `n_head_epochs` while the trunk is frozen. From there the way parts: what counts
    as "before" is the frozen trunk whose head goes on alone for `n_epochs` at `head_learning_rate`, and "after" the
    network that learned as a whole for `n_epochs`, on the same texts and masks. A model with a head of its own is
    "before" as it came. Both sides keep their epoch of least held-out loss.

    Parameters
    ----------
    model : str or path
        As in `TextEncoder`: a folder, "minilm", or a name on the Hugging Face hub; an encoder with a mask token.
    mask_share : float
        Of the words of each text, in (0, 1); at least one word.
    n_epochs : int
        At most.
    learning_rate : float
        Its peak.
    n_head_epochs : int
        Of a fresh head, before the trunk learns.
    head_learning_rate : float
        The peak while a head learns alone.
    batch_size : int
    weight_decay : float
    warmup : float
        Share of the steps over which the learning rate rises; then it falls to 0.
    optimizer : {"adamw", "sgd"}
    max_tokens : int
        Longer texts are cut there.
    precision : {"auto", "fp32", "bf16"}
        Of the matrix products; weights stay in fp32. "auto" takes bf16 where the processor or the GPU has it.
    validation_share : float
        Of the distinct texts, in [0, 1). With 0 the last epoch is kept, and nothing is compared.
    patience : int, optional
        Epochs without a better one after which to stop.
    checkpoint_folder : str or path, optional
        Of this fit alone. The same fit again goes on where the folder's stands, and ends with the same weights.
    checkpoint_steps : int
        Steps between checkpoints; the end of an epoch always has one.
    callbacks : sequence of Callback
        Told of the epochs in which everything learns.
    device : str
        "auto" takes a GPU where there is one.
    n_threads : int, optional
        Default: all cores that this process may use.
    random_state : int
        Of a fresh head, of the split, of the order, of masks and of dropout.

    Attributes
    ----------
    comparison_ : HeldOutChange or None
        "loss" (nats a hidden piece) and "accuracy" on texts held out, before and after, words hidden alike.
    record_ : RunRecord
        Parameters, versions, seeds, figures of each epoch.
    network_ : Module
        Of transformers.

    Examples
    --------
    >>> MaskedLanguageModel("minilm").fit(["", None])
    Traceback (most recent call last):
        ...
    causalrec.errors.EstimationError: There is nothing to learn from: all 2 texts are null or blank.
    """

    def __init__(
        self,
        model: str | os.PathLike[str],
        *,
        mask_share: float = 0.15,
        n_epochs: int = 3,
        learning_rate: float = 1e-4,
        n_head_epochs: int = 1,
        head_learning_rate: float = 1e-3,
        batch_size: int = 32,
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
        self.mask_share = mask_share
        self.n_epochs = n_epochs
        self.learning_rate = learning_rate
        self.n_head_epochs = n_head_epochs
        self.head_learning_rate = head_learning_rate
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
        """Learn the words of texts from their neighbours.

        Parameters
        ----------
        texts : sequence of str or None, length n_texts
            Null and blank ones are left out.

        Raises
        ------
        EstimationError : too few texts with something in them, or a loss that is not finite.
        DataError : entries that are no texts, a parameter out of its range, a model that is no encoder or has no mask
            token, a folder that is unsafe or broken, or checkpoints of another run.
        MissingDataError : no such model, or one without weights.
        """
        learned = learn_masked(self, texts)
        self._learned = learned
        self.comparison_, self.record_, self.network_ = learned.comparison, learned.record, learned.masked.network
        return self

    def save(self, folder: str | os.PathLike[str]) -> Path:
        """Write the folder of an ordinary model: safetensors, JSON, tokenizer, the run's record.

        It loads in `TextEncoder`, `TextClassifier`, here, in transformers (`AutoModel`, `AutoModelForMaskedLM`) and in
        sentence-transformers, with the pooling of the model that it came from.

        Raises
        ------
        OutputError : the folder holds something else, or cannot be written.
        NotFittedError : nothing was learned.
        """
        learned = self._fitted()
        return write_model(
            folder, learned.masked.network, learned.masked.transformer.tokenizer, source=learned.folder,
            parameters=self.get_params(), comparison=learned.comparison, record=learned.record,
            beside=learned.masked.beside,
        )  # fmt: skip

    def _fitted(self) -> MaskedLearned:
        if not hasattr(self, "_learned"):
            raise NotFittedError("This MaskedLanguageModel has learned nothing yet: call `fit(texts)` first.")
        return self._learned
