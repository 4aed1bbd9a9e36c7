"""The chain by hand and on a planted one."""

import numpy as np
import pytest

from causalrec.embedding.histories.references import fitted_chain, item_counts
from tests.embedding.histories.languages import ENTROPY, N_ITEMS, spoken


def test_a_chain_by_hand():
    """After 0 came 1 twice and 2 once: n = 3, k = 2; nothing came after 3, so it tells the shares."""
    histories = [np.array([0, 1, 0, 2]), np.array([0, 1]), np.array([1, 3])]
    shares = np.array([4, 4, 2, 2]) / 12
    chain = fitted_chain(histories, 4)
    assert item_counts(histories, 4).tolist() == [4, 4, 2, 2]
    after_0 = (np.array([0, 2, 1, 0]) + 2 * shares) / 5
    assert chain.probability(np.zeros(4, dtype=int), np.arange(4)) == pytest.approx(after_0)
    assert chain.probability(np.full(4, 3), np.arange(4)) == pytest.approx(shares)


def test_every_row_is_a_distribution():
    chain = fitted_chain([np.array(history) for history in spoken(5, 1)], N_ITEMS + 2)
    before, after = np.divmod(np.arange((N_ITEMS + 2) ** 2), N_ITEMS + 2)
    told = chain.probability(before, after).reshape(N_ITEMS + 2, -1)
    assert told.sum(axis=1) == pytest.approx(1)
    assert told.min() > 0


def test_a_planted_chain_is_found():
    chain = fitted_chain([np.array(history) for history in spoken(2000, 1)], N_ITEMS)
    fresh = np.array(spoken(3000, 1, seed=1))
    losses = -np.log(chain.probability(fresh[:, -2], fresh[:, -1]))
    assert losses.mean() == pytest.approx(ENTROPY, abs=4 * losses.std() / np.sqrt(len(losses)))
