"""Texts that stand for the others: each of the rest is near one of them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from causalrec.embedding.few_labels.uncertainty import check_number_of_texts
from causalrec.embedding.vector_table import check_vectors
from causalrec.errors import DataError

__all__ = ["core_set", "covering_radius"]


def core_set(vectors: np.ndarray, n_texts: int, *, labelled: Sequence[int] | np.ndarray = ()) -> np.ndarray:
    """The next texts to label: k-centre greedy (Sener, Savarese 2018, ICLR).

    Each is the one farthest from all that are labelled or chosen. The covering radius is at most twice the least that
    any choice of as many texts has (Gonzalez 1985, Theor. Comput. Sci. 38). With nothing labelled the first is the text
    nearest to the mean.

    Parameters
    ----------
    vectors : float, shape (n_pool, n_dimensions)
    n_texts : int
    labelled : sequence of int
        Rows that are labelled already, which are not chosen.

    Returns
    -------
    int64, shape (n_texts,)
        In the order of their choice; of equally far texts the earlier.

    Raises
    ------
    ShapeError, DataError : no table of finite numbers, rows that it does not have, or more texts than are left.

    Examples
    --------
    >>> core_set(np.array([[0.0], [1.0], [9.0], [10.0]]), 2, labelled=[0])
    array([3, 1])
    """
    points = check_vectors(vectors).astype(np.float64)
    known = _rows(labelled, len(points))
    check_number_of_texts(n_texts, len(points) - len(known))
    squares = (points**2).sum(axis=1)
    away = np.full(len(points), np.inf)
    for row in known:
        away = np.minimum(away, _squared_distances(points, squares, row))
    away[known] = -1
    chosen = np.empty(n_texts, dtype=np.int64)
    for place in range(n_texts):
        nothing = not len(known) and not place
        row = int(((points - points.mean(axis=0)) ** 2).sum(axis=1).argmin() if nothing else away.argmax())
        chosen[place] = row
        away = np.where(away < 0, -1, np.minimum(away, _squared_distances(points, squares, row)))
        away[row] = -1
    return chosen


def covering_radius(vectors: np.ndarray, centres: Sequence[int] | np.ndarray) -> float:
    """Largest distance of a text to the nearest of these rows.

    Examples
    --------
    >>> covering_radius(np.array([[0.0], [1.0], [9.0], [10.0]]), [0, 3])
    1.0
    """
    points = check_vectors(vectors).astype(np.float64)
    rows = _rows(centres, len(points))
    if not len(rows):
        raise DataError("A covering radius needs one centre or more.")
    squares = (points**2).sum(axis=1)
    nearest = np.min([_squared_distances(points, squares, row) for row in rows], axis=0)
    return float(np.sqrt(nearest.max()))


def _squared_distances(points: np.ndarray, squares: np.ndarray, row: int) -> np.ndarray:
    return np.maximum(squares - 2 * points @ points[row] + squares[row], 0)


def _rows(given: Sequence[int] | np.ndarray, n: int) -> np.ndarray:
    rows = np.asarray(given)
    if not rows.size:
        return np.zeros(0, dtype=np.int64)
    if rows.ndim != 1 or rows.dtype.kind not in "iu" or rows.min() < 0 or rows.max() >= n:
        raise DataError(f"Rows are whole numbers from 0 to {n - 1}, and not {np.ravel(rows)[:5].tolist()}.")
    return np.unique(rows).astype(np.int64)
