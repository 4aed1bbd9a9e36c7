"""The mask of texts with tokens before them."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import torch

__all__ = ["longer_mask"]


def longer_mask(mask: torch.Tensor, n_tokens: int) -> torch.Tensor:
    """Int64, (n_texts, n_tokens + longest); the new tokens are always read."""
    import torch

    return torch.cat([torch.ones(len(mask), n_tokens, dtype=mask.dtype, device=mask.device), mask], dim=1)
