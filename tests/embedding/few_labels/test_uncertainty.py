import numpy as np
import pytest

from causalrec.embedding.few_labels import most_uncertain, random_texts, uncertainty
from causalrec.errors import DataError, ShapeError

ROWS = np.random.default_rng(0).dirichlet(np.ones(4), size=50)


def formula(row, measure):
    first, second = sorted(row.tolist())[:-3:-1]
    return {
        "least confidence": 1 - first,
        "margin": 1 - (first - second),
        "entropy": -sum(p * np.log(p) for p in row.tolist() if p),
    }[measure]


@pytest.mark.parametrize("measure", ["least confidence", "margin", "entropy"])
def test_scores_and_their_order_equal_the_formulas(measure):
    expected = [formula(row, measure) for row in ROWS]
    np.testing.assert_allclose(uncertainty(ROWS, measure), expected, rtol=1e-12)
    assert most_uncertain(ROWS, 7, measure).tolist() == sorted(range(50), key=lambda k: -expected[k])[:7]


def test_with_two_classes_all_measures_order_alike_and_with_three_they_need_not():
    two = ROWS[:, :2] / ROWS[:, :2].sum(axis=1, keepdims=True)
    orders = {tuple(most_uncertain(two, 50, measure)) for measure in ("least confidence", "margin", "entropy")}
    assert len(orders) == 1
    three = np.array([[0.5, 0.49, 0.01], [0.45, 0.3, 0.25]])
    assert most_uncertain(three, 1, "margin").tolist() == [0]
    assert most_uncertain(three, 1, "entropy").tolist() == most_uncertain(three, 1, "least confidence").tolist() == [1]


def test_certain_answers_have_no_uncertainty_and_equal_ones_keep_their_order():
    certain = np.eye(3)
    for measure in ("least confidence", "margin", "entropy"):
        assert uncertainty(certain, measure).tolist() == [0, 0, 0]
        assert most_uncertain(certain, 2, measure).tolist() == [0, 1]


@pytest.mark.parametrize(
    ("rows", "error", "said"),
    [
        (np.ones(3), ShapeError, r"\(3,\)"),
        (np.ones((3, 1)), ShapeError, "two classes"),
        (np.array([[0.5, 0.5], [0.9, 0.2]]), DataError, r"1 rows .* row 1 first \(\[0.9, 0.2\]\)"),
        (np.array([[1.5, -0.5]]), DataError, "row 0 first"),
        (np.array([[np.nan, 1.0]]), DataError, "row 0 first"),
    ],
)
def test_what_are_no_probabilities_is_refused(rows, error, said):
    with pytest.raises(error, match=said):
        uncertainty(rows)


def test_wrong_parameters_are_refused_by_name():
    with pytest.raises(DataError, match="measure is 'doubt'; it is one of 'least confidence', 'margin', 'entropy'"):
        uncertainty(ROWS, "doubt")
    with pytest.raises(DataError, match="n_texts is 51, and the pool has 50"):
        most_uncertain(ROWS, 51)
    with pytest.raises(DataError, match="n_texts is 0"):
        most_uncertain(ROWS, 0)


def test_random_texts_are_distinct_seeded_and_even():
    assert random_texts(9, 4).tolist() == random_texts(9, 4).tolist() != random_texts(9, 4, random_state=1).tolist()
    counts = np.zeros(5)
    for seed in range(2000):
        chosen = random_texts(5, 2, random_state=seed)
        assert len(set(chosen.tolist())) == 2
        counts[chosen] += 1
    assert np.abs(counts / 2000 - 0.4).max() < 4 * np.sqrt(0.24 / 2000)
    with pytest.raises(DataError, match="n_texts is 6, and the pool has 5"):
        random_texts(5, 6)
