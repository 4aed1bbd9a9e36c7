"""Prompts: vectors that learn, before those of the text."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from causalrec.embedding.classification.tuning.longer_mask import longer_mask

if TYPE_CHECKING:
    import torch
    from transformers import PreTrainedModel

__all__ = ["add_prompts"]


def add_prompts(network: PreTrainedModel, n_tokens: int) -> torch.nn.Parameter:
    """Let the network read `prompt_embeddings`, (n_tokens, n_dimensions), before each text; the new weights.

    peft hands vectors to the model in the place of tokens; decoders then miss where a text that was filled up ends,
    and answer from the filling. Here the model gets tokens, and their vectors are exchanged inside.
    """
    import torch

    table = network.get_input_embeddings()
    drawn = torch.randint(table.num_embeddings, (n_tokens,), device=table.weight.device)
    prompts = torch.nn.Parameter(table.weight.detach()[drawn].clone())
    network.register_parameter("prompt_embeddings", prompts)
    reading = _Reading(network)
    network.register_forward_pre_hook(reading.begun, with_kwargs=True)
    network.register_forward_hook(reading.ended, always_call=True)
    return prompts


class _Reading:
    """Prompts stand before the text while the whole network reads, and not where the trunk is asked alone."""

    def __init__(self, network: PreTrainedModel):
        self.network = network
        self.handle: Any = None

    def begun(self, network: PreTrainedModel, args: tuple[Any, ...], asked: dict[str, Any]) -> tuple[Any, Any]:
        import torch

        n_tokens = len(network.prompt_embeddings)
        self.handle = network.get_input_embeddings().register_forward_hook(self.exchanged)
        tokens = asked["input_ids"]
        # Any token of the text serves: what matters is that it is not the one that fills up.
        places = tokens[:, :1].expand(-1, n_tokens)
        mask = longer_mask(asked["attention_mask"], n_tokens)
        return args, {**asked, "input_ids": torch.cat([places, tokens], dim=1), "attention_mask": mask}

    def exchanged(self, table: torch.nn.Module, args: tuple[Any, ...], vectors: torch.Tensor) -> torch.Tensor:
        import torch

        prompts = self.network.prompt_embeddings
        own = prompts.to(vectors.dtype).expand(len(vectors), -1, -1)
        return torch.cat([own, vectors[:, len(prompts) :]], dim=1)

    def ended(self, network: PreTrainedModel, args: tuple[Any, ...], answer: Any) -> None:
        if self.handle is not None:
            self.handle.remove()
