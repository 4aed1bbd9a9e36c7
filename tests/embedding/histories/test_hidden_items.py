"""Shares and places of what is hidden."""

import numpy as np
import pytest

from causalrec.embedding.histories.hidden_items import hidden_items

LENGTHS = np.random.default_rng(0).integers(2, 11, 20_000)
SIZE = 10


def test_at_least_one_never_what_fills_up():
    found = hidden_items(LENGTHS, SIZE, 0.2, [0, 1])
    assert found.hidden.any(axis=1).all()
    assert not found.hidden[np.arange(SIZE) >= LENGTHS[:, None]].any()
    assert not (found.hidden & ~found.filled).any()


def test_shares_are_those_asked_for():
    """Of windows that are not cut P(hidden) = share + (1 - share)^n / n, the latter for "at least one"."""
    lengths = np.full(50_000, 10)
    found = hidden_items(lengths, SIZE, 0.3, [0])
    last = found.filled.sum(axis=1) - 1
    is_cut = last < 9
    # A cut after one of places 1 to 9 at random: one in nine leaves the window whole.
    assert is_cut.mean() == pytest.approx(0.2 * 8 / 9, abs=0.008)
    counts = found.hidden[~is_cut].sum(axis=1)
    whole = 10 * 0.3 + 0.7**10  # of one that is not cut
    share_whole = 0.8 / (0.8 + 0.2 / 9)
    assert counts.mean() == pytest.approx(share_whole * whole + (1 - share_whole), abs=0.03)


def test_a_cut_window_ends_in_its_one_hidden_item():
    found = hidden_items(np.full(20_000, 10), SIZE, 0.3, [3])
    last = found.filled.sum(axis=1) - 1
    cut = last < 9
    assert (found.hidden[cut].sum(axis=1) == 1).all()
    assert found.hidden[cut, last[cut]].all()
    counts = np.bincount(last[cut], minlength=9)[1:9]
    assert counts.min() > 0.85 * counts.mean()
    assert not (last == 0).any()


def test_the_seed_decides():
    one, same, other = (hidden_items(LENGTHS, SIZE, 0.2, seed).hidden for seed in ([0, 1], [0, 1], [0, 2]))
    assert np.array_equal(one, same)
    assert not np.array_equal(one, other)
