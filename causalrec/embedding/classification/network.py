"""A pretrained trunk with a fresh head for the classes, as transformers has it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from causalrec.embedding.transformer import Transformer, load_transformer
from causalrec.errors import DataError

if TYPE_CHECKING:
    import torch
    from transformers import PreTrainedModel

__all__ = [
    "build_head", "build_network", "head_modules", "head_weights", "n_stored_weights", "trunk", "weight_counts",
    "whole_weights",
]  # fmt: skip


def build_network(folder: Path, classes: np.ndarray, random_state: int) -> tuple[PreTrainedModel, Transformer]:
    """A network for classes, its head drawn at random, and the transformer with the tokenizer that it came from.

    Raises
    ------
    DataError : a folder that holds no model that encodes texts, or one that cannot classify.
    """
    import torch

    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(random_state)  # before the trunk: some folders lack the pooler, which is drawn then
        transformer = load_transformer(folder, "fp32")
        network = _classifier_of(transformer, classes, folder)
    lost, _ = trunk(network).load_state_dict(transformer.model.state_dict(), strict=False)
    if lost := [name for name in lost if not name.startswith("pooler.")]:
        raise DataError(f"The model in {str(folder)!r} lacks {lost[0]!r}, which a classifier of its kind has.")
    # One copy of the trunk in memory, the one that learns.
    return network.eval(), Transformer(trunk(network), transformer.tokenizer)


def trunk(network: PreTrainedModel) -> torch.nn.Module:
    """What makes vectors of texts, without the head."""
    return getattr(network, network.base_model_prefix)


def head_weights(network: PreTrainedModel) -> list[torch.nn.Parameter]:
    """Weights of the head: all outside the trunk, and the pooler, which stands inside it in some models."""
    inside = {id(weight) for name, weight in trunk(network).named_parameters() if not name.startswith("pooler.")}
    return [weight for weight in network.parameters() if id(weight) not in inside]


def head_modules(network: PreTrainedModel) -> list[str]:
    """Names of the modules that hold the head's weights, as peft asks for them."""
    head, inside = {id(weight) for weight in head_weights(network)}, f"{network.base_model_prefix}."
    names = [name.removeprefix(inside) for name, weight in network.named_parameters() if id(weight) in head]
    return list(dict.fromkeys(name.split(".")[0] for name in names))


def whole_weights(folder: Path) -> dict[str, torch.Tensor]:
    """All tensors of a saved network."""
    from safetensors.torch import load_file

    found: dict[str, torch.Tensor] = {}
    for path in sorted(folder.glob("*.safetensors")):
        found |= load_file(path)
    return found


def n_stored_weights(folder: Path) -> int:
    """How many numbers the files of a model hold; only their headers are read."""
    from safetensors import safe_open

    total = 0
    for path in folder.glob("*.safetensors"):
        with safe_open(path, "np") as file:
            total += sum(int(np.prod(file.get_slice(name).get_shape())) for name in file.keys())  # noqa: SIM118
    return total


def weight_counts(module: torch.nn.Module) -> tuple[int, int]:
    """Weights, and those of them that learn."""
    weights = list(module.parameters())
    return sum(weight.numel() for weight in weights), sum(weight.numel() for weight in weights if weight.requires_grad)


def build_head(n_dimensions: int, n_classes: int) -> torch.nn.Linear:
    """A linear head for vectors, without an opinion yet: its problem is convex, so no random start is better."""
    import torch

    head = torch.nn.Linear(n_dimensions, n_classes)
    torch.nn.init.zeros_(head.weight)
    torch.nn.init.zeros_(head.bias)
    return head


def _classifier_of(transformer: Transformer, classes: np.ndarray, folder: Path) -> PreTrainedModel:
    from transformers import AutoModelForSequenceClassification

    config = transformer.model.config
    names = [str(name) for name in classes.tolist()]
    config.id2label, config.label2id = dict(enumerate(names)), {name: number for number, name in enumerate(names)}
    config.problem_type = "single_label_classification"
    if getattr(config, "pad_token_id", None) is None:
        config.pad_token_id = transformer.tokenizer.pad_token_id or transformer.tokenizer.eos_token_id or 0
    try:
        return AutoModelForSequenceClassification.from_config(config, trust_remote_code=False).float()
    except ValueError as error:
        raise DataError(
            f"transformers has no classifier for the model in {str(folder)!r} ({config.model_type}): take another one."
        ) from error
