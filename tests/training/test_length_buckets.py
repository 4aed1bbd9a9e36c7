"""Batches are a permutation, random, and save padding."""

import numpy as np

from causalrec.training import length_buckets

LENGTHS = np.random.default_rng(0).integers(3, 96, 1_000)


def test_every_row_once():
    batches = length_buckets(LENGTHS, 16, [0, 0])
    assert sorted(np.concatenate(batches).tolist()) == list(range(1_000))
    assert {len(batch) for batch in batches} == {16, 8}


def test_the_same_epoch_is_the_same_and_another_is_not():
    first, again, other = (length_buckets(LENGTHS, 16, [3, epoch]) for epoch in (1, 1, 2))
    assert all(np.array_equal(a, b) for a, b in zip(first, again, strict=True))
    assert not np.array_equal(np.concatenate(first), np.concatenate(other))


def test_padding_is_small_and_lengths_come_in_no_order():
    batches = length_buckets(LENGTHS, 16, [0, 0])
    padded = sum(len(batch) * LENGTHS[batch].max() for batch in batches)
    assert padded < 1.1 * LENGTHS.sum()
    means = np.array([LENGTHS[batch].mean() for batch in batches])
    assert abs(np.corrcoef(np.arange(len(means)), means)[0, 1]) < 0.4


def test_no_rows():
    assert length_buckets([], 16, [0]) == []
