"""Networks that guess hidden words: a pretrained trunk, and a head that is its own or a fresh one."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from causalrec.embedding.transformer import Transformer, load_transformer, quiet
from causalrec.errors import DataError

if TYPE_CHECKING:
    import torch
    from transformers import PreTrainedModel

__all__ = ["MaskedNetwork", "build_masked_network", "load_encoder"]


@dataclass(frozen=True, slots=True, eq=False)
class MaskedNetwork:
    """Trunk and head.

    Attributes
    ----------
    network : Module
        Of transformers, for masked language modelling; the decoder's weights are the word embeddings.
    transformer : Transformer
        The trunk with the tokenizer that it came from.
    beside : dict of Tensor
        Weights of the source that this network has no place for (a pooler), kept for who reads the trunk later.
    has_own_head : bool
        Whether the head came with the files.
    """

    network: PreTrainedModel
    transformer: Transformer
    beside: dict[str, torch.Tensor]
    has_own_head: bool

    @property
    def trunk(self) -> torch.nn.Module:
        """Without the head."""
        return self.transformer.model

    def let_learn(self, trunk: bool) -> None:
        """Everything, or the head alone; word embeddings belong to the trunk."""
        inside = {id(weight) for weight in self.trunk.parameters()}
        for weight in self.network.parameters():
            weight.requires_grad_(trunk or id(weight) not in inside)

    def logits(self, ids: torch.Tensor, mask: torch.Tensor, asked: torch.Tensor) -> torch.Tensor:
        """Float32, (n_asked, n_vocabulary), of the places where `asked`, bool (n_texts, n_tokens), is true."""

        # The head is asked about hidden places alone: over all places its products with the whole vocabulary would
        # cost as much as the trunk. A hook does so for every architecture, whatever its head is called.
        def choose(_module: torch.nn.Module, _given: object, output: dict) -> dict:
            output["last_hidden_state"] = output["last_hidden_state"][asked][None]
            return output

        hook = self.trunk.register_forward_hook(choose)
        try:
            return self.network(input_ids=ids, attention_mask=mask).logits[0].float()
        finally:
            hook.remove()


def build_masked_network(folder: Path, random_state: int) -> MaskedNetwork:
    """The network of a folder; what its files lack of the head is drawn at random.

    Raises
    ------
    DataError : a folder that holds no model that encodes texts, or one that reads in one direction.
    """
    import torch
    from transformers import AutoModelForMaskedLM

    source = load_encoder(folder, random_state)  # says what is wrong with a folder
    with torch.random.fork_rng(devices=[]), quiet():
        torch.manual_seed(random_state)
        network, report = AutoModelForMaskedLM.from_pretrained(
            str(folder), local_files_only=True, trust_remote_code=False, use_safetensors=True, dtype=torch.float32,
            output_loading_info=True,
        )  # fmt: skip
    trunk, name = getattr(network, network.base_model_prefix), network.base_model_prefix
    drawn = sorted(missing for missing in report["missing_keys"] if not missing.startswith(f"{name}."))
    wanted = source.model.state_dict().keys() & _stored_names(folder, name) - trunk.state_dict().keys()
    beside = {f"{name}.{key}": weight for key, weight in source.model.state_dict().items() if key in wanted}
    return MaskedNetwork(network.eval(), Transformer(trunk, source.tokenizer), beside, not drawn)


def load_encoder(folder: Path, random_state: int) -> Transformer:
    """A model that reads in both directions, and its tokenizer.

    Raises
    ------
    DataError : a folder that holds no model that encodes texts, or one that reads from left to right.
    """
    import torch
    from transformers import MODEL_FOR_MASKED_LM_MAPPING

    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(random_state)  # some folders lack the pooler, which is drawn then
        transformer = load_transformer(folder, "fp32")
    config = transformer.model.config
    if type(config) not in MODEL_FOR_MASKED_LM_MAPPING or getattr(config, "is_decoder", False):
        raise DataError(
            f"The model in {str(folder)!r} ({config.model_type}) is a decoder: it sees only what stands before a word, "
            "so it can neither be asked for a hidden one nor pool a text evenly. Take an encoder, as BERT is."
        )
    return transformer


def _stored_names(folder: Path, trunk: str) -> set[str]:
    """Names of the weights in the files, without the trunk's own name before them."""
    from safetensors import safe_open

    found: set[str] = set()
    for path in folder.glob("*.safetensors"):
        with safe_open(path, "np") as file:
            found |= {name.removeprefix(f"{trunk}.") for name in file.keys()}  # noqa: SIM118
    return found
