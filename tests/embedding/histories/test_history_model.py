"""What is asked has a stated answer, and bad input is named."""

import numpy as np
import pytest

from causalrec.embedding import Encoder
from causalrec.embedding.histories import HistoryModel
from causalrec.errors import DataError, EstimationError, NotFittedError
from tests.embedding.histories.conftest import QUICK
from tests.embedding.histories.languages import N_ITEMS, spoken


def test_scores_are_products_of_vectors(quick):
    """`vectors @ h + bias`, but for a constant of each history."""
    histories = spoken(20, 1, seed=3)
    items = quick.item_vectors()
    odds = quick.encode(histories) @ items.vectors.T + items.bias
    shift = odds - quick.scores(histories)
    assert shift == pytest.approx(np.repeat(shift[:, :1], N_ITEMS, axis=1), abs=1e-4)
    assert items.items == quick.items_ == list(range(N_ITEMS))
    assert items.vectors.dtype == items.bias.dtype == np.float32


def test_the_order_of_the_users_changes_nothing():
    histories = spoken(40, 1)
    shuffled = [histories[k] for k in np.random.default_rng(0).permutation(40)]
    one, other = (HistoryModel(**QUICK).fit(given).scores(histories) for given in (histories, shuffled))
    assert np.array_equal(one, other)


def test_seeds_decide_and_the_caller_s_random_numbers_stay():
    import torch

    histories, before = spoken(40, 1), torch.get_rng_state()
    same, again, other = (HistoryModel(random_state=k, **QUICK).fit(histories).encode(histories) for k in (3, 3, 4))
    assert np.array_equal(same, again)
    assert not np.allclose(same, other)
    assert torch.equal(torch.get_rng_state(), before)


def test_texts_and_numbers_name_the_same_items():
    histories = spoken(40, 1)
    named = [[f"{item:02d}" for item in history] for history in histories]
    one, other = HistoryModel(**QUICK).fit(histories), HistoryModel(**QUICK).fit(named)
    assert other.items_ == [f"{item:02d}" for item in one.items_]
    assert np.array_equal(one.scores(histories), other.scores(named))
    arrow = pytest.importorskip("pyarrow").array(named)
    assert np.array_equal(other.scores(arrow), other.scores(named))
    assert np.array_equal(one.scores(np.array(histories)), one.scores(histories))


def test_nothing_known_is_zeros_and_shares(quick):
    """Also null ones, and those of items that were never seen; inputs stay as they were."""
    given = [[], None, [99, 98], [3, 99, 5], [3, 5]]
    copy = [None if history is None else list(history) for history in given]
    vectors, scores = quick.encode(given), quick.scores(given)
    assert given == copy
    assert not vectors[:3].any()
    assert np.array_equal(scores[0], scores[1])
    assert np.array_equal(scores[0], scores[2])
    assert np.exp(scores[0].astype(float)).sum() == pytest.approx(1, abs=1e-5)
    assert np.array_equal(vectors[3], vectors[4])
    assert vectors[3].any()
    assert quick.encode([]).shape == (0, 8)
    assert quick.scores([]).shape == (0, N_ITEMS)


def test_shares_are_those_of_the_histories():
    histories = [["a", "b", "a"], ["a", "a", "a"], ["a", "c"]]
    model = HistoryModel(**QUICK | {"validation_share": 0}).fit(histories)
    assert np.exp(model.scores([[]])[0]) == pytest.approx(np.array([7, 2, 2]) / 11, rel=1e-5)
    assert model.comparison_ is None
    assert model.record_.best_epoch == 2


def test_only_the_newest_items_are_read(quick):
    long = spoken(5, 1, seed=2, length=30)
    assert quick.encode(long) == pytest.approx(quick.encode([history[-6:] for history in long]), abs=1e-6)
    assert not np.allclose(quick.encode(long), quick.encode([history[-5:] for history in long]), atol=1e-3)


def test_a_vector_does_not_depend_on_its_neighbours(quick):
    histories = [history[: 1 + k % 7] for k, history in enumerate(spoken(30, 1, seed=4))]
    alone = np.concatenate([quick.encode([history]) for history in histories])
    assert quick.encode(histories) == pytest.approx(alone, abs=1e-5)


