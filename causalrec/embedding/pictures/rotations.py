"""Quarter turns, and how well a network tells them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from causalrec.embedding.classification.scores import mean_stderr

if TYPE_CHECKING:
    import torch

__all__ = ["ANGLES", "RotationScores", "rotation_scores", "turned"]

ANGLES = (0, 90, 180, 270)
"""Degrees, counter-clockwise."""


def turned(pixels: torch.Tensor) -> torch.Tensor:
    """Every picture in all four turns: first all of them as they are, then all by 90 degrees, and so on.

    Parameters
    ----------
    pixels : Tensor, shape (n_pictures, n_channels, side, side)

    Returns
    -------
    Tensor, shape (4 n_pictures, n_channels, side, side)

    Examples
    --------
    >>> import torch
    >>> turned(torch.tensor([[[[1, 2], [3, 4]]]]))[1].tolist()
    [[[2, 4], [1, 3]]]
    """
    import torch

    n = len(pixels)
    shape = (len(ANGLES) * n, *pixels.shape[1:])
    every = torch.empty(shape, dtype=pixels.dtype, device=pixels.device, memory_format=torch.channels_last)
    for quarter in range(len(ANGLES)):
        every[quarter * n : (quarter + 1) * n] = torch.rot90(pixels, quarter, dims=(2, 3))
    return every


@dataclass(frozen=True, slots=True, eq=False)
class RotationScores:
    """How often the turn of a picture is told.

    Attributes
    ----------
    n_pictures : int
        Each is asked in all four turns.
    accuracy, accuracy_stderr : float
        Share of right answers, 1/4 by chance; the standard error over pictures, as the turns of one go together.
    confusion : int64, shape (4, 4)
        Rows are the true turns, columns the chosen ones.
    """

    n_pictures: int
    accuracy: float
    accuracy_stderr: float
    confusion: np.ndarray

    def __str__(self) -> str:
        lines = [
            f"accuracy {self.accuracy:.4f} ± {self.accuracy_stderr:.4f} ({self.n_pictures:,} pictures in four turns, "
            "± one standard error; .25 by chance)"
        ]
        for angle, row in zip(ANGLES, self.confusion, strict=True):
            told = ", ".join(f"{other} {n:,}" for other, n in zip(ANGLES, row, strict=True) if n)
            lines.append(f"{angle:>3} degrees told as {told}")
        return "\n".join(lines)

    def to_dict(self) -> dict[str, Any]:
        """JSON values."""
        return {
            "n_pictures": self.n_pictures, "accuracy": self.accuracy, "accuracy_stderr": self.accuracy_stderr,
            "confusion": self.confusion.tolist(),
        }  # fmt: skip


def rotation_scores(chosen: np.ndarray) -> RotationScores:
    """Answers held against the turns that were made.

    Parameters
    ----------
    chosen : int, shape (4, n_pictures)
        Answer for each turn of each picture, 0 to 3.

    Examples
    --------
    >>> rotation_scores(np.array([[0, 0], [1, 1], [2, 0], [3, 3]])).accuracy
    0.875
    """
    truth = np.arange(len(ANGLES))[:, None]
    right = (chosen == truth).mean(axis=0)
    n = len(right)
    confusion = np.bincount((4 * truth + chosen).ravel(), minlength=16).reshape(4, 4)
    return RotationScores(n, float(right.mean()), mean_stderr(right), confusion)
