"""Sandwich covariances from sums of scores over clusters."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import combinations

import numpy as np

from causalrec.data.ids import crossed
from causalrec.errors import EstimationError

__all__ = ["cluster_meat", "influence_covariance", "small_sample", "two_way_meat"]


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


def cluster_meat(
    scores: np.ndarray, clusters: Mapping[str, np.ndarray], n: int, n_parameters: int
) -> tuple[np.ndarray, float]:
    """Covariance of the summed scores and its degrees of freedom.

    Without clusters it is robust to unequal variances (HC1). With several kinds of clusters units
    that share any of them may depend on each other (Cameron, Gelbach, Miller 2011); where that
    difference of covariances is none, nothing is subtracted, which errs on the wide side.

    Parameters
    ----------
    scores : float64, shape (n, p)
    clusters : mapping of str to int64, shape (n,)
    n, n_parameters : int

    Returns
    -------
    meat : float64, shape (p, p)
    dof : float
        Fewest clusters of a kind less one; rows less parameters where there are none.
    """
    if not clusters:
        return scores.T @ scores * n / (n - n_parameters), n - n_parameters
    meat = np.zeros((scores.shape[1], scores.shape[1]))
    single = np.zeros_like(meat)
    for size in range(1, len(clusters) + 1):
        for chosen in combinations(clusters.values(), size):
            codes = chosen[0] if size == 1 else crossed(*chosen)[0]
            sums = np.column_stack([np.bincount(codes, weights=column) for column in scores.T])
            meat += (-1) ** (size + 1) * sums.T @ sums
            single += sums.T @ sums if size == 1 else 0
    if not is_covariance(meat):
        meat = single
    fewest = min(int(codes.max()) + 1 for codes in clusters.values())
    return meat * small_sample(n, n_parameters, fewest), fewest - 1


def influence_covariance(
    influence: np.ndarray, clusters: Mapping[str, np.ndarray], n_parameters: int = 1
) -> tuple[np.ndarray, float]:
    """Covariance of estimates from their influence values, and its degrees of freedom.

    Parameters
    ----------
    influence : float64, shape (n, p)
        Each unit's influence on each estimate: the estimate less the truth is about their mean.
    clusters : mapping of str to int64, shape (n,)
    n_parameters : int
        Parameters that the estimates cost, for the small-sample factor.

    Returns
    -------
    covariance : float64, shape (p, p)
    dof : float

    Examples
    --------
    >>> covariance, dof = influence_covariance(np.array([[1.0], [-1.0], [1.0], [-1.0]]), {})
    >>> round(float(covariance[0, 0]), 4), dof
    (0.3333, 3)
    """
    n = len(influence)
    meat, dof = cluster_meat(influence - influence.mean(axis=0), clusters, n, n_parameters)
    return meat / n**2, dof
