"""Cross entropy over a catalogue, whole or sampled."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import torch

__all__ = ["full_loss", "sampled_loss"]


def full_loss(states: torch.Tensor, targets: torch.Tensor, vectors: torch.Tensor, bias: torch.Tensor) -> torch.Tensor:
    """Negative log probability of each target among all items, shape (n,).

    Parameters
    ----------
    states : shape (n, d)
    targets : int64, shape (n,)
    vectors, bias : shape (n_items, d), (n_items,)
    """
    import torch

    return torch.nn.functional.cross_entropy((states @ vectors.T).float() + bias, targets, reduction="none")


def sampled_loss(
    states: torch.Tensor, targets: torch.Tensor, vectors: torch.Tensor, bias: torch.Tensor, drawn: torch.Tensor
) -> torch.Tensor:
    """The same, where some items drawn evenly without return stand for all that are not the target, shape (n,).

    Each drawn one counts as n_items / n_drawn, so that the sum of exponentials is right on average; without that a
    sampled loss teaches wrong probabilities. With all items drawn it is the full one.

    Parameters
    ----------
    drawn : int64, shape (n_drawn,)
        Distinct items.
    """
    import torch

    own = (states * vectors[targets]).sum(dim=1, keepdim=True).float() + bias[targets, None]
    others = (states @ vectors[drawn].T).float() + bias[drawn] + math.log(len(vectors) / len(drawn))
    others = others.masked_fill(drawn == targets[:, None], -math.inf)
    return torch.cat([own, others], dim=1).logsumexp(dim=1) - own[:, 0]
