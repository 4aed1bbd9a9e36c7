"""Pictures to vectors."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from causalrec.embedding.contents import is_null
from causalrec.embedding.parameters import NamedParameters
from causalrec.embedding.pictures.inputs import PictureInputs
from causalrec.embedding.pictures.network import PictureNetwork
from causalrec.embedding.pictures.network_building import Model, build_network
from causalrec.embedding.pictures.reading import Picture, picture_entries, read_squares
from causalrec.threads import limit_threads
from causalrec.training.device import find_device
from causalrec.training.ranges import check_whole

if TYPE_CHECKING:
    import torch

__all__ = ["PictureEncoder", "blocks"]

_BATCH = 32  # fixed: with another number of pictures, the last bits of a vector are others
_BLOCK = 1024  # pictures in memory at once


class PictureEncoder(NamedParameters):
    """Vectors of pictures by a ResNet: the mean of its last stage over the picture, in float32.

    It is an `Encoder` for pictures: a vector depends on its picture alone, to the last bit, whatever stands beside it.

    Parameters
    ----------
    model : str, path, ResNetShape or PictureNetwork
        A folder that `RotationPretraining.save`, `PictureClassifier.save` or transformers (a ResNet) wrote; the
        `network_` of something fitted; or a `ResNetShape`, whose weights are drawn at random.
    device : str
        "auto" takes a GPU where there is one.
    n_threads : int, optional
        Default: all cores that this process may use.
    random_state : int
        Of the weights of a `ResNetShape`.

    Examples
    --------
    >>> from causalrec.embedding.pictures import ResNetShape
    >>> encoder = PictureEncoder(ResNetShape(size=16, widths=(4, 8)), n_threads=1)
    >>> encoder.encode(np.zeros((2, 20, 30, 3), dtype=np.uint8)).shape
    (2, 8)
    """

    def __init__(
        self, model: Model, *, device: str = "auto", n_threads: int | None = None, random_state: int = 0
    ):  # fmt: skip
        self.model = model
        self.device = device
        self.n_threads = n_threads
        self.random_state = random_state

    def encode(self, pictures: Sequence[Picture] | np.ndarray) -> np.ndarray:
        """One vector a picture, in their order; zeros for a null one.

        Files are read a block at a time, so that any number of them fits in memory.

        Parameters
        ----------
        pictures : uint8 of shape (n_pictures, height, width, 3) or (n_pictures, height, width), or a sequence
            Of files, their bytes, arrays of any sizes, and None. Of each the square in its middle is taken and
            brought to the size that the network takes.

        Returns
        -------
        float32, shape (n_pictures, n_dimensions)

        Raises
        ------
        DataError : a broken file, an array of another type, or a model that cannot be loaded.
        ShapeError : arrays that are no pictures.
        MissingDataError : no such file or model.
        """
        check_whole("random_state", self.random_state, 0)
        network, device = build_network(self.model, self.random_state), find_device(self.device)
        entries = picture_entries(pictures)
        found = np.zeros((len(entries), network.n_dimensions), dtype=np.float32)
        with limit_threads(self.n_threads):
            trunk = _placed(network, device)
            for start, squares in blocks(entries, network.size):
                found[start : start + len(squares)] = _vectors(trunk, network, squares)
        found[[row for row, entry in enumerate(entries) if is_null(entry)]] = 0
        return found


def blocks(entries: Sequence[Any] | np.ndarray, size: int) -> Iterator[tuple[int, np.ndarray]]:
    """Squares of some pictures at a time, and the number of the first of them."""
    for start in range(0, len(entries), _BLOCK):
        yield start, read_squares(entries[start : start + _BLOCK], size, start)


def _placed(network: PictureNetwork, device: str) -> torch.nn.Module:
    import torch

    return network.trunk.to(device, memory_format=torch.channels_last).eval()


def _vectors(trunk: torch.nn.Module, network: PictureNetwork, squares: np.ndarray) -> np.ndarray:
    import torch

    filled = np.zeros((-(-len(squares) // _BATCH) * _BATCH, *squares.shape[1:]), dtype=np.uint8)
    filled[: len(squares)] = squares
    inputs = PictureInputs(filled, network)
    with torch.inference_mode():
        several = [
            inputs.vectors(trunk, np.arange(start, start + _BATCH)).cpu().numpy()
            for start in range(0, len(filled), _BATCH)
        ]
    return np.concatenate(several)[: len(squares)]
