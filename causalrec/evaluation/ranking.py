"""Relevance of lists: how much of what users went for stands near the top."""

from __future__ import annotations

from typing import Literal

import numpy as np

__all__ = ["ndcg", "precision", "recall"]

NoPositives = Literal["skip", "zero"]


def ndcg(hits: np.ndarray, n_positives: np.ndarray, k: int, no_positives: NoPositives = "skip") -> float:
    """Mean normalised discounted cumulative gain of the first k, with binary relevance.

    Parameters
    ----------
    hits : bool, shape (n_users, n_places)
        Whether the item at each place is one that the user went for; at least one column.
    n_positives : int64, shape (n_users,)
        Number of items that the user went for, listed or not.
    k : int
    no_positives : "skip" or "zero"
        A user who went for nothing is left out, or counts as 0.

    References
    ----------
    Järvelin, Kekäläinen (2002), ACM Transactions on Information Systems 20(4).

    Examples
    --------
    >>> round(ndcg(np.array([[False, True]]), np.array([1]), k=2), 4)
    0.6309
    """
    discount = 1 / np.log2(np.arange(2, k + 2))
    ideal = np.concatenate(([0.0], np.cumsum(discount)))[np.minimum(n_positives, k)]
    listed = hits[:, :k]
    return _mean(listed @ discount[: listed.shape[1]], ideal, n_positives, no_positives)


def recall(hits: np.ndarray, n_positives: np.ndarray, k: int, no_positives: NoPositives = "skip") -> float:
    """Mean share of what each user went for that stands among the first k; parameters as in `ndcg`.

    >>> recall(np.array([[False, True]]), np.array([4]), k=2)
    0.25
    """
    return _mean(hits[:, :k].sum(1), n_positives, n_positives, no_positives)


def precision(hits: np.ndarray, n_positives: np.ndarray, k: int, no_positives: NoPositives = "skip") -> float:
    """Mean share of the first k places that hold something the user went for; parameters as in `ndcg`.

    A list that is shorter than k counts its missing places as misses.

    >>> precision(np.array([[False, True]]), np.array([4]), k=2)
    0.5
    """
    return _mean(hits[:, :k].sum(1), np.full(len(hits), k), n_positives, no_positives)


def _mean(part: np.ndarray, whole: np.ndarray, n_positives: np.ndarray, no_positives: NoPositives) -> float:
    """Mean over users of part / whole; NaN without any user."""
    kept = n_positives > 0 if no_positives == "skip" else np.ones(len(part), dtype=bool)
    return float(np.mean(part[kept] / np.maximum(whole[kept], 1e-300))) if kept.any() else float("nan")
