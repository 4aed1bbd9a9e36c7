"""Texts of several lengths as one table."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import torch

__all__ = ["filled_up"]


def filled_up(
    ids: Sequence[Sequence[int] | np.ndarray], padding: int, device: torch.device
) -> tuple[torch.Tensor, torch.Tensor]:
    """Token numbers and attention mask, int64 (n_texts, n_longest)."""
    import torch

    longest = max(len(tokens) for tokens in ids)
    filled = np.full((len(ids), longest), padding, dtype=np.int64)
    mask = np.zeros((len(ids), longest), dtype=np.int64)
    for row, tokens in enumerate(ids):
        filled[row, : len(tokens)] = tokens
        mask[row, : len(tokens)] = 1
    return torch.from_numpy(filled).to(device), torch.from_numpy(mask).to(device)
