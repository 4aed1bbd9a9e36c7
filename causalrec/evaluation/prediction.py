"""How well scores tell what happened from what did not."""

from __future__ import annotations

import numpy as np

from causalrec.errors import DataError

__all__ = ["auc", "auc_by_group", "log_loss", "mean_squared_error"]


def auc(happened: np.ndarray, score: np.ndarray) -> float:
    """Chance that what happened scores higher than what did not; ties count one half.

    Parameters
    ----------
    happened : bool, shape (n,)
    score : float64, shape (n,)

    Returns
    -------
    auc : float in [0, 1]
        NaN where everything happened, or nothing.

    Examples
    --------
    >>> auc(np.array([True, False, False]), np.array([0.5, 0.5, 0.1]))
    0.75
    """
    return float(auc_by_group(happened, score, np.zeros(len(score), dtype=np.int64))[0]) if len(score) else float("nan")


def auc_by_group(happened: np.ndarray, score: np.ndarray, group: np.ndarray) -> np.ndarray:
    """AUC within each group; float64, shape (n_groups,), NaN where it is not defined.

    Parameters
    ----------
    happened : bool, shape (n,)
    score : float64, shape (n,)
    group : int64, shape (n,)
        Codes 0 to n_groups - 1.
    """
    order = np.lexsort((score, group))
    happened, score, group = happened[order], score[order], group[order]
    rank = np.arange(len(score)) - np.searchsorted(group, group) + 1.0
    new = np.concatenate(([True], (score[1:] != score[:-1]) | (group[1:] != group[:-1])))
    tie = np.cumsum(new) - 1
    rank = (np.bincount(tie, rank) / np.bincount(tie))[tie]  # tied scores share their mean rank
    n_groups = int(group.max(initial=-1)) + 1
    n1 = np.bincount(group, happened, n_groups)
    n0 = np.bincount(group, minlength=n_groups) - n1
    above = np.bincount(group, rank * happened, n_groups) - n1 * (n1 + 1) / 2  # Mann-Whitney U
    return np.where(n1 * n0 > 0, above / np.maximum(n1 * n0, 1), np.nan)


def log_loss(happened: np.ndarray, probability: np.ndarray) -> float:
    """Mean negative log likelihood; probabilities are kept one rounding error away from 0 and 1.

    Raises
    ------
    DataError : a score outside [0, 1].

    Examples
    --------
    >>> round(log_loss(np.array([True, False]), np.array([0.5, 0.5])), 4)
    0.6931
    """
    if len(probability) and not (probability.min() >= 0 and probability.max() <= 1):
        raise DataError(
            f"Log loss needs probabilities; the scores run from {probability.min():.3g} to {probability.max():.3g}. "
            f"Ask for 'auc', which needs an order only."
        )
    tiny = np.finfo(float).eps
    p = np.clip(probability, tiny, 1 - tiny)
    return float(-np.mean(np.where(happened, np.log(p), np.log1p(-p))))


def mean_squared_error(happened: np.ndarray, probability: np.ndarray) -> float:
    """Mean squared distance of the score from 1 or 0 (the Brier score of a probability)."""
    return float(np.mean((happened - probability) ** 2))
