"""Histories learned from themselves, for the loop of `causalrec.training`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from causalrec.embedding.histories.hidden_items import Hiding, hidden_items
from causalrec.embedding.histories.network import HistoryNetwork
from causalrec.embedding.histories.questions import Questions, hidden_questions, next_questions
from causalrec.embedding.histories.softmax import full_loss, sampled_loss
from causalrec.embedding.histories.windows import Windows
from causalrec.training import length_buckets

if TYPE_CHECKING:
    import torch

__all__ = ["HistoryTask"]

_HELD_OUT = 2**32  # in the place of an epoch's number: hidden items of their own, the same at every validation


@dataclass(slots=True, eq=False)
class HistoryTask:
    """A network and windows of histories.

    Attributes
    ----------
    network : HistoryNetwork
    learning, validation : Windows
    mask_share : float or None
        Of the items to hide; None asks the next item at each place.
    n_negatives : int or None
        Items drawn for each batch; None takes the whole catalogue.
    batch_size, random_state : int
    """

    network: HistoryNetwork
    learning: Windows
    validation: Windows
    mask_share: float | None
    n_negatives: int | None
    batch_size: int
    random_state: int
    module: torch.nn.Module = field(init=False)
    _hiding: Hiding | None = field(init=False)

    def __post_init__(self) -> None:
        self.module = self.network.module
        self._hiding = self._hide(self.learning, 0)

    def batches(self, epoch: int) -> Sequence[np.ndarray]:
        """Windows to learn from, in random batches of similar lengths; each epoch hides other items."""
        self._hiding = self._hide(self.learning, epoch)
        return length_buckets(self.learning.lengths.tolist(), self.batch_size, [self.random_state, epoch])

    def loss(self, rows: np.ndarray) -> torch.Tensor:
        """Mean cross entropy of what is asked."""
        import torch

        n_items = self.network.shape.n_items
        states, targets = self._answered(self._questions(self.learning, rows, self._hiding))
        vectors, bias = self.network.vectors, self.module.bias
        if self.n_negatives is None or self.n_negatives >= n_items:
            return full_loss(states, targets, vectors, bias).mean()
        drawn = torch.randperm(n_items)[: self.n_negatives].to(states.device)
        return sampled_loss(states, targets, vectors, bias, drawn).mean()

    def validate(self) -> Mapping[str, float]:
        """Loss over the whole catalogue, a mean over all that is asked of the histories held out."""
        windows = self.validation
        total, n_asked, hiding = 0.0, 0, self._hide(windows, _HELD_OUT)
        for start in range(0, len(windows.lengths), self.batch_size):
            rows = np.arange(start, min(start + self.batch_size, len(windows.lengths)))
            states, targets = self._answered(self._questions(windows, rows, hiding))
            total += float(full_loss(states, targets, self.network.vectors, self.module.bias).sum())
            n_asked += len(targets)
        return {"loss": total / n_asked} if n_asked else {}

    def _hide(self, windows: Windows, epoch: int) -> Hiding | None:
        if self.mask_share is None:
            return None
        return hidden_items(windows.lengths, windows.items.shape[1], self.mask_share, [self.random_state, epoch])

    def _questions(self, windows: Windows, rows: np.ndarray, hiding: Hiding | None) -> Questions:
        items, filled = windows.cut(rows)
        if hiding is None:
            return next_questions(items, filled)
        hidden, seen = (array[rows, : items.shape[1]] for array in (hiding.hidden, hiding.filled))
        return hidden_questions(items, seen, hidden, self.network.blank)

    def _answered(self, questions: Questions) -> tuple[torch.Tensor, torch.Tensor]:
        """States where something is asked, and the right answers."""
        import torch

        device = next(self.module.parameters()).device
        inputs, filled, asked, targets = (
            torch.from_numpy(np.ascontiguousarray(array)).to(device)
            for array in (questions.inputs, questions.filled, questions.asked, questions.targets)
        )
        return self.network.states(inputs, filled)[asked], targets
