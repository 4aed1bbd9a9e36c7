"""A way to tune, put to work on a network."""

from __future__ import annotations

from typing import TYPE_CHECKING

from causalrec.embedding.classification.network import head_weights
from causalrec.embedding.classification.tuning.bottlenecks import add_bottlenecks
from causalrec.embedding.classification.tuning.low_rank import add_low_rank, merge_low_rank
from causalrec.embedding.classification.tuning.prefixes import add_prefixes
from causalrec.embedding.classification.tuning.prompts import add_prompts
from causalrec.embedding.classification.tuning.ways import BottleneckAdapters, LoRA, PrefixTuning, PromptTuning, Tuning

if TYPE_CHECKING:
    import torch
    from transformers import PreTrainedModel

__all__ = ["settled", "stands_beside", "tuned_network"]


def stands_beside(tuning: Tuning) -> bool:
    """Whether what was learned stays beside the trunk's weights, which are as they were."""
    return isinstance(tuning, PromptTuning | PrefixTuning | BottleneckAdapters)


def tuned_network(network: PreTrainedModel, tuning: Tuning, random_state: int) -> torch.nn.Module:
    """The network as it learns: with new weights in it, and all frozen but these and the head.

    Raises
    ------
    MissingExtraError : LoRA without peft.
    DataError : a way that does not fit the model.
    """
    import torch

    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(random_state)
        if isinstance(tuning, LoRA):
            return add_low_rank(network, tuning)
        if stands_beside(tuning):
            head = head_weights(network)
            network.requires_grad_(False)
            for weight in [*head, *_added(network, tuning)]:
                weight.requires_grad_(True)
    return network


def settled(module: torch.nn.Module, tuning: Tuning) -> torch.nn.Module:
    """The network that answers, with LoRA's adapters added to its weights."""
    return merge_low_rank(module) if isinstance(tuning, LoRA) else module


def _added(network: PreTrainedModel, tuning: Tuning) -> list[torch.nn.Parameter]:
    if isinstance(tuning, PromptTuning):
        return [add_prompts(network, int(tuning.n_tokens))]
    if isinstance(tuning, PrefixTuning):
        return [add_prefixes(network, int(tuning.n_tokens))]
    assert isinstance(tuning, BottleneckAdapters)
    return add_bottlenecks(network, tuning)
