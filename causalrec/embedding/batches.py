"""Which texts go through the model together."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

__all__ = ["batches_of_one_length"]


def batches_of_one_length(lengths: Sequence[int], batch_tokens: int) -> list[np.ndarray]:
    """Positions of the texts of each batch, longest texts first.

    A batch holds texts of one length only, so that nothing is padded. Padding would cost time, and it would
    change the last bits of a vector with the company that its text happens to have; a vector that depends on
    its text alone can be cached.

    Parameters
    ----------
    lengths : sequence of int, shape (n_texts,)
        Tokens of each text.
    batch_tokens : int
        Most tokens of a batch; one text alone may have more.

    Returns
    -------
    list of int64 arrays : together a permutation of the positions.

    Examples
    --------
    >>> [batch.tolist() for batch in batches_of_one_length([3, 5, 3, 3], batch_tokens=6)]
    [[1], [0, 2], [3]]
    """
    sizes = np.asarray(lengths, dtype=np.int64)
    batches = []
    for length in np.unique(sizes)[::-1]:
        positions = np.flatnonzero(sizes == length)
        step = max(1, batch_tokens // max(1, int(length)))
        batches += [positions[start : start + step] for start in range(0, len(positions), step)]
    return batches
