"""Texts beside their nearest neighbours, and answers that spread along these lines."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from causalrec.embedding.pooling import unit_length
from causalrec.embedding.vector_table import check_vectors
from causalrec.training.ranges import check_whole

if TYPE_CHECKING:
    from scipy.sparse import csr_array

__all__ = ["neighbour_graph", "spread"]

_BLOCK_ROWS = 1024
_POWER = 3  # of the cosine: Iscen et al. 2019
_LEFT = 1e-3  # share of the sum that the last step may still move


def neighbour_graph(vectors: np.ndarray, n_neighbors: int = 15) -> csr_array:
    """Cosines to the nearest neighbours, cubed, symmetric, scaled by the degrees of both ends.

    Parameters
    ----------
    vectors : float, shape (n_texts, n_dimensions)
    n_neighbors : int
        Of each text; those for whom it is one count too. Cosines of 0 or less join nobody.

    Returns
    -------
    csr_array, shape (n_texts, n_texts)
        Symmetric, no entry on the diagonal, eigenvalues in [-1, 1].

    Examples
    --------
    >>> neighbour_graph(np.array([[1.0, 0.0], [2.0, 0.0], [0.0, 1.0]]), 1).toarray()
    array([[0., 1., 0.],
           [1., 0., 0.],
           [0., 0., 0.]])
    """
    from scipy.sparse import csr_array, diags_array

    check_whole("n_neighbors", n_neighbors)
    unit = unit_length(check_vectors(vectors))
    n, k = len(unit), min(n_neighbors, len(unit) - 1)
    ends, weights = _nearest(unit, k) if k > 0 else (np.zeros((n, 0), dtype=np.int64), np.zeros((n, 0)))
    starts = np.repeat(np.arange(n), ends.shape[1])
    one_way = csr_array((weights.ravel(), (starts, ends.ravel())), shape=(n, n))
    both = one_way.maximum(one_way.T)
    degree = np.asarray(both.sum(axis=1)).ravel()
    scale = diags_array(1 / np.sqrt(np.where(degree > 0, degree, 1)))
    found = csr_array(scale @ both @ scale)
    found.eliminate_zeros()
    return found


def _nearest(unit: np.ndarray, k: int) -> tuple[np.ndarray, np.ndarray]:
    """Rows of the k nearest and the cubed cosines to them, both (n, k)."""
    ends = np.empty((len(unit), k), dtype=np.int64)
    weights = np.empty((len(unit), k))
    for first in range(0, len(unit), _BLOCK_ROWS):
        block = slice(first, min(first + _BLOCK_ROWS, len(unit)))
        cosines = unit[block] @ unit.T
        cosines[np.arange(len(cosines)), np.arange(block.start, block.stop)] = -np.inf
        ends[block] = np.argpartition(-cosines, k - 1, axis=1)[:, :k]
        weights[block] = np.maximum(np.take_along_axis(cosines, ends[block], axis=1), 0).astype(np.float64) ** _POWER
    return ends, weights


def spread(graph: csr_array, answers: np.ndarray, spreading: float = 0.9) -> np.ndarray:
    """Answers of each text mixed with those of its neighbours, and theirs (Zhou et al. 2004, NeurIPS 16).

    The limit of Q <- spreading * graph Q + (1 - spreading) * answers, with rows of sum 1.

    Parameters
    ----------
    graph : csr_array, shape (n_texts, n_texts)
    answers : float, shape (n_texts, n_classes)
        Of 0 or more: a known class is 1 there and 0 elsewhere; probabilities where it is not known.
    spreading : float
        In [0, 1): what the neighbours weigh.

    Returns
    -------
    float64, shape (n_texts, n_classes)

    Examples
    --------
    >>> graph = neighbour_graph(np.array([[1.0, 0.0], [2.0, 0.0], [0.0, 1.0]]), 1)
    >>> spread(graph, np.array([[1.0, 0.0], [0.5, 0.5], [0.5, 0.5]])).round(2)
    array([[0.76, 0.24],
           [0.74, 0.26],
           [0.5 , 0.5 ]])
    """
    mixed = given = np.asarray(answers, dtype=np.float64)
    n_steps = int(np.ceil(np.log(_LEFT) / np.log(spreading))) if spreading > 0 else 0
    for _ in range(n_steps):
        mixed = spreading * (graph @ mixed) + (1 - spreading) * given
    total = mixed.sum(axis=1, keepdims=True)
    return np.where(total > 0, mixed / np.where(total > 0, total, 1), 1 / given.shape[1])
