"""Vectors of tokens to the vector of their text."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import torch

__all__ = ["POOLINGS", "pool"]

POOLINGS = ("mean", "cls", "last")


def pool(hidden: torch.Tensor, mask: torch.Tensor, pooling: str, normalize: bool) -> torch.Tensor:
    """One vector a text.

    Parameters
    ----------
    hidden : float tensor, shape (n, n_tokens, d)
    mask : int tensor, shape (n, n_tokens)
        1 for tokens, 0 for padding on the right.
    pooling : str
        One of POOLINGS.
    normalize : bool
        Length 1.

    Returns
    -------
    float tensor, shape (n, d)
    """
    import torch

    if pooling == "cls":
        vectors = hidden[:, 0]
    elif pooling == "last":
        vectors = hidden[torch.arange(len(hidden)), mask.sum(1) - 1]
    else:
        weight = mask[:, :, None].to(hidden.dtype)
        vectors = (hidden * weight).sum(1) / weight.sum(1)
    return torch.nn.functional.normalize(vectors, dim=1) if normalize else vectors
