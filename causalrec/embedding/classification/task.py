"""Classes learned from rows, for the loop of `causalrec.training`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from causalrec.embedding.batches import batches_of_one_length
from causalrec.embedding.classification.calibration import log_loss
from causalrec.embedding.classification.inputs import Inputs
from causalrec.embedding.classification.labelled_texts import Parts
from causalrec.embedding.classification.scores import confusion_counts, f1_scores
from causalrec.training import length_buckets

if TYPE_CHECKING:
    import torch

__all__ = ["ClassTask", "all_logits", "balanced_weights"]

_BATCH_TOKENS = 4096


@dataclass(slots=True, eq=False)
class ClassTask:
    """A network, its rows, and the classes of these as indices.

    Attributes
    ----------
    module : Module
    inputs : Inputs
    targets : int64, shape (n_texts,)
    parts : Parts
    batch_size : int
    random_state : int
        Of the order of the rows.
    class_weights : float, shape (n_classes,), or None
        Of the loss; their mean over the rows is 1.
    """

    module: torch.nn.Module
    inputs: Inputs
    targets: np.ndarray
    parts: Parts
    batch_size: int
    random_state: int
    class_weights: np.ndarray | None = None

    def batches(self, epoch: int) -> Sequence[np.ndarray]:
        """Rows to learn from, in random batches of similar lengths."""
        rows = self.parts.learning
        lengths = [self.inputs.lengths[row] for row in rows]
        return [rows[batch] for batch in length_buckets(lengths, self.batch_size, [self.random_state, epoch])]

    def loss(self, rows: np.ndarray) -> torch.Tensor:
        """Cross entropy."""
        import torch

        logits = self.inputs.logits(self.module, rows)
        targets = torch.from_numpy(self.targets[rows]).to(logits.device)
        losses = torch.nn.functional.cross_entropy(logits, targets, reduction="none")
        if self.class_weights is None:
            return losses.mean()
        weights = torch.from_numpy(self.class_weights.astype(np.float32))[targets.cpu()].to(logits.device)
        return (losses * weights).mean()

    def validate(self) -> Mapping[str, float]:
        """Log loss, accuracy and macro-F1 of the validation's rows."""
        rows = self.parts.validation
        if not len(rows):
            return {}
        logits, targets = all_logits(self.module, self.inputs, rows), self.targets[rows]
        chosen = logits.argmax(axis=1)
        return {
            "loss": log_loss(logits, targets), "accuracy": float((chosen == targets).mean()),
            "macro_f1": float(np.nanmean(f1_scores(confusion_counts(chosen, targets, logits.shape[1])))),
        }  # fmt: skip


def all_logits(network: torch.nn.Module, inputs: Inputs, rows: np.ndarray) -> np.ndarray:
    """Float32, (n_rows, n_classes); texts go together with others of their length, so that none is filled up."""
    import torch

    network.eval()
    found: np.ndarray | None = None
    with torch.inference_mode():
        for batch in batches_of_one_length([inputs.lengths[row] for row in rows], _BATCH_TOKENS):
            logits = inputs.logits(network, rows[batch]).cpu().numpy()
            found = np.zeros((len(rows), logits.shape[1]), dtype=np.float32) if found is None else found
            found[batch] = logits
    assert found is not None
    return found


def balanced_weights(targets: np.ndarray, parts: Parts, n_classes: int) -> np.ndarray:
    """Inverse shares of the classes among the rows to learn from, mean 1 over these rows; (n_classes,)."""
    counts = np.bincount(targets[parts.learning], minlength=n_classes)
    return len(parts.learning) / (n_classes * counts)
