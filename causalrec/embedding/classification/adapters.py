"""Low-rank adapters: a few weights beside those of a frozen trunk."""

from __future__ import annotations

from typing import TYPE_CHECKING

from causalrec.embedding.classification.network import head_weights
from causalrec.errors import DataError, MissingExtraError

if TYPE_CHECKING:
    import torch
    from transformers import PreTrainedModel

__all__ = ["merged", "with_adapters"]


def with_adapters(network: PreTrainedModel | torch.nn.Module, rank: int, random_state: int) -> torch.nn.Module:
    """The network with LoRA on the attention's weights that `peft` knows for it (Hu et al. 2022, ICLR).

    The adapters and the head learn, all else is frozen.

    Raises
    ------
    MissingExtraError : peft is not installed.
    DataError : peft does not know where adapters belong in this model.
    """
    import torch

    try:
        from peft import LoraConfig, LoraModel
    except ImportError as error:
        raise MissingExtraError("peft", "tune") from error
    head = head_weights(network)
    try:
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(random_state)
            adapted = LoraModel(network, LoraConfig(r=rank, lora_alpha=2 * rank), "default")
    except ValueError as error:
        raise DataError(
            f"peft cannot place adapters in a model of type {network.config.model_type!r}: {error}"
        ) from error
    for weight in head:
        weight.requires_grad_(True)
    return adapted


def merged(adapted: torch.nn.Module) -> PreTrainedModel:
    """The network with what the adapters learned added to its weights: an ordinary one again."""
    return adapted.merge_and_unload()
