"""What goes into the network: the tokens of texts, or the vectors that its trunk made of them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Protocol

import numpy as np

from causalrec.embedding.padding import filled_up

if TYPE_CHECKING:
    import torch

__all__ = ["Inputs", "TokenInputs", "VectorInputs"]


class Inputs(Protocol):
    """Rows that a network can be asked about."""

    @property
    def lengths(self) -> Sequence[int]:
        """Tokens of each row."""
        ...

    def logits(self, network: torch.nn.Module, rows: np.ndarray) -> torch.Tensor:
        """Float32, (n_rows, n_classes), on the network's device."""
        ...


class TokenInputs:
    """Token numbers of each text; batches are filled up to their longest one.

    Parameters
    ----------
    ids : list of list of int
    padding : int
        Token number that fills up.
    """

    def __init__(self, ids: list[list[int]], padding: int):
        self.ids = ids
        self.padding = padding
        self.lengths = [len(tokens) for tokens in ids]

    def logits(self, network: torch.nn.Module, rows: np.ndarray) -> torch.Tensor:
        """Float32, (n_rows, n_classes)."""
        device = next(network.parameters()).device
        tokens, mask = filled_up([self.ids[row] for row in rows], self.padding, device)
        return network(input_ids=tokens, attention_mask=mask).logits.float()


class VectorInputs:
    """One vector a row, float32 (n_rows, n_dimensions), for a head alone."""

    def __init__(self, vectors: np.ndarray):
        import torch

        self.vectors = torch.from_numpy(vectors)
        self.lengths = [1] * len(vectors)

    def logits(self, network: torch.nn.Module, rows: np.ndarray) -> torch.Tensor:
        """Float32, (n_rows, n_classes)."""
        import torch

        device = next(network.parameters()).device
        return network(self.vectors[torch.from_numpy(rows)].to(device)).float()
