"""The comparison's figures by hand, and what it prints."""

import numpy as np
import pytest

from causalrec.embedding.histories.comparison import HistoryComparison, LossReference, compared
from causalrec.embedding.histories.network import NetworkShape, build_network
from causalrec.embedding.histories.references import fitted_chain
from tests.embedding.histories.languages import N_ITEMS, spoken

HISTORIES = [np.array(history[: 2 + k]) for k, history in enumerate(spoken(9, 1, length=14))]


def network(looks_back_only=True):
    shape = NetworkShape(N_ITEMS, 20, 8, 1, 2, 0.0, looks_back_only)
    return build_network(shape, np.ones(N_ITEMS), 0)


def test_a_network_that_knows_nothing_tells_log_n_items():
    """Before it learns it tells the shares, here equal ones; the newest ten of each history are asked."""
    net = network()
    net.module["vectors"].weight.data.zero_()
    found = compared(net, HISTORIES, HISTORIES)
    assert found.loss == pytest.approx(np.log(N_ITEMS), abs=1e-6)
    assert found.n_histories == 9
    assert found.n_asked == sum(min(10, len(history) - 1) for history in HISTORIES)
    chain = fitted_chain(HISTORIES, N_ITEMS)
    lists = [-np.log(chain.probability(h[-min(11, len(h)) : -1], h[-min(10, len(h) - 1) :])) for h in HISTORIES]
    reference = found["first-order chain"]
    assert reference.loss == pytest.approx(np.concatenate(lists).mean())
    assert reference.difference == pytest.approx(found.loss - reference.loss)
    # Against what never varies, the paired error is the other one's own.
    assert reference.difference_stderr == pytest.approx(reference.loss_stderr, rel=1e-4)
    counts = np.array([len(one) for one in lists])
    sums = np.array([one.sum() for one in lists])
    influence = (sums - reference.loss * counts) / counts.mean()
    assert reference.loss_stderr == pytest.approx(influence.std(ddof=1) / 3)


@pytest.mark.parametrize("looks_back_only", [True, False])
def test_each_item_is_asked_with_all_that_came_before_and_nothing_else(looks_back_only):
    net = network(looks_back_only)
    one = compared(net, HISTORIES, [np.array([1, 2, 3]), np.array([4, 5])])
    alone = [compared(net, HISTORIES, [np.array(history)] * 2).loss for history in ([1, 2, 3], [1, 2], [4, 5])]
    assert one.loss == pytest.approx((2 * alone[0] + alone[2]) / 3, abs=1e-5)
    assert alone[0] != alone[1]


def test_nothing_held_out_nothing_compared():
    assert compared(network(), HISTORIES, []) is None


def test_it_prints_and_is_json():
    found = HistoryComparison(4, 40, 1.5, 0.1, (LossReference("popularity", 2.0, 0.05, -0.5, 0.1),))
    assert str(found).splitlines() == [
        "40 next items of 4 histories held out, ± one standard error",
        "                      loss           model less this",
        "model               1.5000 ± 0.1000",
        "popularity          2.0000 ± 0.0500  -0.5000 (95% -0.6960 to -0.3040)",
    ]
    assert HistoryComparison.from_dict(found.to_dict()) == found
    assert found["popularity"].difference == -0.5
