"""From one vector a token to one vector a text."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from causalrec.errors import DataError
from causalrec.training.ranges import check_choice

if TYPE_CHECKING:
    import torch

__all__ = ["POOLINGS", "Pooling", "pooling", "unit_length"]

POOLINGS = ("mean", "cls", "last", "weighted layers")


@dataclass(frozen=True, slots=True)
class Pooling:
    """How the tokens' vectors become the text's.

    Attributes
    ----------
    name : {"mean", "cls", "last", "weighted layers"}
    layer_weights : tuple of float, or None
        Of "weighted layers": one weight a layer, the input embeddings first. None: equal, without the embeddings.
    """

    name: str
    layer_weights: tuple[float, ...] | None = None

    @property
    def reads_all_layers(self) -> bool:
        """Whether the last layer is not enough."""
        return self.name == "weighted layers"

    def vectors(self, layers: Sequence[torch.Tensor]) -> torch.Tensor:
        """One vector a text, (n_texts, n_dimensions), from layers (n_texts, n_tokens, n_dimensions) without padding.

        Raises
        ------
        DataError : not one weight a layer.
        """
        if self.name == "weighted layers":
            return self._mixed(layers).mean(dim=1)
        hidden = layers[-1].float()
        if self.name == "cls":
            return hidden[:, 0]
        return hidden[:, -1] if self.name == "last" else hidden.mean(dim=1)

    def _mixed(self, layers: Sequence[torch.Tensor]) -> torch.Tensor:
        weights = self.layer_weights or (0.0, *[1.0] * (len(layers) - 1))
        if len(weights) != len(layers):
            raise DataError(
                f"layer_weights has {len(weights)} weights, and this model has {len(layers)} layers, its input "
                "embeddings, which come first, among them."
            )
        total = sum(weights)
        weighted = [layer.float() * (weight / total) for layer, weight in zip(layers, weights, strict=True) if weight]
        mixed = weighted[0]
        for layer in weighted[1:]:
            mixed = mixed + layer
        return mixed


def pooling(name: str, layer_weights: Sequence[float] | None = None) -> Pooling:
    """A pooling by name.

    Raises
    ------
    DataError : no such pooling, or weights that cannot be.

    Examples
    --------
    >>> pooling("weighted layers", [0, 1, 3])
    Pooling(name='weighted layers', layer_weights=(0.0, 1.0, 3.0))
    """
    check_choice("pooling", name, POOLINGS)
    if layer_weights is None:
        return Pooling(name)
    if name != "weighted layers":
        raise DataError(f"layer_weights belong to pooling='weighted layers', and pooling is {name!r}.")
    try:
        weights = tuple(float(weight) for weight in layer_weights)
    except (TypeError, ValueError) as error:
        raise DataError(f"layer_weights is {layer_weights!r}; give one number a layer.") from error
    if not np.isfinite(weights).all() or min(weights, default=0) < 0 or not sum(weights):
        raise DataError(f"layer_weights is {weights}; give numbers of 0 or more, one of them above 0.")
    return Pooling(name, weights)


def unit_length(vectors: np.ndarray) -> np.ndarray:
    """Rows of L2 norm 1, float32; a row of zeros stays."""
    norms = np.sqrt(np.einsum("ij,ij->i", vectors, vectors, dtype=np.float64))
    return (vectors / np.maximum(norms, 1e-12)[:, None]).astype(np.float32)