def test_it_is_an_encoder_and_tells_its_facts(quick):
    assert isinstance(quick, Encoder)
    facts = quick.record_.data
    assert (facts["n_histories"], facts["n_short"], facts["n_validation"], facts["n_items"]) == (60, 0, 6, N_ITEMS)
    assert quick.record_.n_learning == quick.record_.n_weights
    assert len(quick.record_.epochs) == 2


def test_short_histories_are_left_out_and_counted():
    histories = spoken(30, 1)
    model = HistoryModel(**QUICK).fit([*histories, [], None, [77]])
    assert (model.record_.data["n_histories"], model.record_.data["n_short"]) == (33, 3)
    assert 77 in model.items_
    assert np.isfinite(model.scores([[77]])).all()


@pytest.mark.parametrize(
    ("histories", "message"),
    [
        ("milk", "histories is a str; give a list with one list of item ids a user"),
        ({"u": [1, 2]}, "histories is a dict"),
        (7, "histories is a int"),
        ([[1, 2], "milk"], r"History 1 is 'milk' \(str\)"),
        ([[1, 2], 5], r"History 1 is 5 \(int\)"),
        ([[1, 2], [1.5, 2]], r"History 1 holds 1\.5 \(float\); ids of items are whole numbers or texts"),
        ([[1, None]], "History 0 holds None"),
        ([[True, False]], "History 0 holds True"),
        ([[1, 2], ["a", "b"]], "Ids of items are of one type, and there are 1 and 'a'"),
    ],
)
def test_what_is_no_history_is_named(histories, message):
    with pytest.raises(DataError, match=message):
        HistoryModel().fit(histories)


@pytest.mark.parametrize(
    ("histories", "message"),
    [
        ([], "0 of 0 histories have two items or more, of 0 distinct items"),
        ([[1], [2], []], "0 of 3 histories have two items or more, of 2 distinct items"),
        ([[1, 2], [2, 1], [1, 1]], "3 of 3 .* at least two to learn from, 2 to hold out.*set validation_share=0"),
        ([[1, 1]] * 9, "9 of 9 histories have two items or more, of 1 distinct items"),
    ],
)
def test_too_few_histories_are_refused(histories, message):
    with pytest.raises(EstimationError, match=message):
        HistoryModel().fit(histories)


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"objective": "previous"}, "objective is 'previous'; it is one of 'next', 'masked'"),
        ({"n_dimensions": 0}, "n_dimensions is 0"),
        ({"n_dimensions": 10, "n_heads": 3}, "n_dimensions is 10, which 3 n_heads do not divide"),
        ({"max_items": 1.5}, r"max_items is 1\.5"),
        ({"mask_share": 0}, "mask_share is 0"),
        ({"dropout": 1}, "dropout is 1"),
        ({"n_negatives": 0}, "n_negatives is 0"),
        ({"validation_share": 1}, "validation_share is 1"),
        ({"learning_rate": -1}, "learning_rate is -1"),
        ({"random_state": -1}, "random_state is -1"),
        ({"device": "abacus"}, "device is 'abacus'"),
        ({"precision": "fp7"}, "precision is 'fp7'"),
        ({"callbacks": [3]}, "callbacks is"),
        ({"checkpoint_folder": 3}, "checkpoint_folder is 3"),
        ({"n_threads": 0}, "n_threads is 0"),
    ],
)
def test_a_parameter_out_of_its_range_is_named(given, message):
    with pytest.raises(DataError, match=message):
        HistoryModel(**given).fit([[1, 2]] * 9)


def test_ids_of_another_type_are_refused_when_asked(quick):
    with pytest.raises(DataError, match=r"History 1 holds '3' \(str\), and the ids that were learned are like 0"):
        quick.scores([[3], ["3"]])
    with pytest.raises(DataError, match=r"No history held the item 99\."):
        quick.item_vectors()[99]


def test_nothing_learned_nothing_told():
    for ask in ("encode", "scores"):
        with pytest.raises(NotFittedError, match="has learned nothing yet"):
            getattr(HistoryModel(), ask)([[1]])
    with pytest.raises(NotFittedError):
        HistoryModel().item_vectors()
