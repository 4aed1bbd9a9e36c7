"""Squares and products of the leading components of vectors: columns in which more functions of them are linear."""

from __future__ import annotations

import numpy as np

__all__ = ["crossed"]


def crossed(vectors: np.ndarray, n_components: int) -> np.ndarray:
    """Products of each pair of leading components, and squares; float64, shape (n, m (m + 1) / 2).

    Components keep their own spread, so that products of the first count the most, as in a kernel of degree 2.

    Parameters
    ----------
    vectors : float64, shape (n, d)
    n_components : int
        m is this, or the rank of the vectors where that is less.

    Examples
    --------
    >>> crossed(np.array([[2.0], [0.0], [-2.0]]), 1).ravel().round(6).tolist()
    [4.0, 0.0, 4.0]
    """
    left, values, _ = np.linalg.svd(vectors - vectors.mean(axis=0), full_matrices=False)
    real = values[:n_components] > 1e-10 * values.max(initial=0.0)
    parts = (left[:, :n_components] * values[:n_components])[:, real]
    first, second = np.triu_indices(parts.shape[1])
    largest = np.abs(parts).argmax(axis=0)
    parts = parts * np.sign(parts[largest, np.arange(parts.shape[1])])  # a sign is free: the largest entry's is +
    return parts[:, first] * parts[:, second]
