"""Hidden words learned from their neighbours, for the loop of `causalrec.training`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from causalrec.embedding.batches import batches_of_one_length
from causalrec.embedding.padding import filled_up
from causalrec.embedding.pretraining.corpus import Corpus
from causalrec.embedding.pretraining.held_out import Figure, Reference, ratio
from causalrec.embedding.pretraining.masking import MaskedText, Masking
from causalrec.embedding.pretraining.network import MaskedNetwork
from causalrec.embedding.pretraining.tokens import TextTokens
from causalrec.training import length_buckets

if TYPE_CHECKING:
    import torch

__all__ = ["MaskedWordTask", "frequency_loss"]

_BATCH_TOKENS = 2048
_HELD_OUT = 2**32  # in the place of an epoch's number: masks of their own, the same at every validation


@dataclass(slots=True, eq=False)
class MaskedWordTask:
    """A network and its texts.

    Attributes
    ----------
    masked : MaskedNetwork
    tokens : list of TextTokens
    data : Corpus
    masking : Masking
    batch_size, random_state : int
        The latter of the order of the texts and of their masks.
    learns_trunk : bool
        Or the head alone.
    """

    masked: MaskedNetwork
    tokens: list[TextTokens]
    data: Corpus
    masking: Masking
    batch_size: int
    random_state: int
    learns_trunk: bool = True
    module: torch.nn.Module = field(init=False)
    _epoch: int = field(init=False, default=0)

    def __post_init__(self) -> None:
        self.module = self.masked.network
        self.masked.let_learn(self.learns_trunk)

    def batches(self, epoch: int) -> Sequence[np.ndarray]:
        """Texts to learn from, in random batches of similar lengths; each epoch hides other words."""
        self._epoch = epoch
        rows = self.data.learning
        lengths = [len(self.tokens[row].ids) for row in rows]
        return [rows[batch] for batch in length_buckets(lengths, self.batch_size, [self.random_state, epoch])]

    def loss(self, rows: np.ndarray) -> torch.Tensor:
        """Mean cross entropy of the hidden pieces."""
        if not self.learns_trunk:
            self.masked.trunk.eval()  # a frozen trunk says what it will say when it is asked: no dropout
        return self._losses([self._masked(row, self._epoch) for row in rows])[0].mean()

    def validate(self) -> Mapping[str, float]:
        """Loss and share of right guesses on the texts held out."""
        if not len(self.data.validation):
            return {}
        return {name: figure.value for name, figure in self.held_out().items()}

    def held_out(self) -> dict[str, Figure]:
        """The same with what each text adds to their errors; words are hidden as at every other call."""
        import torch

        rows = self.data.validation
        texts = self.held_out_texts()
        loss, right = np.zeros(len(rows)), np.zeros(len(rows))
        self.module.eval()
        with torch.inference_mode():
            for batch in batches_of_one_length([len(text.ids) for text in texts], _BATCH_TOKENS):
                losses, hits = self._losses([texts[k] for k in batch])
                owner = np.repeat(batch, [len(texts[k].places) for k in batch])
                np.add.at(loss, owner, losses.cpu().numpy().astype(np.float64))
                np.add.at(right, owner, hits.cpu().numpy().astype(np.float64))
        counts = np.array([len(text.places) for text in texts], dtype=np.float64)
        return {"loss": ratio(loss, counts), "accuracy": ratio(right, counts)}

    def held_out_texts(self) -> list[MaskedText]:
        """The texts held out, their words hidden."""
        return [self._masked(row, _HELD_OUT) for row in self.data.validation]

    def _masked(self, row: int, epoch: int) -> MaskedText:
        return self.masking.masked(self.tokens[row], [self.random_state, epoch, int(row)])

    def _losses(self, texts: list[MaskedText]) -> tuple[torch.Tensor, torch.Tensor]:
        """Cross entropy of each hidden piece, and whether the likeliest one is right; text by text."""
        import torch

        device = next(self.module.parameters()).device
        ids, mask = filled_up([text.ids for text in texts], self.masked.transformer.tokenizer.pad_token_id or 0, device)
        asked = np.zeros(tuple(ids.shape), dtype=bool)
        for row, text in enumerate(texts):
            asked[row, text.places] = True
        logits = self.masked.logits(ids, mask, torch.from_numpy(asked).to(device))
        hidden = torch.from_numpy(np.concatenate([text.hidden for text in texts])).to(device)
        return torch.nn.functional.cross_entropy(logits, hidden, reduction="none"), logits.argmax(dim=1) == hidden


def frequency_loss(task: MaskedWordTask) -> Reference:
    """Loss of a guess that knows how often each piece stands in the texts to learn from, and no neighbour.

    A piece that never stands there counts as if it had been seen once.
    """
    seen = np.concatenate([text.ids[text.words >= 0] for text in (task.tokens[row] for row in task.data.learning)])
    counts = np.bincount(seen, minlength=int(task.masking.ordinary.max()) + 1) + 1.0
    counts[np.setdiff1d(np.arange(len(counts)), task.masking.ordinary)] = 0
    texts = task.held_out_texts()
    cost = np.log(counts.sum()) - np.log(np.maximum(counts, 1))
    found = ratio(
        np.array([cost[text.hidden].sum() for text in texts]),
        np.array([len(text.hidden) for text in texts], dtype=float),
    )
    return Reference("loss of a guess by frequency alone", found.value, found.stderr)
