"""Vectors of users' pasts and of items, learned from the order in which items were taken."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Self

import numpy as np

from causalrec.embedding.histories.answers import last_states, log_probabilities
from causalrec.embedding.histories.fitting import Learned, learn
from causalrec.embedding.histories.item_vectors import ItemVectors
from causalrec.embedding.histories.reading import coded, told_histories
from causalrec.embedding.histories.saved_folder import read_model, read_parameters, write_model
from causalrec.embedding.parameters import NamedParameters
from causalrec.errors import NotFittedError
from causalrec.threads import limit_threads
from causalrec.training import Callback

__all__ = ["HistoryModel"]


class HistoryModel(NamedParameters):
    """Learn from histories of items, without a label and without a text, by telling items from their neighbours.

    "next" tells at each place the next item from those before it (a causal transformer, SASRec: Kang, McAuley 2018,
    ICDM), with a softmax over the whole catalogue, which makes it strong (Klenitskiy, Vasilev 2023, RecSys). "masked"
    hides items and tells them from both sides (BERT4Rec: Sun et al. 2019, CIKM); asked for the next item, it sees the
    history with a blank behind it.

    `encode` gives one vector a history: a user's past as covariates of an effect. Give it what came *before* the
    treatment and nothing later, and learn the model from such histories too.

    The order of the users changes nothing. Before it learns, the network knows how often each item is taken.

    Parameters
    ----------
    objective : {"next", "masked"}
    n_dimensions : int
        Of the vectors; a multiple of `n_heads`.
    n_layers, n_heads : int
    max_items : int
        That are looked back at, or one less than the longest history that is learned from. Longer histories are learned
        from in pieces, and answered from their newest items.
    mask_share : float
        Of the items to hide, in (0, 1); for "masked" alone. One window in five ends in one hidden item instead.
    n_negatives : int, optional
        Items drawn for each batch that stand for the whole catalogue, each weighted so that probabilities stay right
        (Bengio, Senecal 2003, AISTATS). Default: the whole catalogue; its cost grows with the number of items.
    dropout : float
    n_epochs : int
        At most.
    learning_rate : float
        Its peak.
    batch_size : int
        Windows of histories.
    weight_decay : float
    warmup : float
        Share of the steps over which the learning rate rises; then it falls to 0.
    validation_share : float
        Of the histories, in [0, 1); they decide which epoch is kept, and are compared with simpler guesses. With 0 it
        is the last epoch, and nothing is compared.
    patience : int, optional
        Epochs without a smaller loss of the validation after which to stop.
    checkpoint_folder : str or path, optional
        Of this fit alone. The same fit again goes on where the folder's stands, and ends with the same weights.
    checkpoint_steps : int
        Steps between checkpoints; the end of an epoch always has one.
    callbacks : sequence of Callback
    device : str
        "auto" takes a GPU where there is one.
    precision : {"auto", "fp32", "bf16"}
        Of the matrix products while it learns; weights and answers are in fp32. "auto" takes bf16 where the processor
        or the GPU has it.
    n_threads : int, optional
        Default: all cores that this process may use.
    random_state : int
        Of the first weights, of the split, of the order, of what is hidden and drawn, and of dropout.

    Attributes
    ----------
    items_ : list of int or str
        Ids, ascending: the columns of `scores`.
    comparison_ : HistoryComparison or None
        Loss of the next items of histories held out, beside popularity and a chain of first order. The loss that
        chose the epoch is of the same histories, which makes it a little too good.
    record_ : RunRecord
        Parameters, versions, seeds, figures of each epoch.

    Examples
    --------
    >>> HistoryModel().fit([["tea"], ["milk"]])
    Traceback (most recent call last):
        ...
    causalrec.errors.EstimationError: 0 of 2 histories have two items or more, of 2 distinct items: ...
    """

    def __init__(
        self,
        objective: str = "next",
        *,
        n_dimensions: int = 64,
        n_layers: int = 2,
        n_heads: int = 2,
        max_items: int = 50,
        mask_share: float = 0.2,
        n_negatives: int | None = None,
        dropout: float = 0.2,
        n_epochs: int = 20,
        learning_rate: float = 2e-3,
        batch_size: int = 64,
        weight_decay: float = 0.01,
        warmup: float = 0.1,
        validation_share: float = 0.1,
        patience: int | None = None,
        checkpoint_folder: str | os.PathLike[str] | None = None,
        checkpoint_steps: int = 200,
        callbacks: Sequence[Callback] = (),
        device: str = "auto",
        precision: str = "auto",
        n_threads: int | None = None,
        random_state: int = 0,
    ):
        self.objective = objective
        self.n_dimensions = n_dimensions
        self.n_layers = n_layers
        self.n_heads = n_heads
        self.max_items = max_items
        self.mask_share = mask_share
        self.n_negatives = n_negatives
        self.dropout = dropout
        self.n_epochs = n_epochs
        self.learning_rate = learning_rate
        self.batch_size = batch_size
        self.weight_decay = weight_decay
        self.warmup = warmup
        self.validation_share = validation_share
        self.patience = patience
        self.checkpoint_folder = checkpoint_folder
        self.checkpoint_steps = checkpoint_steps
        self.callbacks = callbacks
        self.device = device
        self.precision = precision
        self.n_threads = n_threads
        self.random_state = random_state

    def fit(self, histories: Sequence[Sequence[Any] | None]) -> Self:
        """Learn from one list of item ids a user, in time order.

        Parameters
        ----------
        histories : sequence of sequences of int or of str
            All ids of one type. Null histories and those of less than two items are left out.

        Raises
        ------
        DataError : entries that are no histories, ids that are null or of other types, a parameter out of its range,
            or checkpoints of another run.
        EstimationError : too few histories of two items or more, or a loss that is not finite.
        """
        self._keep(learn(self, histories))
        return self

    def encode(self, histories: Sequence[Sequence[Any] | None]) -> np.ndarray:
        """One vector a history, in their order: float32, shape (n_histories, n_dimensions).

        Ids that were not learned are left out, as if they had not been taken. Zeros where nothing is left: no past is
        no evidence.

        Raises
        ------
        DataError : entries that are no histories, or ids of another type than those learned.
        NotFittedError : nothing was learned.
        """
        learned = self._fitted()
        codes = coded(told_histories(histories), learned.items)
        with limit_threads(self.n_threads):
            return last_states(learned.network, codes)

    def scores(self, histories: Sequence[Sequence[Any] | None]) -> np.ndarray:
        """Log probability of each item to come next: float32, shape (n_histories, n_items), in the order of `items_`.

        Items that a history holds already are told like all others. A history of which nothing is known gets the log
        of each item's share in the histories that were learned from.

        Raises
        ------
        DataError : entries that are no histories, or ids of another type than those learned.
        NotFittedError : nothing was learned.
        """
        learned = self._fitted()
        codes = coded(told_histories(histories), learned.items)
        with limit_threads(self.n_threads):
            return log_probabilities(learned.network, codes)

    def item_vectors(self) -> ItemVectors:
        """Vectors of the catalogue's items.

        Raises
        ------
        NotFittedError : nothing was learned.
        """
        network = self._fitted().network
        vectors, bias = (tensor.detach().cpu().numpy().copy() for tensor in (network.vectors, network.module.bias))
        return ItemVectors(self.items_, vectors, bias)

    def save(self, folder: str | os.PathLike[str]) -> Path:
        """Write a folder of safetensors and JSON: weights, ids, parameters, the run's record.

        Raises
        ------
        OutputError : the folder holds something else, or cannot be written.
        NotFittedError : nothing was learned.
        """
        return write_model(folder, self._fitted())

    @classmethod
    def load(cls, folder: str | os.PathLike[str]) -> Self:
        """A model that `save` wrote.

        Raises
        ------
        MissingDataError : the folder holds no model of histories.
        DataError : its files are broken.
        """
        place = Path(folder).expanduser()
        model = read_parameters(place, cls)
        model._keep(read_model(place, model))
        return model

    def _keep(self, learned: Learned) -> None:
        self._learned = learned
        self.items_, self.comparison_, self.record_ = learned.items, learned.comparison, learned.record

    def _fitted(self) -> Learned:
        if not hasattr(self, "_learned"):
            raise NotFittedError("This HistoryModel has learned nothing yet: call `fit(histories)` first.")
        return self._learned
