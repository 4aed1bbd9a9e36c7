"""How unsure a classifier is of each text, from its probabilities."""

from __future__ import annotations

import numpy as np

from causalrec.embedding.classification.probabilities import check_probabilities
from causalrec.errors import DataError
from causalrec.training.ranges import check_choice, check_whole

__all__ = ["MEASURES", "most_uncertain", "uncertainty"]

MEASURES = ("least confidence", "margin", "entropy")


def uncertainty(probabilities: np.ndarray, measure: str = "margin") -> np.ndarray:
    """One number a text, larger where the classifier is less sure (Lewis, Gale 1994, SIGIR; Scheffer et al. 2001, IDA).

    "least confidence": 1 - p1, where p1 is the largest probability; "margin": 1 - (p1 - p2), by the two largest;
    "entropy": in nats. With two classes all three order texts alike.

    Parameters
    ----------
    probabilities : float, shape (n_texts, n_classes)
        Two classes or more, rows of sum 1.
    measure : {"least confidence", "margin", "entropy"}

    Returns
    -------
    float64, shape (n_texts,)

    Raises
    ------
    ShapeError : no table of two columns or more.
    DataError : rows that are no probabilities, or another measure.

    Examples
    --------
    >>> uncertainty(np.array([[0.5, 0.25, 0.25], [0.5, 0.5, 0.0]]))
    array([0.75, 1.  ])
    >>> uncertainty(np.array([[0.5, 0.25, 0.25], [0.5, 0.5, 0.0]]), "least confidence")
    array([0.5, 0.5])
    """
    check_choice("measure", measure, MEASURES)
    rows = check_probabilities(probabilities)
    if measure == "entropy":
        return -(rows * np.log(np.where(rows > 0, rows, 1))).sum(axis=1)
    top = np.sort(rows, axis=1)[:, ::-1]
    return 1 - top[:, 0] if measure == "least confidence" else 1 - (top[:, 0] - top[:, 1])


def most_uncertain(probabilities: np.ndarray, n_texts: int, measure: str = "margin") -> np.ndarray:
    """Rows of the texts to ask about next, the least sure first; of equal ones the earlier.

    Parameters
    ----------
    probabilities : float, shape (n_pool, n_classes)
    n_texts : int
        From 1 to n_pool.
    measure : {"least confidence", "margin", "entropy"}

    Returns
    -------
    int64, shape (n_texts,)

    Examples
    --------
    >>> most_uncertain(np.array([[0.9, 0.1], [0.5, 0.5], [0.3, 0.7]]), 2)
    array([1, 2])
    """
    found = uncertainty(probabilities, measure)
    check_number_of_texts(n_texts, len(found))
    return np.argsort(-found, kind="stable")[:n_texts]


def check_number_of_texts(n_texts: int, n_pool: int) -> None:
    """Refuse more texts than there are, or none.

    Raises
    ------
    DataError : it is one of these.
    """
    check_whole("n_texts", n_texts)
    if n_texts > n_pool:
        raise DataError(f"n_texts is {n_texts:,}, and the pool has {n_pool:,}.")
