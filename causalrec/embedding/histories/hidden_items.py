"""Which items of a window are hidden and guessed (Sun et al. 2019, CIKM)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

__all__ = ["Hiding", "hidden_items"]

_CUT = 0.2
"""Share of the windows that end in one hidden item, so that the network knows the question it will be asked."""


@dataclass(frozen=True, slots=True, eq=False)
class Hiding:
    """What is seen of windows.

    Attributes
    ----------
    hidden : bool, shape (n_windows, size)
        To be told.
    filled : bool, shape (n_windows, size)
        Hidden or seen; the rest is not there.
    """

    hidden: np.ndarray
    filled: np.ndarray


def hidden_items(lengths: np.ndarray, size: int, share: float, random_state: Sequence[int]) -> Hiding:
    """A share of each window's items, at least one; one window in five is cut after a random item, which is hidden.

    Examples
    --------
    >>> found = hidden_items(np.array([3, 2]), 4, 0.5, [0])
    >>> found.hidden.any(axis=1), (found.hidden <= found.filled).all()
    (array([ True,  True]), np.True_)
    """
    rng = np.random.default_rng(random_state)
    n, places = len(lengths), np.arange(size)
    draws = np.where(places < lengths[:, None], rng.random((n, size)), np.inf)
    hidden = (draws < share) | (places == draws.argmin(axis=1)[:, None])
    is_cut = rng.random(n) < _CUT
    last = np.where(is_cut, 1 + np.floor(rng.random(n) * (lengths - 1)).astype(np.int64), lengths - 1)[:, None]
    return Hiding(np.where(is_cut[:, None], places == last, hidden), places <= last)
