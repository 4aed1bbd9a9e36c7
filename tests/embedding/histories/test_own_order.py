"""What is learned from, and what is held out."""

import numpy as np

from causalrec.embedding.histories.own_order import own_order
from tests.embedding.histories.languages import spoken


def test_a_share_is_held_out_and_nothing_is_lost():
    found = own_order(spoken(50, 1), 0.2, 0)
    assert len(found.validation) == 10
    assert sorted([*found.learning, *found.validation]) == list(range(50))
    assert len(own_order(spoken(50, 1), 0.001, 0).validation) == 2
    assert not len(own_order(spoken(50, 1), 0, 0).validation)


def test_order_and_digest_do_not_depend_on_the_rows():
    histories = [history[: 1 + k % 5] for k, history in enumerate(spoken(40, 1))]
    shuffled = [histories[k] for k in np.random.default_rng(0).permutation(40)]
    one, other = own_order(histories, 0.2, 0), own_order(shuffled, 0.2, 0)
    assert [codes.tolist() for codes in one.codes] == [codes.tolist() for codes in other.codes]
    assert one.facts() == other.facts()
    changed = [*histories[1:], [2, 3, 1]]
    assert own_order(changed, 0.2, 0).digest() != one.digest()
    assert own_order([[item + 1 for item in history] for history in histories], 0.2, 0).digest() != one.digest()


def test_the_seed_decides_on_the_split_alone():
    one, other = (own_order(spoken(50, 1), 0.2, seed) for seed in (0, 1))
    assert one.digest() == other.digest()
    assert not np.array_equal(one.validation, other.validation)
