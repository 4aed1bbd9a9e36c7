"""What every encoder of texts can do."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol, runtime_checkable

import numpy as np

from causalrec.errors import ShapeError

__all__ = ["Encoder", "encoded", "is_encoder"]


@runtime_checkable
class Encoder(Protocol):
    """Anything that turns texts into vectors of one length.

    Examples
    --------
    >>> class Lengths:
    ...     def encode(self, texts):
    ...         return np.array([[len(text or "")] for text in texts], dtype=np.float32)
    >>> isinstance(Lengths(), Encoder)
    True
    """

    def encode(self, texts: Sequence[str | None]) -> np.ndarray:
        """One row a text, in their order: float32, shape (n_texts, n_dimensions)."""
        ...


def is_encoder(value: object) -> bool:
    """Whether it is one; a name is none, though Python's strings have an `encode`."""
    return isinstance(value, Encoder) and not isinstance(value, str)


def encoded(encoder: Encoder, texts: Sequence[str | None]) -> np.ndarray:
    """What an encoder of any kind gives, shape (n_texts, n_dimensions).

    Raises
    ------
    ShapeError : not one row a text.
    """
    found = np.asarray(encoder.encode(texts))
    if found.ndim != 2 or len(found) != len(texts):
        raise ShapeError(f"The encoder gave an array {found.shape} for {len(texts):,} texts, not one row a text.")
    return found
