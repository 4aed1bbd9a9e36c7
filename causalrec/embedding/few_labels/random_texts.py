"""Texts to label, drawn by lot: what every other choice is held against."""

from __future__ import annotations

import numpy as np

from causalrec.embedding.few_labels.uncertainty import check_number_of_texts
from causalrec.training.ranges import check_whole

__all__ = ["random_texts"]


def random_texts(n_pool: int, n_texts: int, *, random_state: int = 0) -> np.ndarray:
    """Distinct rows, each set of them as likely as any other.

    Returns
    -------
    int64, shape (n_texts,)

    Raises
    ------
    DataError : no whole numbers, or more texts than the pool has.

    Examples
    --------
    >>> sorted(random_texts(3, 3).tolist())
    [0, 1, 2]
    """
    check_whole("n_pool", n_pool)
    check_whole("random_state", random_state, 0)
    check_number_of_texts(n_texts, n_pool)
    return np.random.default_rng(random_state).permutation(n_pool)[:n_texts]
