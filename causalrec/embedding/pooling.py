"""From one vector a token to one vector a text."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import torch

__all__ = ["POOLINGS", "pool", "unit_length"]

POOLINGS = ("mean", "cls", "last")


def pool(hidden: torch.Tensor, pooling: str) -> torch.Tensor:
    """One vector a text, (n_texts, n_dimensions), from (n_texts, n_tokens, n_dimensions) without padding."""
    if pooling == "cls":
        return hidden[:, 0]
    if pooling == "last":
        return hidden[:, -1]
    return hidden.mean(dim=1)


def unit_length(vectors: torch.Tensor) -> torch.Tensor:
    """Rows of L2 norm 1; a row of zeros stays."""
    return vectors / vectors.norm(dim=1, keepdim=True).clamp_min(1e-12)
