"""What makes a vector of a text, besides the model."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from causalrec.embedding.pooling import Pooling, pooling
from causalrec.embedding.windows import LONG_TEXTS
from causalrec.training.ranges import check_choice, check_whole

__all__ = ["Reading", "reading"]


@dataclass(frozen=True, slots=True)
class Reading:
    """Checked parameters; `batch_tokens` alone changes nothing but time and memory."""

    pooling: Pooling
    normalize: bool
    max_tokens: int
    long_texts: str
    batch_tokens: int

    def options(self) -> dict[str, object]:
        """Those that vectors depend on, as JSON values."""
        return {
            "pooling": [self.pooling.name, self.pooling.layer_weights], "normalize": self.normalize,
            "max_tokens": self.max_tokens, "long_texts": self.long_texts,
        }  # fmt: skip


def reading(
    pooled: str, layer_weights: Sequence[float] | None, normalize: bool, max_tokens: int, long_texts: str,
    batch_tokens: int,
) -> Reading:  # fmt: skip
    """The parameters of an encoder, checked.

    Raises
    ------
    DataError : one out of its range.
    """
    check_whole("max_tokens", max_tokens)
    check_whole("batch_tokens", batch_tokens)
    check_choice("long_texts", long_texts, LONG_TEXTS)
    how = pooling(pooled, layer_weights)
    return Reading(how, bool(normalize), int(max_tokens), long_texts, int(batch_tokens))
