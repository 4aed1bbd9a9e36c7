"""Errors of regressions within groups where codes are rare: few experiments can carry nearly all that is known."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

__all__ = ["ClusterErrors", "cluster_errors"]

OWN = 1 - 1e-8  # an experiment's share of the curvature from which it is alone


@dataclass(frozen=True, slots=True, eq=False)
class ClusterErrors:
    """What each cluster adds to the error of each coefficient.

    Attributes
    ----------
    parts : float64, shape (n_clusters, k)
        Their products summed over clusters are the covariance, within one regression and between several.
    n_effective : float64, shape (k,)
        Equally telling clusters that would know as much; less one, the degrees of freedom.
    """

    parts: np.ndarray
    n_effective: np.ndarray


def cluster_errors(left: np.ndarray, weight: np.ndarray, rest: np.ndarray, cluster: np.ndarray) -> ClusterErrors:
    """Clustered errors that allow for how far each cluster pulls the fit towards itself (CR2).

    The plain sandwich with as many degrees of freedom as clusters errs far too often where a code varies in few of
    them: 20% of the tests at 5% for a code of 2% of the texts in 60 experiments of four, 5% with these.

    Parameters
    ----------
    left : float64, shape (n, k)
        Columns about their weighted means of a group; groups lie within clusters.
    weight, rest : float64, shape (n,)
        The score of a row is its `left` times weight times rest; its curvature left leftᵀ times weight.
    cluster : int64, shape (n,)

    References
    ----------
    Bell, McCaffrey (2002), Survey Methodology 28(2). Effective number: Carter, Schnepel, Steigerwald (2017), Review of
    Economics and Statistics 99(4).

    Examples
    --------
    >>> left, half = np.array([[-1.0], [1.0]] * 3), np.ones(6)
    >>> found = cluster_errors(left, half, np.array([0.0, 0.2, 0.1, 0.1, 0.2, 0.0]), np.repeat([0, 1, 2], 2))
    >>> found.n_effective.round(6).tolist()
    [3.0]
    """
    n_clusters, k = int(cluster.max()) + 1, left.shape[1]
    curvature = np.empty((n_clusters, k, k))
    for a in range(k):
        for b in range(a + 1):
            curvature[:, a, b] = curvature[:, b, a] = np.bincount(cluster, weights=weight * left[:, a] * left[:, b])
    values, vectors = np.linalg.eigh(curvature.sum(axis=0))
    root = (vectors / np.sqrt(values)) @ vectors.T
    score = np.column_stack([np.bincount(cluster, weights=weight * rest * column) for column in left.T])
    own, turned = np.linalg.eigh(root @ curvature @ root)
    stretch = 1 / np.sqrt(1 - np.clip(own, 0, OWN))
    whitened = np.einsum("cab,ca->cb", turned, score @ root) * stretch
    parts = np.einsum("cab,cb->ca", turned, whitened) @ root
    inverse = root @ root
    share = np.einsum("aj,cab,bj->cj", inverse, curvature, inverse) / np.diag(inverse)
    return ClusterErrors(parts, 1 / (share**2).sum(axis=0))
