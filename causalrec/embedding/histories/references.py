"""Guesses that need no network: how often an item is taken, and what came before it last time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

__all__ = ["Chain", "fitted_chain", "item_counts"]


def item_counts(histories: Sequence[np.ndarray], n_items: int) -> np.ndarray:
    """How often each item stands in histories, and one more, so that none is impossible; shape (n_items,)."""
    return np.bincount(np.concatenate(histories), minlength=n_items) + 1.0


@dataclass(frozen=True, slots=True, eq=False)
class Chain:
    """A chain of first order, smoothed with the items' shares (Witten, Bell 1991, IEEE Trans. Inf. Theory).

    P(b | a) = (n(a, b) + k(a) share(b)) / (n(a) + k(a)), where k(a) different items came after a in n(a) steps.

    Attributes
    ----------
    shares : float64, shape (n_items,)
    steps : int64, shape (n_known,)
        a * n_items + b of each step that was seen, ascending.
    n_steps : int64, shape (n_known,)
        How often.
    n_from, n_kinds : float64, shape (n_items,)
        n(a) and k(a).
    """

    shares: np.ndarray
    steps: np.ndarray
    n_steps: np.ndarray
    n_from: np.ndarray
    n_kinds: np.ndarray

    def probability(self, before: np.ndarray, after: np.ndarray) -> np.ndarray:
        """Of single steps, shape (n,)."""
        wanted = before * len(self.shares) + after
        place = np.minimum(np.searchsorted(self.steps, wanted), len(self.steps) - 1)
        seen = np.where(self.steps[place] == wanted, self.n_steps[place], 0)
        kinds = np.maximum(self.n_kinds[before], 1.0)  # after an item that nothing followed: the shares
        return (seen + kinds * self.shares[after]) / (self.n_from[before] + kinds)


def fitted_chain(histories: Sequence[np.ndarray], n_items: int) -> Chain:
    """The chain of histories of two items or more."""
    counts = item_counts(histories, n_items)
    before = np.concatenate([history[:-1] for history in histories])
    after = np.concatenate([history[1:] for history in histories])
    steps, n_steps = np.unique(before * n_items + after, return_counts=True)
    return Chain(
        counts / counts.sum(), steps, n_steps, np.bincount(before, minlength=n_items).astype(float),
        np.bincount(steps // n_items, minlength=n_items).astype(float),
    )  # fmt: skip
