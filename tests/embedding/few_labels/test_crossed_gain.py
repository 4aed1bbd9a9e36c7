import numpy as np
import pytest

from causalrec.embedding.few_labels import crossed_gain
from causalrec.errors import ShapeError
from tests.estimation.planted import exact_interval

N_RUNS = 400
WORLDS = {  # spread of draws, of texts, of both together
    "draws and texts": (0.3, 1.0, 1.0),
    "draws alone": (1.0, 0.0, 0.5),
    "texts alone": (0.0, 1.0, 1.0),
}


@pytest.mark.parametrize("spreads", WORLDS.values(), ids=WORLDS)
def test_the_interval_covers_a_planted_gain(spreads):
    by_draw, by_text, both = spreads
    held = 0
    for seed in range(N_RUNS):
        rng = np.random.default_rng(seed)
        table = (
            0.2 + by_draw * rng.normal(size=(8, 1)) + by_text * rng.normal(size=60) + both * rng.normal(size=(8, 60))
        )
        gain = crossed_gain(table)
        held += gain.lower <= 0.2 <= gain.upper
    low, high = exact_interval(held, N_RUNS)
    # t with as few degrees of freedom as draws is wide where the texts alone vary: never too narrow.
    assert high >= 0.95
    assert low <= 0.95 or by_draw < 1


def test_rows_or_columns_that_are_all_alike_give_the_textbook_error_of_a_mean():
    values = np.random.default_rng(0).normal(size=12)
    expected = values.std(ddof=1) / np.sqrt(12)
    assert crossed_gain(np.tile(values, (5, 1))).stderr == pytest.approx(expected)
    assert crossed_gain(np.tile(values[:, None], (1, 5))).stderr == pytest.approx(expected)


@pytest.mark.parametrize("table", [np.ones(3), np.ones((1, 5)), np.ones((5, 1)), np.full((3, 3), np.nan)])
def test_tables_that_say_nothing_are_refused(table):
    with pytest.raises(ShapeError, match="two draws and two texts"):
        crossed_gain(table)


def test_what_are_no_numbers_is_refused():
    with pytest.raises(ShapeError, match="finite table"):
        crossed_gain(np.array([["a", "b"], ["c", "d"]]))


def test_it_prints_and_turns_into_json():
    gain = crossed_gain(np.array([[0.0, 1.0, 0.0, 1.0], [0.0, 1.0, 1.0, 1.0]]))
    assert str(gain).startswith("+0.6250 (95% ")
    assert set(gain.to_dict()) == {"value", "stderr", "lower", "upper"}
