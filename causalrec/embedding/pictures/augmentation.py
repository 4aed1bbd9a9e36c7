"""Small changes that leave what is in a picture as it is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from causalrec.errors import DataError
from causalrec.training.ranges import check_number

if TYPE_CHECKING:
    import torch

__all__ = ["Augmentation", "changed"]

_GREY = (0.299, 0.587, 0.114)


@dataclass(frozen=True, slots=True)
class Augmentation:
    """How much pictures are changed at random each time that they are learned from.

    Attributes
    ----------
    flip : bool
        Half of the pictures are mirrored, left to right.
    crop : float
        A square of at least 1 - `crop` of the side is cut out and brought back to full size; in [0, 1).
    colour : float
        Brightness, contrast and saturation are multiplied by numbers between 1 - `colour` and 1 + `colour`; in
        [0, 1).

    Raises
    ------
    DataError : a value out of its range.
    """

    flip: bool = True
    crop: float = 0.25
    colour: float = 0.3

    def __post_init__(self) -> None:
        if not isinstance(self.flip, bool):
            raise DataError(f"flip is {self.flip!r}; give True or False.")
        check_number("crop", self.crop, below=1)
        check_number("colour", self.colour, below=1)


def changed(pixels: torch.Tensor, how: Augmentation) -> torch.Tensor:
    """Each picture with changes of its own, drawn from torch's random numbers of the processor.

    They are drawn on the processor wherever the pictures are, so that they are the same on every device, and a run
    that goes on from a checkpoint draws the same ones.

    Parameters
    ----------
    pixels : float32, shape (n_pictures, 3, height, width)
        Between 0 and 1.
    how : Augmentation

    Returns
    -------
    float32, the same shape
    """
    import torch

    drawn = torch.rand(len(pixels), 7).to(pixels.device)
    return _recoloured(_cut(pixels, drawn[:, :4], how), drawn[:, 4:], how.colour)


def _cut(pixels: torch.Tensor, drawn: torch.Tensor, how: Augmentation) -> torch.Tensor:
    """Cut and mirror in one resampling; positions run from -1 to 1."""
    import torch

    if not how.crop:
        mirrored = (drawn[:, 0] < 0.5 * how.flip)[:, None, None, None]
        return torch.where(mirrored, pixels.flip(3), pixels) if how.flip else pixels
    sign = torch.where(drawn[:, 0] < 0.5 * how.flip, -1.0, 1.0)
    side = 1 - how.crop * drawn[:, 1]
    zero = torch.zeros_like(side)
    across, down = ((1 - side) * (2 * drawn[:, k] - 1) for k in (2, 3))
    placed = torch.stack([sign * side, zero, across, zero, side, down], dim=1).view(-1, 2, 3)
    grid = torch.nn.functional.affine_grid(placed, list(pixels.shape), align_corners=False)
    return torch.nn.functional.grid_sample(pixels, grid, padding_mode="border", align_corners=False)


def _recoloured(pixels: torch.Tensor, drawn: torch.Tensor, most: float) -> torch.Tensor:
    if not most:
        return pixels
    brightness, contrast, saturation = (1 + most * (2 * drawn - 1)).T[..., None, None, None]
    lit = pixels * brightness
    # One copy of the grey picture a channel of weight _GREY: a mean over colours that keeps the layout in memory.
    grey = sum(share * lit[:, k : k + 1] for k, share in enumerate(_GREY))
    mean = grey.mean(dim=(2, 3), keepdim=True)
    coloured = grey + saturation * (lit - grey)
    return (mean + contrast * (coloured - mean)).clamp(0, 1)
