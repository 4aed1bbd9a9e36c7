"""Bottleneck adapters: two small linear maps behind the blocks of a frozen trunk."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from causalrec.embedding.classification.network import trunk
from causalrec.errors import DataError

if TYPE_CHECKING:
    import torch
    from transformers import PreTrainedModel

    from causalrec.embedding.classification.tuning.ways import BottleneckAdapters

__all__ = ["add_bottlenecks"]

# BERT and its kin, DistilBERT, MPNet, ALBERT, ModernBERT; Llama and its kin, GPT-2.
_PLACES = (
    "output.dense", "attention.out_lin", "ffn.lin2", "attn.o", "attention.dense", "ffn_output", "attn.Wo", "mlp.Wo",
    "o_proj", "down_proj", "attn.c_proj", "mlp.c_proj",
)  # fmt: skip


def add_bottlenecks(network: PreTrainedModel, tuning: BottleneckAdapters) -> list[torch.nn.Parameter]:
    """Put h + U gelu(D h + a) + b behind the last linear map of each block; the new weights. U and b are 0 at first.

    Raises
    ------
    DataError : the model has no such linear maps.
    """
    import torch

    width = network.config.hidden_size
    found: list[torch.nn.Parameter] = []
    for place in _places(network, tuning):
        up = torch.nn.Linear(int(tuning.size), width)
        torch.nn.init.zeros_(up.weight)
        torch.nn.init.zeros_(up.bias)
        adapter = torch.nn.Sequential(torch.nn.Linear(width, int(tuning.size)), torch.nn.GELU(), up)
        place.add_module("adapter", adapter.to(next(place.parameters()).device))
        place.register_forward_hook(_adapted)
        found += adapter.parameters()
    return found


def _adapted(place: torch.nn.Module, args: tuple[Any, ...], told: torch.Tensor) -> torch.Tensor:
    return told + place.adapter(told)


def _places(network: PreTrainedModel, tuning: BottleneckAdapters) -> list[torch.nn.Module]:
    width, names = network.config.hidden_size, _PLACES if tuning.modules is None else tuning.modules
    ends = tuple(f".{name}" for name in names)
    found = [
        module for name, module in trunk(network).named_modules()
        if f".{name}".endswith(ends) and _width(module) == width
    ]  # fmt: skip
    if not found:
        raise DataError(
            f"A model of type {network.config.model_type!r} has no linear maps to {width} dimensions named "
            f'{" or ".join(names)}. Name the last one of its blocks in BottleneckAdapters(modules=("...",)).'
        )
    return found


def _width(module: torch.nn.Module) -> int | None:
    """Dimensions of what comes out: GPT-2's linear maps have another name for it."""
    return getattr(module, "out_features", None) or getattr(module, "nf", None)
