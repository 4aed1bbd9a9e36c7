"""What the model reads of each text: its beginning, or all of it in windows."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerBase

__all__ = ["LONG_TEXTS", "Windows", "read_windows"]

LONG_TEXTS = ("cut", "chunks")

# Characters that are tokenised at once. A text of megabytes of which 128 tokens count is never read to its end.
_PIECE = 65_536
_CHARACTERS_PER_TOKEN = 32


@dataclass(frozen=True, slots=True, eq=False)
class Windows:
    """Runs of tokens that go through the model, each of one text.

    Attributes
    ----------
    ids : list of list of int
        Token numbers of each window, special ones included; empty where the text has no token of its own.
    owner : int64, shape (n_windows,)
        Position of the window's text; ascending.
    weight : int64, shape (n_windows,)
        Tokens of the text in it.
    """

    ids: list[list[int]]
    owner: np.ndarray
    weight: np.ndarray


def read_windows(
    tokenizer: PreTrainedTokenizerBase, texts: Sequence[str], n_tokens: int, long_texts: str = "cut"
) -> Windows:
    """Windows of at most `n_tokens` tokens: the first of each text ("cut") or all, side by side ("chunks")."""
    backend, special = tokenizer.backend_tokenizer, tokenizer.num_special_tokens_to_add()
    backend.no_padding()
    backend.enable_truncation(n_tokens, direction=tokenizer.truncation_side)
    from_left = long_texts == "cut" and tokenizer.truncation_side == "right"
    ids: list[list[int]] = []
    owner: list[int] = []
    for number, text in enumerate(texts):
        read = [_beginning(backend, text, n_tokens)] if from_left else _all(backend, text, long_texts)
        kept = [window for window in read if len(window) > special] or [[]]
        ids += kept
        owner += [number] * len(kept)
    weight = np.array([max(len(window) - special, 0) for window in ids], dtype=np.int64)
    return Windows(ids, np.array(owner, dtype=np.int64), weight)


def _beginning(backend: Any, text: str, n_tokens: int) -> list[int]:
    size = _CHARACTERS_PER_TOKEN * max(n_tokens, 16)
    while len(text) > size:
        encoding = backend.encode(text[: _cut(text, 0, size)])
        # A full window behind the first one: nothing at the cut reaches into what is kept.
        if len(encoding.overflowing) >= 2:
            return encoding.ids
        size *= 4
    return backend.encode(text).ids


def _all(backend: Any, text: str, long_texts: str) -> Iterator[list[int]]:
    if long_texts == "cut":
        yield backend.encode(text).ids
        return
    start = 0
    while start < len(text):
        end = _cut(text, start, start + _PIECE)
        encoding = backend.encode(text[start:end])
        yield encoding.ids
        yield from (window.ids for window in encoding.overflowing)
        start = end


def _cut(text: str, start: int, end: int) -> int:
    """Where a piece ends: before the last space, so that no word is torn, where there is one in its second half."""
    if end >= len(text):
        return len(text)
    space = text.rfind(" ", (start + end) // 2, end)
    return space if space > start else end
