"""What makes a vector of a text, besides the model."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from numbers import Integral

from causalrec.embedding.pooling import Pooling, pooling
from causalrec.embedding.windows import LONG_TEXTS
from causalrec.errors import DataError

__all__ = ["Reading", "check_count", "reading"]


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
    check_count("max_tokens", max_tokens)
    check_count("batch_tokens", batch_tokens)
    if long_texts not in LONG_TEXTS:
        raise DataError(f"long_texts is {long_texts!r}; it is one of {', '.join(map(repr, LONG_TEXTS))}.")
    how = pooling(pooled, layer_weights)
    return Reading(how, bool(normalize), int(max_tokens), long_texts, int(batch_tokens))


def check_count(name: str, value: object) -> None:
    """Refuse what is no whole number of 1 or more.

    Raises
    ------
    DataError : it is none.
    """
    if isinstance(value, bool) or not isinstance(value, Integral) or value < 1:
        raise DataError(f"{name} is {value!r}; give a whole number of 1 or more.")
