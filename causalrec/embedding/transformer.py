"""A transformer in memory: tokens in, one vector a text out."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from causalrec.embedding.pooling import Pooling
from causalrec.embedding.windows import Windows, read_windows
from causalrec.errors import DataError

if TYPE_CHECKING:
    from transformers import PreTrainedModel, PreTrainedTokenizerBase

__all__ = ["Transformer", "load_transformer", "quiet"]

# Matrix products of a handful of rows take another kernel, whose last bits differ.
_LEAST_TOKENS = 64

# Models round their vocabulary up; no model leaves a tenth of it to nobody.
_LEAST_SHARE = 0.9

log = logging.getLogger(__name__)


class Transformer:
    """A loaded model with its tokenizer; `load_transformer` makes it."""

    def __init__(self, model: PreTrainedModel, tokenizer: PreTrainedTokenizerBase):
        self.model = model
        self.tokenizer = tokenizer

    @property
    def longest(self) -> int:
        """Most tokens that the model can read, special ones included."""
        positions = getattr(self.model.config, "max_position_embeddings", None) or self.tokenizer.model_max_length
        # RoBERTa and its kin number positions from behind the padding's number.
        table = getattr(getattr(self.model, "embeddings", None), "position_embeddings", None)
        padding = getattr(table, "padding_idx", None)
        return int(min(self.tokenizer.model_max_length, positions - (0 if padding is None else padding + 1)))

    def windows(self, texts: Sequence[str], max_tokens: int, long_texts: str = "cut") -> Windows:
        """Tokens of each text, in windows of `max_tokens` or what the model reads.

        Raises
        ------
        DataError : `max_tokens` leaves no room for the text.
        """
        special = self.tokenizer.num_special_tokens_to_add()
        if max_tokens <= special:
            raise DataError(
                f"max_tokens is {max_tokens}, and this model needs {special} for itself: "
                f"give {special + 1} to {self.longest}."
            )
        return read_windows(self.tokenizer, texts, min(max_tokens, self.longest), long_texts)

    def vectors(self, tokens: Sequence[Sequence[int]], pooling: Pooling) -> np.ndarray:
        """Float32, (n_windows, n_dimensions), of windows that have the same number of tokens, at least one."""
        import torch

        ids = torch.tensor(tokens)
        repeats = -(-_LEAST_TOKENS // ids.numel())
        with torch.inference_mode():
            found = self.model(input_ids=ids.repeat(repeats, 1), output_hidden_states=pooling.reads_all_layers)
            layers = found.hidden_states if pooling.reads_all_layers else (found.last_hidden_state,)
            return pooling.vectors([layer[: len(tokens)] for layer in layers]).numpy()


def load_transformer(folder: Path, precision: str) -> Transformer:
    """Model and tokenizer of a folder; safetensors only, and no code of the folder's own.

    Raises
    ------
    DataError : the files do not make a model that encodes texts, or weights are missing in them.
    """
    try:
        with quiet():
            transformer, missing = _loaded(folder, precision)
    # transformers, tokenizers and safetensors raise a dozen unrelated types for a broken folder.
    except Exception as error:
        raise DataError(f"The model in {str(folder)!r} cannot be loaded ({type(error).__name__}): {error}") from error
    if missing:
        raise DataError(
            f"The weights in {str(folder)!r} lack {len(missing)} of the model's tensors, {missing[0]!r} first; "
            "they would be random. Get the model's files again."
        )
    if transformer.model.config.is_encoder_decoder:
        raise DataError(
            f"The model in {str(folder)!r} is an encoder with a decoder; give one that is an encoder alone."
        )
    _check_tokenizer(transformer, folder)
    return transformer


def _check_tokenizer(transformer: Transformer, folder: Path) -> None:
    """Refuse a tokenizer of another model as far as its vocabulary tells."""
    tokenizer, rows = transformer.tokenizer, transformer.model.get_input_embeddings().weight.shape[0]
    if getattr(tokenizer, "backend_tokenizer", None) is None:
        raise DataError(
            f"The tokenizer in {str(folder)!r} ({type(tokenizer).__name__}) has no fast version; add a tokenizer.json."
        )
    size = max(tokenizer.get_vocab().values(), default=-1) + 1
    if size > rows or size < rows / 2:
        raise DataError(
            f"The tokenizer in {str(folder)!r} does not match the model: it numbers {size:,} tokens, and the model "
            f"has vectors for {rows:,}. Take both from the same model, or resize the model's embeddings and train them."
        )
    if size < _LEAST_SHARE * rows:
        log.warning(
            "The tokenizer in %s numbers %s tokens, and the model has vectors for %s: are both of one model?",
            folder, f"{size:,}", f"{rows:,}",
        )  # fmt: skip


def _loaded(folder: Path, precision: str) -> tuple[Transformer, list[str]]:
    import torch
    from transformers import AutoModel, AutoTokenizer

    tokenizer = AutoTokenizer.from_pretrained(str(folder), local_files_only=True, trust_remote_code=False)
    model, report = AutoModel.from_pretrained(
        str(folder), local_files_only=True, trust_remote_code=False, use_safetensors=True, output_loading_info=True
    )
    # The pooler is a head that no pooling here reads; many folders come without it.
    missing = sorted(name for name in report["missing_keys"] if not name.startswith("pooler."))
    return Transformer(model.eval().to(torch.bfloat16 if precision == "bf16" else torch.float32), tokenizer), missing


@contextmanager
def quiet() -> Iterator[None]:
    """Without the progress bars and the table of unused weights that transformers prints."""
    from transformers.utils import logging as messages

    verbosity, bar = messages.get_verbosity(), messages.is_progress_bar_enabled()
    messages.set_verbosity(logging.CRITICAL)
    messages.disable_progress_bar()
    try:
        yield
    finally:
        messages.set_verbosity(verbosity)
        if bar:
            messages.enable_progress_bar()
