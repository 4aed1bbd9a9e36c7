"""Batches hold each text once, of one length, within the limit."""

import numpy as np
import pytest

from causalrec.embedding.batches import batches_of_one_length


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("batch_tokens", [1, 50, 2048])
def test_partition(seed, batch_tokens):
    lengths = np.random.default_rng(seed).integers(0, 130, 700)
    batches = batches_of_one_length(lengths, batch_tokens)
    np.testing.assert_array_equal(np.sort(np.concatenate(batches)), np.arange(700))
    assert all(len(set(lengths[batch])) == 1 for batch in batches)
    assert all(len(batch) == 1 or lengths[batch].sum() <= batch_tokens for batch in batches if lengths[batch[0]])
    firsts = [lengths[batch[0]] for batch in batches]
    assert firsts == sorted(firsts, reverse=True)


def test_nothing():
    assert batches_of_one_length([], 100) == []
