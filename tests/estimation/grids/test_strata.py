from collections import defaultdict
from dataclasses import replace

import numpy as np
import pytest

from causalrec.data import grid
from causalrec.errors import EstimationError
from causalrec.estimation import count_strata
from causalrec.estimation.grids.strata import HISTORY_EDGES


def slow_strata(units, treated, held, period, store, by_history, expand):
    """The same counts, unit by unit."""
    rows = expand(units)
    bought_in = defaultdict(int)  # (user, item, period) -> purchases
    for u, c, i, y in zip(rows.user, rows.context, rows.item, rows.outcome, strict=True):
        bought_in[u, i, period[c]] += int(y)
    strata = defaultdict(lambda: np.zeros(4))
    first = period.min()
    for u, c, i, y in zip(rows.user, rows.context, rows.item, rows.outcome, strict=True):
        now = period[c]
        if by_history and now == first:
            continue
        before = sum(bought_in[u, i, p] for p in range(now)) if by_history else 0
        history = sum(before >= edge for edge in HISTORY_EDGES)
        on = bool(treated[c, i])
        strata[i, history, (now, store[c]), held[c, i]] += [on, not on, on * y, y]
    return sorted(
        (int(i), history, *map(float, n)) for (i, history, _, _), n in strata.items() if n[0] and n[1] and n[3]
    )


def as_rows(strata):
    names = "item", "history", "visits_treated", "visits_untreated", "bought_treated", "bought"
    columns = [getattr(strata, name).tolist() for name in names]
    return sorted((int(i), int(h), *map(float, n)) for i, h, *n in zip(*columns, strict=True))


@pytest.fixture(scope="module")
def small(make_lifted_world):
    return grid(make_lifted_world(1, n_users=25, n_items=8, n_stores=2, n_weeks=20, visiting=0.5).data)


@pytest.mark.parametrize("by_history", [True, False])
def test_equals_a_count_unit_by_unit(small, expand, by_history):
    treated, held = small.treatment("display") > 0, (small.treatment("mailer") > 0).astype(int)
    period, store = small.levels["four_weeks"], small.levels["store"]
    strata, _ = count_strata(small, treated, held, period, [store], by_history=by_history)
    expected = slow_strata(small, treated, held, period, store, by_history, expand)
    assert len(expected) > 50
    assert as_rows(strata) == expected
    assert len(np.unique(strata.history)) >= (4 if by_history else 1)


def test_history_is_what_was_bought_in_earlier_periods_alone(small):
    """Purchases of the last period may change their own outcomes, never a stratum's place."""
    treated, held = small.treatment("display") > 0, np.zeros((small.n_contexts, small.n_items), dtype=int)
    period, store = small.levels["four_weeks"], small.levels["store"]
    last = period[small.bought_context] == period.max()
    names = "bought_user", "bought_context", "bought_item"
    without = replace(small, **{name: getattr(small, name)[~last] for name in names})
    one, _ = count_strata(small, treated, held, period, [store])
    other, _ = count_strata(without, treated, held, period, [store])
    assert len(other.item) < len(one.item)
    kept = np.isin(one.block, other.block)
    for name in ("item", "history", "block", "visits_treated", "visits_untreated", "bought_treated", "bought"):
        np.testing.assert_array_equal(getattr(one, name)[kept], getattr(other, name))


def test_the_first_period_builds_history_only(small):
    held = np.zeros((small.n_contexts, small.n_items), dtype=int)
    period = (small.levels["four_weeks"] > 0).astype(int)
    strata, pairs = count_strata(small, small.treatment("display") > 0, held, period, [])
    assert np.unique(strata.block).tolist() == [1]
    assert pairs.bought.sum() == len(small.bought_user)


def test_pair_counts_are_those_of_the_whole_log(small, expand):
    treated = small.treatment("display") > 0
    held = np.zeros(treated.shape, dtype=int)
    _, pairs = count_strata(small, treated, held, small.levels["four_weeks"], [])
    rows = expand(small)
    shape = len(small.users), small.n_items
    bought, on = np.zeros(shape), np.zeros(shape)
    np.add.at(bought, (rows.user, rows.item), rows.outcome)
    np.add.at(on, (rows.user, rows.item), treated[rows.context, rows.item])
    np.testing.assert_array_equal(pairs.bought, bought)
    np.testing.assert_array_equal(pairs.visits_treated, on)
    np.testing.assert_array_equal(pairs.visits, np.bincount(small.visit_user, minlength=shape[0]))
    np.testing.assert_array_equal(pairs.history, np.digitize(bought, [1, 2, 4, 8]))


@pytest.mark.parametrize("value", [True, False])
def test_no_contrast_is_refused(small, value):
    treated = np.full((small.n_contexts, small.n_items), value)
    with pytest.raises(EstimationError, match="compare coarser groups"):
        count_strata(small, treated, np.zeros(treated.shape, dtype=int), small.levels["four_weeks"], [])


def test_one_period_leaves_no_history_and_is_refused(small):
    treated = small.treatment("display") > 0
    held, period = np.zeros(treated.shape, dtype=int), np.zeros(small.n_contexts, dtype=int)
    with pytest.raises(EstimationError):
        count_strata(small, treated, held, period, [])
    strata, _ = count_strata(small, treated, held, period, [], by_history=False)
    assert len(strata.item) == 8
