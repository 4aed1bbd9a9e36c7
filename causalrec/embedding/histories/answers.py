"""What a network thinks at the end of a history."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

import numpy as np

from causalrec.embedding.batches import batches_of_one_length
from causalrec.embedding.histories.network import HistoryNetwork

if TYPE_CHECKING:
    import torch

__all__ = ["last_states", "log_probabilities", "log_probabilities_of"]

_BATCH_ITEMS = 8192
_ASKED = 512  # histories whose answers over the catalogue are kept at once


def last_states(network: HistoryNetwork, histories: Sequence[np.ndarray]) -> np.ndarray:
    """Float32, (n_histories, d): where the next item is told; zeros for an empty history.

    Only the newest `n_places` - 1 items of each are read.
    """
    import torch

    shape, device = network.shape, next(network.module.parameters()).device
    found = np.zeros((len(histories), shape.n_dimensions), dtype=np.float32)
    known = [row for row, history in enumerate(histories) if len(history)]
    read = [_read(network, histories[row]) for row in known]
    network.module.eval()
    with torch.inference_mode():
        for batch in batches_of_one_length([len(items) for items in read], _BATCH_ITEMS):
            inputs = torch.from_numpy(np.stack([read[k] for k in batch])).to(device)
            states = network.states(inputs, torch.ones_like(inputs, dtype=torch.bool))[:, -1]
            found[[known[k] for k in batch]] = states.float().cpu().numpy()
    return found


def log_probabilities(network: HistoryNetwork, histories: Sequence[np.ndarray]) -> np.ndarray:
    """Float32, (n_histories, n_items): of each item to come next; for an empty history the log of its share."""
    found = np.empty((len(histories), network.shape.n_items), dtype=np.float32)
    for start, told in _told(network, histories):
        found[start : start + len(told)] = told.cpu().numpy()
    return found


def log_probabilities_of(
    network: HistoryNetwork, histories: Sequence[np.ndarray], targets: np.ndarray
) -> np.ndarray:  # fmt: skip
    """Float64, (n_histories,): of one item each, without keeping those of all others."""
    import torch

    found = np.empty(len(histories))
    for start, told in _told(network, histories):
        own = torch.from_numpy(targets[start : start + len(told)]).to(told.device)
        found[start : start + len(told)] = told.gather(1, own[:, None])[:, 0].cpu().numpy()
    return found


def _told(network: HistoryNetwork, histories: Sequence[np.ndarray]) -> Iterator[tuple[int, torch.Tensor]]:
    import torch

    device = next(network.module.parameters()).device
    for start in range(0, len(histories), _ASKED):
        some = histories[start : start + _ASKED]
        states = torch.from_numpy(last_states(network, some)).to(device)
        empty = torch.tensor([not len(history) for history in some], device=device)
        with torch.inference_mode():
            told = (states @ network.vectors.T + network.module.bias).log_softmax(dim=1)
            yield start, torch.where(empty[:, None], network.module.log_share, told)


def _read(network: HistoryNetwork, history: np.ndarray) -> np.ndarray:
    newest = history[-(network.shape.n_places - 1) :]
    return newest if network.shape.looks_back_only else np.append(newest, network.blank)
