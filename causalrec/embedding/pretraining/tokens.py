"""Texts as the network takes them: token numbers, and which of them make one word."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from causalrec.errors import DataError

if TYPE_CHECKING:
    from causalrec.embedding.transformer import Transformer

__all__ = ["TextTokens", "read_tokens"]

# Characters of a text that are looked at for each token that is kept: no text of megabytes is read to its end.
_CHARACTERS_PER_TOKEN = 64


@dataclass(frozen=True, slots=True, eq=False)
class TextTokens:
    """One text.

    Attributes
    ----------
    ids : int64, shape (n_tokens,)
        Special ones included.
    words : int64, shape (n_tokens,)
        Number of the word of each token, ascending; -1 for special tokens, the unknown one among them.
    """

    ids: np.ndarray
    words: np.ndarray


def read_tokens(transformer: Transformer, texts: Sequence[str], max_tokens: int) -> list[TextTokens]:
    """The first `max_tokens` tokens of each text, or as many as the model reads.

    A word is what the tokenizer cuts a text into before it cuts words into pieces.

    Raises
    ------
    DataError : `max_tokens` leaves no room for the text, or texts without a word that the tokenizer knows.
    """
    special = transformer.tokenizer.num_special_tokens_to_add()
    longest = min(max_tokens, transformer.longest)
    if longest <= special:
        raise DataError(
            f"max_tokens is {max_tokens}, and this model needs {special} for itself: give {special + 1} or more."
        )
    backend, specials = transformer.tokenizer.backend_tokenizer, transformer.tokenizer.all_special_ids
    backend.no_padding()
    backend.enable_truncation(longest)
    beginnings = (text[: _CHARACTERS_PER_TOKEN * max(longest, 16)] for text in texts)
    read = [_text_tokens(backend.encode(beginning), specials) for beginning in beginnings]
    if silent := [text for text, tokens in zip(texts, read, strict=True) if (tokens.words < 0).all()]:
        raise DataError(
            f"{len(silent):,} texts have no word that the model knows, {silent[0][:40]!r} first: there is nothing to "
            "learn from. Leave these rows out, or take a model that reads them."
        )
    return read


def _text_tokens(encoding: Any, specials: Sequence[int]) -> TextTokens:
    ids = np.array(encoding.ids, dtype=np.int64)
    words = np.array([-1 if word is None else word for word in encoding.word_ids], dtype=np.int64)
    # Markers that stand in the text itself ("[SEP]" typed out) and unknown words are nothing to guess.
    return TextTokens(ids, np.where(np.isin(ids, specials), -1, words))
