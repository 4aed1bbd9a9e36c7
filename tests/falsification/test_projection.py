"""Projection test: its level on blocks and given blocks, its power, what it refuses."""

import numpy as np
import pytest

from causalrec.errors import DataError
from causalrec.falsification import partial_correlation, projection


def block(rng, n=200, effect=0.0):
    z = rng.normal(size=(n, 3))
    text = z @ np.random.default_rng(0).normal(size=(3, 20)) + rng.normal(size=(n, 20))
    return text, z.sum(axis=1) + effect * text[:, 7] + rng.normal(size=n), list(z.T)


def unequal_noise_given_block(rng, n=200):
    text = rng.normal(size=(n, 20)) @ np.random.default_rng(0).normal(size=(20, 20)) * 0.3
    weight = np.random.default_rng(1).normal(size=20) * 0.1
    noise = rng.normal(size=(2, n)) * (1 + 0.5 * (text[:, 0] > 0))
    return text @ weight + noise[0], text @ weight + noise[1], [text]


def wide_given_block(rng, n=120):
    text = rng.normal(size=(n, 70))
    return text[:, :5].sum(axis=1) + rng.normal(size=n), text[:, :5].sum(axis=1) + rng.exponential(size=n), [text]


def two_binary(rng, n=200, effect=0.0):
    z = rng.normal(size=n)
    x = (rng.random(n) < 1 / (1 + np.exp(-2 * z))).astype(int)
    return x, (rng.random(n) < 1 / (1 + np.exp(-2 * z - effect * x))).astype(int), [z]


def two_binary_given_block(rng, n=250):
    text = rng.normal(size=(n, 30))
    x, y = (text[:, [0, 0]] + rng.normal(size=(n, 2)) > 0).astype(int).T
    return x, y, [text]


def embedding(rng, n=150):
    text = rng.normal(size=(n, 10)) @ np.random.default_rng(0).normal(size=(10, 96)) + rng.normal(size=(n, 96))
    z = rng.integers(0, 3, n)
    return text, rng.exponential(size=n) + z, [z]


def two_blocks(rng, n=150):
    z = rng.normal(size=n)
    return z[:, None] + rng.normal(size=(n, 40)), z[:, None] + rng.normal(size=(n, 40)), [z]


SAMPLES = [block, unequal_noise_given_block, two_binary, two_binary_given_block]


@pytest.mark.parametrize("sample", SAMPLES)
def test_level(rates, sample):
    rates.assert_level(sample, lambda x, y, given: projection(x, y, given, n_draws=499), n_runs=300)


@pytest.mark.parametrize("sample", [wide_given_block, embedding, two_blocks])
def test_level_of_many_columns(rates, sample):
    rates.assert_level(sample, lambda x, y, given: projection(x, y, given, n_draws=499), n_runs=60)


def test_one_column_of_twenty_is_found(rates):
    assert rates.power(lambda rng: block(rng, effect=0.35), projection, n_runs=100) > 0.8


def test_dependence_of_categories_is_found(rates):
    assert rates.power(lambda rng: two_binary(rng, 600, effect=1.2), projection, n_runs=100) > 0.8


def test_it_finds_the_smallest_dependence_that_it_promises(rates):
    def sample(rng, r=0.0, n=300):
        text = rng.normal(size=(n, 10))
        return text, r / np.sqrt(1 - r**2) * text[:, 2] + rng.normal(size=n)

    promised = projection(*sample(np.random.default_rng(0))).smallest_dependence()
    assert 0.72 < rates.power(lambda rng: sample(rng, promised), projection, n_runs=300) < 0.9


def test_two_columns_are_nearly_a_partial_correlation():
    text, y, given = block(np.random.default_rng(5), n=2000, effect=0.03)
    one = projection(text[:, 7], y, given)
    assert one.dof == 1
    assert one.statistic == pytest.approx(abs(partial_correlation(text[:, 7], y, given).statistic), rel=0.1)


def test_rows_do_not_matter_beyond_rounding():
    text, y, given = block(np.random.default_rng(1))
    order = np.random.default_rng(2).permutation(len(y))
    shuffled = projection(text[order], y[order], [z[order] for z in given])
    assert shuffled.statistic == pytest.approx(projection(text, y, given).statistic)
    assert shuffled.p_value == pytest.approx(projection(text, y, given).p_value, abs=0.02)


def test_more_given_columns_than_rows_say_nothing():
    rng = np.random.default_rng(0)
    found = projection(rng.normal(size=100), rng.normal(size=100), [rng.normal(size=(100, 384))])
    assert not found.is_testable
    assert "too few" in found.note


def test_missing_values_are_counted():
    text = np.ones((5, 3))
    text[1, 2] = np.nan
    with pytest.raises(DataError, match="'x' 1"):
        projection(text, np.arange(5.0))
