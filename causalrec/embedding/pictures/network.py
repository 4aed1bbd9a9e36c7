"""A residual network: how large it is to be, and one that is there."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from causalrec.errors import DataError
from causalrec.training.ranges import check_whole

if TYPE_CHECKING:
    from transformers import PreTrainedModel

__all__ = ["USUAL_MEAN", "USUAL_SCALE", "PictureNetwork", "ResNetShape"]

USUAL_MEAN, USUAL_SCALE = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)
"""Of photographs, as most networks take them."""


@dataclass(frozen=True, slots=True)
class ResNetShape:
    """A ResNet of basic blocks (He, Zhang, Ren, Sun 2016, CVPR), to be learned from random weights.

    Attributes
    ----------
    size : int
        Pixels of a side of the pictures.
    widths : tuple of int
        Channels of each stage; the last one is the length of the vectors. The first stage sees a quarter of the
        pixels of each side, each other one half of those before it.
    depths : tuple of int, optional
        Blocks of each stage; one by default.

    Raises
    ------
    DataError : a value out of its range.
    """

    size: int = 64
    widths: tuple[int, ...] = (32, 64, 128)
    depths: tuple[int, ...] | None = None

    def __post_init__(self) -> None:
        _check_stages("widths", self.widths)
        _check_stages("depths", self.n_blocks)
        if len(self.n_blocks) != len(self.widths):
            raise DataError(f"{len(self.widths)} widths and {len(self.n_blocks)} depths: give one of each a stage.")
        # Less than 2 x 2 places in the last stage would leave a batch of one picture nothing to normalise over.
        check_whole(f"size, with {len(self.widths)} stages,", self.size, 2 ** (len(self.widths) + 2))

    @property
    def n_blocks(self) -> tuple[int, ...]:
        """Blocks of each stage."""
        return (1,) * len(self.widths) if self.depths is None else self.depths


def _check_stages(name: str, values: object) -> None:
    if not isinstance(values, tuple | list) or not values:
        raise DataError(f"{name} is {values!r}; give a whole number for each stage.")
    for value in values:
        check_whole(name, value)


@dataclass(frozen=True, slots=True, eq=False)
class PictureNetwork:
    """A network and the pictures that it takes.

    Attributes
    ----------
    trunk : PreTrainedModel
        A `ResNetModel` of transformers.
    size : int
        Pixels of a side.
    mean, scale : tuple of float
        Of each channel, in shares of 255: what is taken off, and what divides.
    """

    trunk: PreTrainedModel
    size: int
    mean: tuple[float, ...] = USUAL_MEAN
    scale: tuple[float, ...] = USUAL_SCALE

    @property
    def n_dimensions(self) -> int:
        """Length of the vectors."""
        return int(self.trunk.config.hidden_sizes[-1])

    def digest(self) -> str:
        """Hash of the weights and of what the network takes; 16 hexadecimal digits."""
        facts = (self.size, self.mean, self.scale, self.trunk.config.depths, self.trunk.config.layer_type)
        content = hashlib.sha256(json.dumps(facts).encode())
        for name, tensor in self.trunk.state_dict().items():
            content.update(name.encode() + np.ascontiguousarray(tensor.cpu().numpy()).tobytes())
        return content.hexdigest()[:16]
