"""Pieces of long histories."""

from itertools import pairwise

import numpy as np
import pytest

from causalrec.embedding.histories.windows import windows


@pytest.mark.parametrize("size", [2, 3, 5, 40])
def test_every_step_stands_in_one_window(size):
    histories = [np.arange(length) + 100 * length for length in range(2, 30)]
    found = windows(histories, size)
    steps = [tuple(pair) for history in histories for pair in np.stack([history[:-1], history[1:]], axis=1).tolist()]
    told = []
    for row, n in enumerate(found.lengths):
        items = found.items[row, :n].tolist()
        told += pairwise(items)
    assert sorted(told) == sorted(steps)
    assert 2 <= found.lengths.min() <= found.lengths.max() <= size


def test_a_cut_is_as_wide_as_the_longest():
    found = windows([np.arange(4), np.arange(2), np.arange(6)], 6)
    items, filled = found.cut(np.array([1, 0]))
    assert items.shape == (2, 4)
    assert filled.sum(axis=1).tolist() == [2, 4]
