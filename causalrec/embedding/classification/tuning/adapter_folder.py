"""What stands beside a trunk, on disk: prompts and prefixes in the form of peft."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from causalrec.embedding.classification.network import head_modules
from causalrec.embedding.classification.tuning.ways import BottleneckAdapters, PrefixTuning, PromptTuning, Tuning
from causalrec.errors import DataError, MissingExtraError

if TYPE_CHECKING:
    import torch
    from transformers import PreTrainedModel

__all__ = ["ADAPTER", "check_peft", "read_adapter", "write_adapter"]

# A folder of its own: transformers takes a folder with peft's configuration in it for an adapter alone.
ADAPTER = "adapter"
_WEIGHTS = "adapter_model.safetensors"
_OWN = "prompt_embeddings"


def check_peft(tuning: Tuning) -> None:
    """Tell before anything is learned that the form of peft cannot be written.

    Raises
    ------
    MissingExtraError : peft is not installed.
    """
    if isinstance(tuning, PromptTuning | PrefixTuning):
        try:
            import peft  # noqa: F401
        except ImportError as error:
            raise MissingExtraError("peft", "tune") from error


def write_adapter(place: Path, network: PreTrainedModel, tuning: Tuning) -> None:
    """Head and new weights under peft's names, and its configuration."""
    from safetensors.torch import save_file

    folder = place / ADAPTER
    folder.mkdir()
    weights = {_key(name): weight.detach().cpu().contiguous() for name, weight in _learned(network).items()}
    save_file(weights, folder / _WEIGHTS, metadata={"format": "pt"})
    if not isinstance(tuning, BottleneckAdapters):
        _config(network, tuning).save_pretrained(str(folder))


def read_adapter(place: Path, network: PreTrainedModel) -> None:
    """Put saved weights into a network that was made for them.

    Raises
    ------
    DataError : others than it needs.
    OSError, SafetensorError : the file cannot be read.
    """
    import torch
    from safetensors.torch import load_file

    path = place / ADAPTER / _WEIGHTS
    found, needed = load_file(path), {_key(name): weight for name, weight in _learned(network).items()}
    if found.keys() != needed.keys() or any(found[name].shape != needed[name].shape for name in needed):
        odd = sorted(found.keys() ^ needed.keys()) or sorted(n for n in needed if found[n].shape != needed[n].shape)
        raise DataError(f"The weights in {str(path)!r} are not those of this classifier: {odd[0]!r} differs.")
    with torch.no_grad():
        for name, weight in needed.items():
            weight.copy_(found[name])


def _learned(network: PreTrainedModel) -> dict[str, torch.nn.Parameter]:
    return {name: weight for name, weight in network.named_parameters() if weight.requires_grad}


def _key(name: str) -> str:
    return name if name == _OWN else f"base_model.{name}"


def _config(network: PreTrainedModel, tuning: Tuning) -> Any:
    from peft import PrefixTuningConfig, PromptTuningConfig

    config = network.config
    n_tokens, width = network.prompt_embeddings.shape
    kind, token_dim = PromptTuningConfig, width
    heads = getattr(config, "num_key_value_heads", None) or config.num_attention_heads
    if isinstance(tuning, PrefixTuning):
        kind, token_dim = PrefixTuningConfig, width // (2 * config.num_hidden_layers)
    return kind(
        task_type="SEQ_CLS", num_virtual_tokens=n_tokens, token_dim=token_dim, num_attention_heads=heads,
        num_layers=config.num_hidden_layers, num_transformer_submodules=1, modules_to_save=head_modules(network),
        inference_mode=True,
    )  # fmt: skip
