"""Sandwich covariances from sums of scores over clusters."""

from __future__ import annotations

import numpy as np

from causalrec.errors import EstimationError

__all__ = ["small_sample", "two_way_meat"]


def two_way_meat(pair_scores: np.ndarray) -> np.ndarray:
    """Covariance of the summed scores when units share a user or an item cluster.

    By user, plus by item, less by both (Cameron, Gelbach, Miller 2011, J. Business & Economic
    Statistics 29(2)). With few clusters that difference need not be a covariance: where it is not positive
    semidefinite nothing is subtracted, which errs on the wide side.

    Parameters
    ----------
    pair_scores : float64, shape (n_users, n_item_clusters, p)
        Sum of the score over the units of each pair.

    Returns
    -------
    float64, shape (p, p)
    """
    by_user, by_item = pair_scores.sum(axis=1), pair_scores.sum(axis=0)
    both = pair_scores.reshape(-1, pair_scores.shape[2])
    ways, overlap = (by_user.T @ by_user, by_item.T @ by_item), both.T @ both
    together = ways[0] + ways[1]
    return together - overlap if is_covariance(together - overlap) else together


def is_covariance(matrix: np.ndarray) -> bool:
    """Whether a symmetric matrix is positive semidefinite, up to rounding."""
    return bool(np.linalg.eigvalsh(matrix)[0] >= -1e-12 * np.abs(matrix).max())


def small_sample(n: int, n_parameters: int, n_clusters: int) -> float:
    """Factor on the covariance for few clusters and lost degrees of freedom (fixest's convention).

    Raises
    ------
    EstimationError : one cluster, whose scores sum to 0 whatever the error is.
    """
    if n_clusters < 2:
        raise EstimationError("Errors cannot be clustered by a column with one value.")
    return (n - 1) / (n - n_parameters) * n_clusters / (n_clusters - 1)
