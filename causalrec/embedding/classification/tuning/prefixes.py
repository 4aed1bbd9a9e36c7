"""Prefixes: keys and values that learn, before those of the text in each layer's attention."""

from __future__ import annotations

import inspect
from typing import TYPE_CHECKING, Any

from causalrec.embedding.classification.network import trunk
from causalrec.embedding.classification.tuning.longer_mask import longer_mask
from causalrec.errors import DataError

if TYPE_CHECKING:
    import torch
    from transformers import PreTrainedModel

__all__ = ["add_prefixes"]

_SPREAD = 0.02
_CACHES = ("cache", "past_key_values")  # its name from transformers 5.2x on, and before


def add_prefixes(network: PreTrainedModel, n_tokens: int) -> torch.nn.Parameter:
    """Let each layer's attention read `prompt_embeddings` before the text; the new weights.

    As in peft: (n_tokens, n_layers * 2 * n_heads * n_dimensions of a head), each layer's keys and then its values.
    peft's own way to hand them over asks for an argument that transformers has given another name.

    Raises
    ------
    DataError : the model takes no cache of keys and values.
    """
    import torch

    _cache_name(network)
    layers, heads, size = _shape(network)
    device = next(network.parameters()).device
    prefixes = torch.nn.Parameter(torch.randn(n_tokens, layers * 2 * heads * size, device=device) * _SPREAD)
    network.register_parameter("prompt_embeddings", prefixes)
    network.register_forward_pre_hook(_begun, with_kwargs=True)
    return prefixes


def _begun(network: PreTrainedModel, args: tuple[Any, ...], asked: dict[str, Any]) -> tuple[Any, Any]:
    from transformers import DynamicCache

    layers, heads, size = _shape(network)
    mask, prefixes = asked["attention_mask"], network.prompt_embeddings
    told = prefixes.view(1, len(prefixes), 2 * layers, heads, size).expand(len(mask), -1, -1, -1, -1)
    told = told.permute(2, 0, 3, 1, 4)
    cache = DynamicCache()
    for layer in range(layers):
        cache.update(told[2 * layer], told[2 * layer + 1], layer)
    return args, {**asked, "attention_mask": longer_mask(mask, len(prefixes)), _cache_name(network): cache}


def _shape(network: PreTrainedModel) -> tuple[int, int, int]:
    """Layers, heads of keys, dimensions of each."""
    config = network.config
    heads = getattr(config, "num_key_value_heads", None) or config.num_attention_heads
    size = getattr(config, "head_dim", None) or config.hidden_size // config.num_attention_heads
    return config.num_hidden_layers, heads, size


def _cache_name(network: PreTrainedModel) -> str:
    takes = inspect.signature(trunk(network).forward).parameters
    for name in _CACHES:
        if name in takes:
            return name
    raise DataError(
        f"PrefixTuning needs a model that takes a cache of keys and values, and {network.config.model_type!r} does "
        "not. Take PromptTuning, LoRA or BottleneckAdapters."
    )
