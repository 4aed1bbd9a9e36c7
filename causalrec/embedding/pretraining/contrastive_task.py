"""Texts that find their own second view, for the loop of `causalrec.training`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from causalrec.embedding.padding import filled_up
from causalrec.embedding.pretraining.contrast import alignment, contrastive_losses, pooled, uniformity
from causalrec.embedding.pretraining.corpus import Corpus
from causalrec.embedding.pretraining.held_out import Figure
from causalrec.embedding.pretraining.tokens import TextTokens
from causalrec.training import length_buckets

if TYPE_CHECKING:
    import torch

__all__ = ["ContrastiveTask"]

_HELD_OUT = 2**32  # in the place of an epoch's number: groups of their own, the same at every validation


@dataclass(slots=True, eq=False)
class ContrastiveTask:
    """A network and its texts.

    Attributes
    ----------
    module : Module
    tokens : list of TextTokens
    data : Corpus
    padding : int
        Token number that fills up.
    batch_size, random_state : int
    temperature : float
    pooling : {"mean", "cls"}
    """

    module: torch.nn.Module
    tokens: list[TextTokens]
    data: Corpus
    padding: int
    batch_size: int
    random_state: int
    temperature: float
    pooling: str

    def batches(self, epoch: int) -> Sequence[np.ndarray]:
        """Texts to learn from, in random batches of similar lengths, which are each other's negatives."""
        return self._groups(self.data.learning, epoch)

    def loss(self, rows: np.ndarray) -> torch.Tensor:
        """Mean contrastive loss; the network is in training mode, so that dropout makes the two views."""
        return contrastive_losses(*self._views(rows), self.temperature).mean()

    def validate(self) -> Mapping[str, float]:
        """Loss, alignment and uniformity of the texts held out."""
        if not len(self.data.validation):
            return {}
        return {name: figure.value for name, figure in self.held_out().items()}

    def held_out(self) -> dict[str, Figure]:
        """The same with what each text adds to their errors; groups and dropout are as at every other call."""
        import torch

        groups = self._groups(self.data.validation, _HELD_OUT)
        with torch.inference_mode():
            with self._dropout():
                views = [self._views(rows) for rows in groups]
            losses = torch.cat([contrastive_losses(*pair, self.temperature) for pair in views]).cpu().numpy()
            first, second = (torch.cat(side).cpu().numpy() for side in zip(*views, strict=True))
            vectors = torch.cat([self._vectors(rows) for rows in groups]).cpu().numpy()
        loss = losses.astype(np.float64)
        return {
            "loss": Figure(float(loss.mean()), loss - loss.mean()), "alignment": alignment(first, second),
            "uniformity": uniformity(vectors),
        }  # fmt: skip

    def _groups(self, rows: np.ndarray, epoch: int) -> list[np.ndarray]:
        lengths = [len(self.tokens[row].ids) for row in rows]
        groups = [rows[batch] for batch in length_buckets(lengths, self.batch_size, [self.random_state, epoch])]
        # A text alone has nothing to be told from: it joins another batch.
        alone = [group for group in groups if len(group) == 1]
        groups = [group for group in groups if len(group) > 1]
        return [np.concatenate([groups[0], *alone]), *groups[1:]]

    def _views(self, rows: np.ndarray) -> tuple[torch.Tensor, torch.Tensor]:
        found = self._vectors(np.concatenate([rows, rows]))
        return found[: len(rows)], found[len(rows) :]

    def _vectors(self, rows: np.ndarray) -> torch.Tensor:
        device = next(self.module.parameters()).device
        ids, mask = filled_up([self.tokens[row].ids for row in rows], self.padding, device)
        return pooled(self.module(input_ids=ids, attention_mask=mask).last_hidden_state, mask, self.pooling)

    @contextmanager
    def _dropout(self) -> Iterator[None]:
        """With dropout drawn from the seed, and the random numbers outside left as they are."""
        import torch

        device = next(self.module.parameters()).device
        self.module.train()
        with torch.random.fork_rng(devices=[device] if device.type == "cuda" else []):
            torch.manual_seed(self.random_state)
            yield
        self.module.eval()
