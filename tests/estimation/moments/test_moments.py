import numpy as np
import pytest

from causalrec.errors import ShapeError
from causalrec.estimation import block_moments, moments


def sample(n=500, n_items=20, q=5):
    rng = np.random.default_rng(3)
    return rng.normal(size=(n, 3)), rng.integers(0, n_items, n), rng.random(n), rng.normal(size=(n_items, q))


@pytest.mark.parametrize("weighted", [True, False])
def test_block_moments_equal_those_of_the_expanded_columns(weighted):
    rows, item, weight, block = sample()
    weight = weight if weighted else None
    batches = [(rows[at], item[at], None if weight is None else weight[at]) for at in np.array_split(np.arange(500), 7)]
    found, expected = block_moments(batches, block), moments(np.column_stack([rows, block[item]]), weight)
    np.testing.assert_allclose(found.gram, expected.gram, rtol=1e-8, atol=1e-10)
    assert found.n == expected.n == 500


def test_moments_of_parts_add_and_subtract():
    rows, _, weight, _ = sample()
    whole, head, tail = moments(rows, weight), moments(rows[:200], weight[:200]), moments(rows[200:], weight[200:])
    np.testing.assert_allclose((head + tail).gram, whole.gram, rtol=1e-12)
    np.testing.assert_allclose((whole - head).gram, tail.gram, rtol=1e-10)
    assert ((head + tail).n, (whole - head).n) == (500, 300)


def test_least_squares_from_moments_equals_least_squares_on_rows():
    rows, item, _, block = sample()
    columns = np.column_stack([rows, block[item]])
    gram = block_moments([(rows, item, None)], block).gram
    expected = np.linalg.lstsq(columns[:, 1:], columns[:, 0], rcond=None)[0]
    np.testing.assert_allclose(np.linalg.solve(gram[1:, 1:], gram[1:, 0]), expected, rtol=1e-9)


def test_an_item_outside_the_block_is_refused():
    rows, item, _, block = sample()
    with pytest.raises(ShapeError, match="names item 19; the block has 10 items"):
        block_moments([(rows, item, None)], block[:10])
