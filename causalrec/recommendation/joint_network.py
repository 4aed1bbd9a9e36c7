"""The network of the joint model, and how it learns."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

__all__ = ["JointWeights", "history_length", "learn"]

PATIENCE = 20  # epochs without a better one before learning stops


@dataclass(frozen=True, slots=True, eq=False)
class JointWeights:
    """What the joint model learned; the log purchase rate of a pair is a sum of these parts.

    Attributes
    ----------
    own : float64, shape (n_own,)
        Weights of the pair's own log rates over the item's: of all its history, and of the latest part.
    bias : float64, shape (n_items,)
        Log rate of the item for a user of no history, over the item's rate.
    history : float64, shape (n_items, n_factors)
        Vector of an item that was bought.
    target : float64, shape (n_items, n_factors)
        Vector of an item that may be bought.
    """

    own: np.ndarray
    bias: np.ndarray
    history: np.ndarray
    target: np.ndarray

    def interactions(self) -> np.ndarray:
        """What having bought j adds to the log rate of i, for a weight of 1; shape (n_items j, n_items i).

        An item says nothing on itself: its own purchases have a term of their own.
        """
        found = self.history @ self.target.T
        np.fill_diagonal(found, 0.0)
        return found


def history_length(counts: np.ndarray) -> np.ndarray:
    """What divides log(1 + count), so that a long history weighs as much as a short one; shape (n_users,)."""
    return np.maximum(np.sqrt((np.log1p(counts) ** 2).sum(axis=1)), 1.0)


def learn(
    history: np.ndarray, own: np.ndarray, base: np.ndarray, bought: np.ndarray, n_visits: np.ndarray,
    features: np.ndarray, *, n_factors: int, n_epochs: int, learning_rate: float, l2: float, random_state: int,
    validation: np.ndarray,
) -> tuple[JointWeights, int]:  # fmt: skip
    """Maximise the Poisson likelihood of later purchases, full batch, with early stopping.

    Parameters
    ----------
    history : float64, shape (n_users, n_items)
        log(1 + count) over `history_length`, of the earlier period.
    own : float64, shape (n_own, n_users, n_items)
        Logs of the pair's smoothed rates over the item's.
    base : float64, shape (n_items,)
        Log rate of the item.
    bought, n_visits : float64, shape (n_users, n_items), (n_users,)
        Of the later period.
    features : float64, shape (n_items, n_features)
    validation : bool, shape (n_users,)
        Users that only decide when to stop.

    Returns
    -------
    JointWeights
    n_epochs : int
        Epochs that were best for the validation users.
    """
    import torch

    generator = torch.Generator().manual_seed(random_state)
    n_items, n_features = features.shape
    tensors = [torch.tensor(array, dtype=torch.float32) for array in (history, own, base, bought, n_visits, features)]
    history_, own_, base_, bought_, visits_, features_ = tensors

    def small(*shape: int) -> torch.Tensor:
        return (0.1 * torch.randn(*shape, generator=generator) / np.sqrt(n_factors)).requires_grad_()

    ids = [small(n_items, n_factors), small(n_items, n_factors)]
    maps = [small(n_features, n_factors), small(n_features, n_factors)]
    bias = torch.zeros(n_items, requires_grad=True)
    weight = torch.full((len(own),), 1 / len(own), requires_grad=True)
    parameters = [*ids, *maps, bias, weight]
    optimizer = torch.optim.Adam(parameters, lr=learning_rate)
    held = torch.tensor(validation)

    def vectors() -> tuple[torch.Tensor, torch.Tensor]:
        return ids[0] + features_ @ maps[0], ids[1] + features_ @ maps[1]

    def log_rate(rows: torch.Tensor) -> torch.Tensor:
        source, target = vectors()
        # Less what each bought item says on itself: n_factors, not n_items, products a pair.
        others = (history_[rows] @ source) @ target.T - history_[rows] * (source * target).sum(1)
        return base_ + bias + torch.tensordot(weight, own_[:, rows], 1) + others

    def loss(rows: torch.Tensor) -> torch.Tensor:
        # Clamped: a rate above one purchase a visit is none, and exp must not overflow in early epochs.
        predicted = log_rate(rows).clamp(max=0.0)
        return (visits_[rows, None] * predicted.exp() - bought_[rows] * predicted).sum() / bought_[rows].sum()

    best, best_epoch, kept = np.inf, 0, [p.detach().clone() for p in parameters]
    for epoch in range(n_epochs):
        optimizer.zero_grad()
        penalty = sum((p**2).sum() for p in (*ids, *maps)) + (bias**2).sum()
        (loss(~held) + l2 * penalty).backward()
        optimizer.step()
        with torch.no_grad():
            now = float(loss(held)) if validation.any() else -float(epoch)
        if now < best:
            best, best_epoch, kept = now, epoch + 1, [p.detach().clone() for p in parameters]
        elif epoch - best_epoch > PATIENCE:
            break
    for parameter, value in zip(parameters, kept, strict=True):
        parameter.data.copy_(value)
    with torch.no_grad():
        source, target = vectors()
    arrays = [array.detach().numpy().astype(float) for array in (weight, bias, source, target)]
    return JointWeights(*arrays), best_epoch
