"""Shares of nodes against the closed form of linear models."""

import numpy as np
import pytest

from causalrec.errors import DataError
from causalrec.graph import CausalGraph
from causalrec.structural import StructuralModel

CHAIN = CausalGraph([("season", "display"), ("season", "sales"), ("display", "sales")])


def chain(seed, n=600, *, shift=0.0, slope=1.0):
    """sales = slope * display + season + noise, display = season + shift + noise."""
    rng = np.random.default_rng(seed)
    season, a, b = rng.normal(size=(3, n))
    display = season + shift + a
    return {"season": season, "display": display, "sales": slope * display + season + b}


@pytest.fixture(scope="module")
def model():
    return StructuralModel(CHAIN, n_refits=10).fit(chain(0))


def test_shares_of_a_variance_are_squared_total_coefficients(model):
    found = model.attribute("sales", n_samples=400)
    m = model.equations_.mechanisms
    truth = {"season": (m["sales"].coef_[2] + m["sales"].coef_[1] * m["display"].coef_[1]) ** 2,
             "display": m["sales"].coef_[1] ** 2, "sales": 1.0}  # fmt: skip
    for k, node in enumerate(found.nodes):
        assert abs(found.value[0, k] - truth[node]) < 4 * found.stderr[0, k] / np.sqrt(10) + 0.08 * truth[node]
    assert "variance of sales" in str(found)


def test_shares_of_an_outlier_are_its_noise_times_total_coefficients(model):
    """display's noise of 8 is what makes this unit's sales stand out; dowhy simulates, so about."""
    unit = {"season": np.array([0.0]), "display": np.array([8.0]), "sales": np.array([8.0])}
    found = model.attribute("sales", units=unit, n_samples=500)
    shares = dict(zip(found.nodes, found.value[0], strict=True))
    assert abs(shares["display"] - 8) < 1
    assert max(abs(shares["season"]), abs(shares["sales"])) < 1
    low, high = found.interval()
    place = found.nodes.index("display")
    assert low[0, place] < 8 < high[0, place]


def test_a_change_is_attributed_to_the_mechanism_that_changed(model):
    before, after = chain(1, 2_000), chain(2, 2_000, shift=2.0)
    found = model.attribute("sales", before=before, after=after)
    shares = dict(zip(found.nodes, found.value[0], strict=True))
    errors = dict(zip(found.nodes, found.stderr[0], strict=True))
    assert abs(shares["display"] - 2) < 4 * errors["display"]
    assert abs(shares["season"]) < 4 * errors["season"]
    assert abs(shares["sales"]) < 4 * errors["sales"]
    np.testing.assert_allclose(found.total, after["sales"].mean() - before["sales"].mean(), atol=0.15)
    again = model.attribute("sales", before=before, after=after)
    np.testing.assert_array_equal(again.value, found.value)
    assert len(found.to_frame()) == 3


def test_the_error_of_a_change_is_that_of_two_samples():
    """Tables of other units vary apart: the mean of a root changes with an error of the root of 1/n + 1/n."""
    before, after = (
        {"season": one["season"], "sales": one["season"] + one["sales"] / 99} for one in map(chain, (1, 2))
    )
    model = StructuralModel(CausalGraph([("season", "sales")]), n_refits=0).fit(before)
    found = model.attribute("season", before=before, after=after, n_samples=100_000, n_repeats=30)
    assert abs(found.stderr[0, 0] / np.sqrt(2 / 600) - 1) < 0.4


def test_a_level_heads_its_intervals(model):
    found = model.attribute("sales", n_samples=100, n_repeats=2)
    assert "90% interval" in found.to_markdown(0.9)
    assert "95% interval" in str(found)


def test_the_generator_of_numpy_is_left_as_it_was(model):
    np.random.seed(7)  # noqa: NPY002
    expected = np.random.random(3)  # noqa: NPY002
    np.random.seed(7)  # noqa: NPY002
    model.attribute("display", n_samples=100, n_repeats=2)
    np.testing.assert_array_equal(np.random.random(3), expected)  # noqa: NPY002


def test_wrong_questions_are_refused(model):
    with pytest.raises(DataError, match="before and after, or units"):
        model.attribute("sales", before=chain(0))
    with pytest.raises(DataError, match="before and after, or units"):
        model.attribute("sales", before=chain(0), after=chain(0), units=chain(0))
    with pytest.raises(DataError, match="n_repeats"):
        model.attribute("sales", n_repeats=1)
