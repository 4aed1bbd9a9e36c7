"""Low-rank adapters: a few weights beside those of a frozen trunk, added to them in the end."""

from __future__ import annotations

from typing import TYPE_CHECKING

from causalrec.embedding.classification.network import head_weights
from causalrec.errors import DataError, MissingExtraError

if TYPE_CHECKING:
    import torch
    from transformers import PreTrainedModel

    from causalrec.embedding.classification.tuning.ways import LoRA

__all__ = ["add_low_rank", "merge_low_rank"]


def add_low_rank(network: PreTrainedModel, tuning: LoRA) -> torch.nn.Module:
    """The network with adapters W + scale * B A, B zero at first; they and the head learn, all else is frozen.

    Raises
    ------
    MissingExtraError : peft is not installed.
    DataError : peft does not know where adapters belong in this model, or it has no such modules.
    """
    try:
        from peft import LoraConfig, LoraModel
    except ImportError as error:
        raise MissingExtraError("peft", "tune") from error
    head = head_weights(network)
    config = LoraConfig(
        r=int(tuning.rank), lora_alpha=tuning.rank * tuning.scale, lora_dropout=tuning.dropout,  # type: ignore[arg-type]
        target_modules=None if tuning.modules is None else list(tuning.modules),
    )  # fmt: skip
    try:
        adapted = LoraModel(network, config, "default")
    except ValueError as error:
        raise DataError(
            f"peft cannot place adapters in a model of type {network.config.model_type!r}: {error} Name the linear "
            'maps in LoRA(modules=("...",)).'
        ) from error
    for weight in head:
        weight.requires_grad_(True)
    return adapted


def merge_low_rank(adapted: torch.nn.Module) -> PreTrainedModel:
    """The network with what the adapters learned added to its weights: an ordinary one again."""
    return adapted.merge_and_unload()
