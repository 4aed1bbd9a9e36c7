"""A network of its own to learn with: of random weights, a copy of one, or one from a folder."""

from __future__ import annotations

import copy
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

from causalrec.embedding.pictures.network import PictureNetwork, ResNetShape
from causalrec.embedding.pictures.network_folder import read_network
from causalrec.errors import DataError

if TYPE_CHECKING:
    from transformers import PreTrainedModel

__all__ = ["Model", "build_network", "with_head"]

Model = str | os.PathLike[str] | ResNetShape | PictureNetwork
"""A folder, a shape to be filled with random weights, or a network that is there."""


def build_network(model: Model, random_state: int = 0) -> PictureNetwork:
    """A network of its own, whatever is done to it afterwards.

    Raises
    ------
    DataError : no model, or a folder that holds none that reads pictures.
    MissingDataError : no such folder, or one without weights.
    """
    if isinstance(model, PictureNetwork):
        return PictureNetwork(copy.deepcopy(model.trunk), model.size, model.mean, model.scale)
    if isinstance(model, ResNetShape):
        return PictureNetwork(_drawn(model, random_state), int(model.size))
    if isinstance(model, str | os.PathLike):
        return read_network(Path(model).expanduser())
    raise DataError(f"model is {model!r}; give a folder, a ResNetShape, or the network_ of something fitted.")


def with_head(network: PictureNetwork, classes: list[Any], random_state: int) -> PreTrainedModel:
    """The trunk, the same object, under a head for the classes drawn at random."""
    import torch
    from transformers import ResNetForImageClassification

    config = copy.deepcopy(network.trunk.config)
    names = [str(name) for name in classes]
    config.id2label, config.label2id = dict(enumerate(names)), {name: number for number, name in enumerate(names)}
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(random_state)
        whole = ResNetForImageClassification(config)
        torch.nn.init.normal_(whole.classifier[1].weight, std=0.01)
        torch.nn.init.zeros_(whole.classifier[1].bias)
    whole.resnet = network.trunk
    return whole.to(memory_format=torch.channels_last)


def _drawn(shape: ResNetShape, random_state: int) -> PreTrainedModel:
    import torch
    from transformers import ResNetConfig, ResNetModel

    config = ResNetConfig(
        embedding_size=int(shape.widths[0]), hidden_sizes=[int(width) for width in shape.widths],
        depths=[int(depth) for depth in shape.n_blocks], layer_type="basic",
    )  # fmt: skip
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(random_state)
        return ResNetModel(config).eval()
