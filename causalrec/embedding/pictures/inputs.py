"""What goes into a network: pictures, changed a little while it learns."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from causalrec.embedding.pictures.augmentation import Augmentation, changed

if TYPE_CHECKING:
    import torch

    from causalrec.embedding.pictures.network import PictureNetwork

__all__ = ["PictureInputs"]

_TOKENS = 64  # what a picture counts for where batches are made by tokens: 64 of them are 4,096


class PictureInputs:
    """Squares of uint8, (n_pictures, side, side, 3), for a network that takes them."""

    def __init__(self, squares: np.ndarray, network: PictureNetwork, augmentation: Augmentation | None = None):
        import torch

        self.squares = torch.from_numpy(squares)
        self.network, self.augmentation = network, augmentation
        self.lengths = [_TOKENS] * len(squares)

    def pixels(self, rows: np.ndarray, device: torch.device) -> torch.Tensor:
        """Between 0 and 1, float32, (n_rows, 3, side, side), the channels side by side in memory."""
        import torch

        return self.squares[torch.from_numpy(rows)].to(device).permute(0, 3, 1, 2).float() / 255

    def altered(self, rows: np.ndarray, device: torch.device) -> torch.Tensor:
        """The same, each picture changed a little at random."""
        pixels = self.pixels(rows, device)
        return pixels if self.augmentation is None else changed(pixels, self.augmentation)

    def standardised(self, pixels: torch.Tensor) -> torch.Tensor:
        """As the network takes them."""
        mean, scale = (pixels.new_tensor(values).view(1, 3, 1, 1) for values in (self.network.mean, self.network.scale))
        return (pixels - mean) / scale

    def logits(self, whole: torch.nn.Module, rows: np.ndarray) -> torch.Tensor:
        """Float32, (n_rows, n_classes)."""
        device = next(whole.parameters()).device
        pixels = self.altered(rows, device) if whole.training else self.pixels(rows, device)
        return whole(self.standardised(pixels)).logits.float()

    def vectors(self, trunk: torch.nn.Module, rows: np.ndarray) -> torch.Tensor:
        """Float32, (n_rows, n_dimensions)."""
        pixels = self.pixels(rows, next(trunk.parameters()).device)
        return trunk(self.standardised(pixels)).pooler_output.flatten(1).float()
