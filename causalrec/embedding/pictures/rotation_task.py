"""Telling the turn of a picture, for the loop of `causalrec.training`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from causalrec.embedding.classification.labelled_texts import Parts
from causalrec.embedding.pictures.inputs import PictureInputs
from causalrec.embedding.pictures.rotations import ANGLES, rotation_scores, turned
from causalrec.training import length_buckets

if TYPE_CHECKING:
    import torch

__all__ = ["RotationTask", "turn_logits"]

_ASKED = 16  # pictures asked at once, each in four turns


@dataclass(slots=True, eq=False)
class RotationTask:
    """A network with a head for the four turns, and its pictures.

    Attributes
    ----------
    module : Module
    inputs : PictureInputs
    parts : Parts
    batch_size : int
        Pictures of a batch, each in all four turns.
    random_state : int
        Of the order of the pictures.
    """

    module: torch.nn.Module
    inputs: PictureInputs
    parts: Parts
    batch_size: int
    random_state: int

    def batches(self, epoch: int) -> Sequence[np.ndarray]:
        """Rows to learn from, in random order."""
        rows = self.parts.learning
        return [rows[batch] for batch in length_buckets([1] * len(rows), self.batch_size, [self.random_state, epoch])]

    def loss(self, rows: np.ndarray) -> torch.Tensor:
        """Cross entropy over the turns; a picture is changed first, then turned, so that a turn stays exact."""
        import torch

        device = next(self.module.parameters()).device
        pixels = turned(self.inputs.standardised(self.inputs.altered(rows, device)))
        targets = torch.arange(len(ANGLES), device=device).repeat_interleave(len(rows))
        return torch.nn.functional.cross_entropy(self.module(pixels).logits.float(), targets)

    def validate(self) -> Mapping[str, float]:
        """Loss and accuracy of the validation's pictures in all turns."""
        import torch

        rows = self.parts.validation
        if not len(rows):
            return {}
        logits = turn_logits(self.module, self.inputs, rows)
        targets = torch.arange(len(ANGLES)).repeat_interleave(len(rows))
        loss = torch.nn.functional.cross_entropy(torch.from_numpy(logits.reshape(-1, len(ANGLES))), targets)
        return {"loss": float(loss), "accuracy": rotation_scores(logits.argmax(axis=2)).accuracy}


def turn_logits(whole: torch.nn.Module, inputs: PictureInputs, rows: np.ndarray) -> np.ndarray:
    """Float32, (4, n_rows, 4): answers to each turn of each picture."""
    import torch

    whole.eval()
    device = next(whole.parameters()).device
    several = []
    with torch.inference_mode():
        for start in range(0, len(rows), _ASKED):
            pixels = turned(inputs.standardised(inputs.pixels(rows[start : start + _ASKED], device)))
            several.append(whole(pixels).logits.float().cpu().numpy().reshape(len(ANGLES), -1, len(ANGLES)))
    return np.concatenate(several, axis=1)
