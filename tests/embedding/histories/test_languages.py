"""Planted languages are learned to their entropy."""

import numpy as np
import pytest

from causalrec.embedding.histories import HistoryModel
from tests.embedding.histories.conftest import GIVEN
from tests.embedding.histories.languages import ENTROPY, N_ITEMS, spoken, told

N_HISTORIES = 400
FRESH = spoken(300, 2, seed=1)


@pytest.fixture(scope="module")
def second_order():
    return HistoryModel("next", n_epochs=20, **GIVEN).fit(spoken(N_HISTORIES, 2))


def test_a_first_order_language_is_learned_as_well_as_by_a_chain():
    """The planted entropy is reached, and so is the chain that is the truth here; by two layers too."""
    model = HistoryModel("next", n_epochs=15, **GIVEN | {"n_layers": 2}).fit(spoken(N_HISTORIES, 1))
    assert excess(model, spoken(300, 1, seed=1), 1) < 0.1
    assert abs(model.comparison_["first-order chain"].difference) < 0.1
    assert model.comparison_["popularity"].difference < -1


def test_a_second_order_language_is_learned_where_a_chain_sees_nothing(second_order):
    assert excess(second_order, FRESH, 2) < 0.06
    chain, popularity = (second_order.comparison_[name] for name in ("first-order chain", "popularity"))
    assert chain.loss == pytest.approx(np.log(N_ITEMS), abs=0.05)
    assert popularity.loss == pytest.approx(np.log(N_ITEMS), abs=0.05)
    assert second_order.comparison_.loss == pytest.approx(ENTROPY, abs=4 * second_order.comparison_.loss_stderr)
    assert chain.difference + 4 * chain.difference_stderr < -1


def test_hidden_items_teach_the_next_one_too():
    model = HistoryModel("masked", n_epochs=30, **GIVEN).fit(spoken(N_HISTORIES, 2))
    assert excess(model, FRESH, 2) < 0.25
    assert model.comparison_["first-order chain"].difference < -1


def test_probabilities_are_those_of_the_rule(second_order):
    found = np.exp(second_order.scores(FRESH).astype(float))
    planted = np.array([told(history, 2) for history in FRESH])
    assert found.sum(axis=1) == pytest.approx(1, abs=1e-5)
    assert (found.argmax(axis=1) == planted.argmax(axis=1)).mean() > 0.97
    assert np.abs(found - planted).mean() < 0.02


def test_sampled_items_teach_the_rule_too():
    """Five of eight for each batch: it takes longer."""
    model = HistoryModel("next", n_epochs=30, n_negatives=5, **GIVEN).fit(spoken(N_HISTORIES, 1))
    fresh = spoken(300, 1, seed=1)
    planted = np.array([told(history, 1).argmax() for history in fresh])
    assert (model.scores(fresh).argmax(axis=1) == planted).mean() > 0.97
    assert excess(model, fresh, 1) < 0.15


def test_bf16_learns_the_same_language():
    model = HistoryModel("next", n_epochs=20, **GIVEN | {"precision": "bf16"}).fit(spoken(N_HISTORIES, 2))
    assert model.record_.precision == "bf16"
    assert excess(model, FRESH, 2) < 0.1


def excess(model, histories, order):
    """Nats an item over the entropy, of the whole distribution: 0 for whoever knows the rule, never less."""
    planted = np.array([told(history, order) for history in histories])
    crossed = -(planted * model.scores(histories)).sum(axis=1).mean()
    assert crossed > ENTROPY
    return crossed - ENTROPY
