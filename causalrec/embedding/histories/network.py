"""A transformer over items: what it reads, what it thinks at each place, what it takes for likely."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import torch

__all__ = ["HistoryNetwork", "NetworkShape", "build_network"]

_SPREAD = 0.02
_WIDER = 4  # of the layer inside a block


@dataclass(frozen=True, slots=True)
class NetworkShape:
    """Sizes.

    Attributes
    ----------
    looks_back_only : bool
        No place sees what comes after it.
    n_places : int
        Items that are looked back at, and one for what is asked.
    """

    n_items: int
    n_places: int
    n_dimensions: int
    n_layers: int
    n_heads: int
    dropout: float
    looks_back_only: bool


@dataclass(frozen=True, slots=True, eq=False)
class HistoryNetwork:
    """Weights and how they are used.

    Attributes
    ----------
    module : ModuleDict
        "vectors" (n_items + 1, d), the last of them the blank; "places"; "enter"; "blocks"; besides the items' `bias`.
        Items are read and told with the same vectors.
    shape : NetworkShape
    """

    module: torch.nn.ModuleDict
    shape: NetworkShape

    @property
    def blank(self) -> int:
        """The code that stands for an item that is not told."""
        return self.shape.n_items

    @property
    def vectors(self) -> torch.Tensor:
        """Of the items without the blank, (n_items, d)."""
        return self.module["vectors"].weight[: self.shape.n_items]

    def states(self, inputs: torch.Tensor, filled: torch.Tensor) -> torch.Tensor:
        """Float, (n, width, d), of int64 inputs (n, width), of which `filled` says where there is something."""
        import torch

        module, width = self.module, inputs.shape[1]
        places = torch.arange(width, device=inputs.device)
        read = module["enter"](module["vectors"](inputs) + module["places"](places))
        if self.shape.looks_back_only:  # what fills up stands at the end, so that nothing looks back at it
            mask = torch.nn.Transformer.generate_square_subsequent_mask(width, device=inputs.device)
            return module["blocks"](read, mask=mask, is_causal=True)
        return module["blocks"](read, src_key_padding_mask=~filled)


def build_network(shape: NetworkShape, counts: np.ndarray, random_state: int) -> HistoryNetwork:
    """Random weights; before it learns it knows how often each item was taken, shape (n_items,), and nothing else."""
    import torch

    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(random_state)
        size, share = shape.n_dimensions, torch.from_numpy(np.log(counts / counts.sum())).float()
        layer = torch.nn.TransformerEncoderLayer(
            size, shape.n_heads, _WIDER * size, shape.dropout, "gelu", batch_first=True, norm_first=True
        )
        module = torch.nn.ModuleDict({
            "vectors": torch.nn.Embedding(shape.n_items + 1, size),
            "places": torch.nn.Embedding(shape.n_places, size),
            "enter": torch.nn.Sequential(torch.nn.LayerNorm(size), torch.nn.Dropout(shape.dropout)),
            "blocks": torch.nn.TransformerEncoder(
                layer, shape.n_layers, torch.nn.LayerNorm(size), enable_nested_tensor=False
            ),
        })  # fmt: skip
        module.register_parameter("bias", torch.nn.Parameter(share.clone()))
        module.register_buffer("log_share", share)
        for name, weight in module.named_parameters():
            if weight.ndim > 1:  # torch gives all blocks the same weights
                is_block = name.startswith("blocks")
                torch.nn.init.xavier_uniform_(weight) if is_block else torch.nn.init.normal_(weight, std=_SPREAD)
    return HistoryNetwork(module, shape)
