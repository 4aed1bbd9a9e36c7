"""Random batches whose members have similar lengths."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

__all__ = ["length_buckets"]

# Batches that are sorted by length together: enough to save most padding, few enough to keep batches random.
_SORTED_TOGETHER = 32


def length_buckets(lengths: Sequence[int], batch_size: int, random_state: Sequence[int]) -> list[np.ndarray]:
    """Positions of the members of each batch, in random order: what one epoch goes through.

    Parameters
    ----------
    lengths : sequence of int, shape (n_texts,)
    batch_size : int
        Members of a batch; one may have fewer.
    random_state : sequence of int
        Of the run and the epoch: the order depends on them alone, so a resumed run knows where it stood.

    Returns
    -------
    list of int64 arrays : together a permutation of the positions.

    Examples
    --------
    >>> sorted(batch.tolist() for batch in length_buckets([9, 2, 8, 3], 2, [0, 0]))
    [[1, 3], [2, 0]]
    """
    rng = np.random.default_rng(random_state)
    sizes = np.asarray(lengths, dtype=np.int64)
    order = rng.permutation(len(sizes))
    batches: list[np.ndarray] = []
    for start in range(0, len(order), batch_size * _SORTED_TOGETHER):
        together = order[start : start + batch_size * _SORTED_TOGETHER]
        together = together[np.argsort(sizes[together], kind="stable")]
        batches += [together[k : k + batch_size] for k in range(0, len(together), batch_size)]
    return [batches[k] for k in rng.permutation(len(batches))]
